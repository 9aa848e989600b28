// Playing: the page asks for the next days when it has drawn the last ones, so that it cannot fall behind.

export const SPEEDS = [0.5, 1, 2, 4, 7, 15, 30];
const MOST_AT_ONCE = 31;

export class Player {
  // `ask(question)` gives the server's answer; `shown(reply)` puts it on the page; `changed()` hears of play and pause.
  constructor(ask, shown, changed) {
    this.ask = ask;
    this.shown = shown;
    this.changed = changed;
    this.speed = SPEEDS[2];
    this.playing = false;
    this.until = null;
    this.wantsMap = () => false;
    this.busy = false;
    this.lived = Promise.resolve();
    this.tick = this.tick.bind(this);
  }

  play(until = null) {
    this.until = until;
    if (this.playing) return;
    this.playing = true;
    this.due = 1;
    this.clock = performance.now();
    this.changed();
    requestAnimationFrame(this.tick);
  }

  pause() {
    this.until = null;
    if (!this.playing) return;
    this.playing = false;
    this.changed();
  }

  tick(at) {
    if (!this.playing) return;
    // A tab that slept does not make up for it, and a slow machine plays slower.
    this.due = Math.min(this.due + ((at - this.clock) / 1000) * this.speed, Math.max(1.99, this.speed / 8));
    this.clock = at;
    if (this.due >= 1 && !this.busy) {
      const days = Math.min(Math.floor(this.due), MOST_AT_ONCE);
      this.due -= days;
      this.go(days);
    }
    requestAnimationFrame(this.tick);
  }

  // Lives some days, after those that are under way; resolves when they are on the page.
  go(days) {
    this.lived = this.lived.then(() => this.live(days));
    return this.lived;
  }

  async live(days) {
    this.busy = true;
    try {
      const left = this.until === null ? days : this.until - this.day;
      if (left <= 0) return this.arrive();
      const reply = await this.ask({ kind: "go", days: Math.min(days, left), map: this.wantsMap() });
      if (reply.kind !== "days") return this.pause();
      this.shown(reply);
      this.day = reply.now.day;
      if (reply.now.ended) this.arrive();
      else if (this.until !== null && this.day >= this.until) this.arrive();
    } catch (error) {
      // The line was lost: it is taken up again, and playing with it.
    } finally {
      this.busy = false;
    }
  }

  arrive() {
    const there = this.onArrived;
    this.onArrived = null;
    this.pause();
    if (there) there();
  }
}
