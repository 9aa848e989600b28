// The line to the server: one question at a time has one answer. A lost line is taken up again from the run's recipe.

const KEY = "cms-sim-run";
const RETRY_MS = [300, 700, 1500, 3000, 5000];

export class Link {
  constructor(onState) {
    this.onState = onState;
    this.number = 0;
    this.waiting = new Map();
    this.tries = 0;
    this.live = true;
    this.kept = {};
    this.memory = read();
  }

  // Opens the line; resolves with the first scene.
  async open() {
    for (;;) {
      try {
        await this.connect();
        const scene = await this.ask({ kind: "hello", recipe: this.memory.recipe || null, kept: this.memory.kept || {} });
        if (scene.kind === "error") {
          // What was remembered cannot be used: begin anew.
          this.memory = {};
          return await this.ask({ kind: "hello" });
        }
        this.tries = 0;
        this.onState("open");
        return scene;
      } catch (error) {
        this.onState(this.full ? "full" : "lost");
        await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)]));
      }
    }
  }

  connect() {
    return new Promise((done, fail) => {
      const socket = new WebSocket(`ws://${location.host}/play`);
      socket.onopen = () => done();
      socket.onmessage = (event) => this.hear(JSON.parse(event.data));
      socket.onclose = (event) => {
        this.full = event.code === 4429;
        const lost = [...this.waiting.values()];
        this.waiting.clear();
        fail(new Error("closed"));
        const wasOpen = this.socket === socket;
        if (wasOpen) this.socket = null;
        for (const { fail: give } of lost) give(new Error("lost"));
        if (wasOpen && this.onLost) this.onLost();
      };
      this.socket = socket;
    });
  }

  // Sends a question; the promise has its answer, or fails when the line is lost.
  ask(question) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return Promise.reject(new Error("lost"));
    const re = ++this.number;
    return new Promise((done, fail) => {
      this.waiting.set(re, { done, fail });
      this.socket.send(JSON.stringify({ ...question, re }));
    });
  }

  hear(reply) {
    if (reply.recipe) this.memory.recipe = reply.recipe;
    if (reply.kept) this.memory.kept = reply.kept;
    if (reply.now && this.memory.recipe) this.memory.recipe.day = reply.now.day;
    const asked = this.waiting.get(reply.re);
    this.waiting.delete(reply.re);
    if (asked) asked.done(reply);
  }

  // Kept for a reload of this tab, and gone with it.
  remember(more = {}) {
    Object.assign(this.memory, more);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(this.memory));
    } catch (error) {
      // A browser without room for it only loses the reload.
    }
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) || {};
  } catch (error) {
    return {};
  }
}
