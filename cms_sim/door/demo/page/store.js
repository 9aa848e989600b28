// What the page knows of the two neighbourhoods. Scenes replace it, days change it.

export const SHOOTING = 4;
export const WOUNDED = 32;
export const DEAD = 64;
export const KNOWN = 16;
export const PARTICIPANT = 8;
const MOST_MARKS = 400;
const MOST_TOLD = 60;

export class Store {
  constructor() {
    this.sides = [blank(), blank()];
    this.place = null;
    this.now = null;
    this.weeks = [[], []];
    this.told = [];
  }

  apply(reply) {
    if (reply.kind === "scene") this.replace(reply);
    else if (reply.kind === "days") this.goOn(reply);
    if (reply.settings) this.settings = reply.settings;
    if (reply.waiting) this.waiting = reply.waiting;
    if (reply.limits) this.limits = reply.limits;
    if (reply.map) this.map = reply.map;
  }

  replace(scene) {
    if (scene.place) this.place = scene.place;
    this.now = scene.now;
    this.weeks = scene.weeks.map((lines) => lines.slice());
    this.told = [];
    scene.looks.forEach((looks, k) => {
      this.sides[k] = { ...blank(), looks: Uint8Array.from(looks) };
      for (const [row, a, b, cause, standing] of scene.open[k]) this.sides[k].open.set(row, { a, b, cause, standing });
    });
    this.map = null;
  }

  goOn(days) {
    this.now = days.now;
    const at = performance.now();
    days.weeks.forEach((lines, k) => this.weeks[k].push(...lines));
    days.events.forEach((events, k) => this.happen(k, events, at));
    days.looks.forEach((pairs, k) => {
      for (let n = 0; n < pairs.length; n += 2) this.sides[k].looks[pairs[n]] = pairs[n + 1];
    });
    this.told.sort((one, other) => one.day - other.day || one.hour - other.hour);
    if (this.told.length > MOST_TOLD) this.told.splice(0, this.told.length - MOST_TOLD);
  }

  happen(k, events, at) {
    const side = this.sides[k];
    for (const [row, a, b, cause] of events.opened) side.open.set(row, { a, b, cause, standing: 0 });
    for (const [row, post, result, hour, day] of events.mediated) {
      const conflict = side.open.get(row);
      if (!conflict) continue;
      conflict.standing = result || conflict.standing;
      side.marks.push({ kind: "mediated", row, a: conflict.a, b: conflict.b, post, result, at });
      this.told.push({ kind: "mediated", side: k, row, result, hour, day });
    }
    for (const shot of events.shot) this.shoot(k, shot, at);
    for (const [row] of events.ended) side.open.delete(row);
    if (side.marks.length > MOST_MARKS) side.marks.splice(0, side.marks.length - MOST_MARKS);
  }

  shoot(k, [row, day, hour, a, victims, killed, why, twin], at) {
    const side = this.sides[k];
    side.marks.push({ kind: "shot", row, a, victims, killed, at, why });
    this.told.push({ kind: "shot", side: k, row, day, hour, victims: victims.length, killed, why, twin });
    // What did not happen on the right is shown there where it happened on the left.
    if (k === 0 && why !== 0) this.sides[1].marks.push({ kind: "averted", row: twin, left: row, a, victims, at, why });
  }
}

function blank() {
  return { looks: new Uint8Array(0), open: new Map(), marks: [] };
}
