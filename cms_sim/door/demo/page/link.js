// The line to the server: one question at a time has one answer. A lost line is taken up again from the run's recipe.

const KEY = "cms-sim-run";
const FULL_HOUSE = 4429;
const RETRY_MS = [300, 700, 1500, 3000, 5000];

export class Link {
  constructor(onState) {
    this.onState = onState;
    this.number = 0;
    this.waiting = new Map();
    this.tries = 0;
    this.ready = false;
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
          throw new Error("memory");
        }
        this.tries = 0;
        this.ready = true;
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
      let opened = false;
      socket.onopen = () => {
        opened = true;
        this.socket = socket;
        done();
      };
      socket.onmessage = (event) => this.hear(JSON.parse(event.data));
      socket.onclose = (event) => {
        this.full = event.code === FULL_HOUSE;
        if (!opened) return fail(new Error("lost"));
        this.socket = null;
        const lost = [...this.waiting.values()];
        this.waiting.clear();
        for (const { fail: give } of lost) give(new Error("lost"));
        if (this.ready) this.onLost();
        this.ready = false;
      };
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
