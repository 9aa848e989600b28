// A run that was recorded: answers as the server would, from what is in the page. Nothing else is needed to play it.

export class Replay {
  // `record`: scene (the first day's), days (one reply a day), families (by row on the right), roots (row on the left
  // to row on the right), mediated
  constructor(record) {
    this.record = record;
    this.memory = {};
    this.at = 0;
  }

  async open() {
    return this.sceneAt(0);
  }

  remember() {}

  async ask(question) {
    const { record } = this;
    if (question.kind === "go") return this.go(question.days);
    if (question.kind === "jump") return this.sceneAt(Math.min(question.day, record.days.length));
    if (question.kind === "mediated") return { kind: "mediated", ...record.mediated };
    if (question.kind === "others") return { kind: "others", ...record.others };
    if (question.kind === "family") {
      const row = question.side ? question.row : record.roots[question.row];
      const found = record.families[row];
      if (found) return { kind: "family", ...found };
      return { kind: "error", message: record.words["replay.no_tree"], remedy: "" };
    }
    return { kind: "error", message: record.words["replay.only"], remedy: "" };
  }

  go(days) {
    const to = Math.min(this.at + days, this.record.days.length);
    const parts = this.record.days.slice(this.at, to);
    this.at = to;
    if (!parts.length) return { ...emptyDays(this.now()), kind: "days" };
    const joined = emptyDays(parts[parts.length - 1].now);
    for (const part of parts) {
      for (const k of [0, 1]) {
        joined.looks[k].push(...part.looks[k]);
        joined.weeks[k].push(...part.weeks[k]);
        for (const kind of Object.keys(joined.events[k])) joined.events[k][kind].push(...part.events[k][kind]);
      }
    }
    joined.now = { ...joined.now, ended: this.at >= this.record.days.length };
    return joined;
  }

  now() {
    return this.at ? { ...this.record.days[this.at - 1].now, ended: this.at >= this.record.days.length } : this.record.scene.now;
  }

  // The picture after so many days, made from the first one and all that changed.
  sceneAt(day) {
    this.at = day;
    const { scene, days } = this.record;
    const looks = scene.looks.map((side) => side.slice());
    const weeks = scene.weeks.map((side) => side.slice());
    const open = [new Map(), new Map()];
    for (const part of days.slice(0, day)) {
      for (const k of [0, 1]) {
        for (let n = 0; n < part.looks[k].length; n += 2) looks[k][part.looks[k][n]] = part.looks[k][n + 1];
        weeks[k].push(...part.weeks[k]);
        for (const [row, a, b, cause] of part.events[k].opened) open[k].set(row, [row, a, b, cause, 0]);
        for (const [row, , result] of part.events[k].mediated) if (result && open[k].has(row)) open[k].get(row)[4] = result;
        for (const [row] of part.events[k].ended) open[k].delete(row);
      }
    }
    return { ...scene, looks, weeks, open: open.map((side) => [...side.values()]), now: this.now() };
  }
}

function emptyDays(now) {
  const events = () => ({ opened: [], ended: [], mediated: [], shot: [] });
  return { kind: "days", now, looks: [[], []], weeks: [[], []], events: [events(), events()] };
}
