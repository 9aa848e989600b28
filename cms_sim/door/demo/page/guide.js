// Lessons: one step after the other, each set up, played, asked and answered from the run.

import { make, say, tongue } from "./words.js";

export class Guide {
  // `page`: start(changes), change(changes), runTo(day, there), stop(), view(name), frame(places), ask(question),
  // remember(where): keeps lesson and step for a reload, null for none
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.lesson = null;
  }

  // The list to choose from.
  async list(listed) {
    this.listed = listed || (await (await fetch(`lessons/${tongue()}`)).json());
    if (this.lesson) return this.reopen();
    this.showList();
  }

  showList() {
    this.lesson = null;
    this.page.frame([]);
    const cards = this.listed.map(({ name, title, summary }) =>
      make("button", { type: "button", class: "card", "data-lesson": name, onclick: () => this.begin(name) }, make("strong", {}, title), summary),
    );
    this.root.replaceChildren(make("p", {}, say("lesson.choose")), ...cards);
  }

  async begin(name) {
    const lesson = await this.page.ask({ kind: "lesson", name, language: tongue() });
    if (lesson.kind !== "lesson") return;
    this.lesson = lesson;
    this.at = 0;
    await this.page.start(lesson.settings, true);
    this.enter();
  }

  // The page was loaded again in mid-lesson: the same step, and the days that it still has to go.
  async takeUp(place) {
    if (!place) return;
    const lesson = await this.page.ask({ kind: "lesson", name: place.name, language: tongue() });
    if (lesson.kind !== "lesson" || place.at >= lesson.steps.length) return this.leave();
    this.lesson = lesson;
    this.at = place.at;
    await this.goOn(place.done);
  }

  // The language was changed within a lesson: the same step in other words.
  async reopen() {
    const lesson = await this.page.ask({ kind: "lesson", name: this.lesson.name, language: tongue() });
    if (lesson.kind !== "lesson") return this.showList();
    this.lesson = lesson;
    await this.show(this.done);
  }

  async enter() {
    const step = this.lesson.steps[this.at];
    const mark = (this.mark = {});
    this.done = false;
    if (step.start_again) await this.page.start(step.start_again, false);
    if (step.change) await this.page.change(step.change);
    if (mark !== this.mark) return; // left meanwhile
    await this.goOn(false);
    this.heading.focus();
  }

  // Shows the step, and plays to its day unless it is done.
  async goOn(done) {
    const step = this.lesson.steps[this.at];
    const mark = (this.mark = {});
    if (step.view) this.page.view(step.view);
    this.page.frame(step.highlight);
    await this.show(done);
    if (done) return;
    if (step.run_to_day) this.page.runTo(step.run_to_day, () => mark === this.mark && this.finish(step));
    else await this.finish(step);
  }

  async finish(step) {
    if (step.keep) await this.page.ask({ kind: "keep", name: step.keep, others: step.others });
    this.done = true;
    await this.show(true);
  }

  async show(done) {
    const { lesson, at } = this;
    const step = lesson.steps[at];
    this.done = done;
    this.page.remember({ name: lesson.name, at, done });
    const of = { n: at + 1, of: lesson.steps.length };
    this.heading = make("h2", { tabindex: "-1" }, lesson.title);
    const parts = [this.heading, make("p", { class: "quiet" }, say("lesson.step", of))];
    const told = await this.words("say", step.say);
    if (told) parts.push(make("p", { class: "lesson-text" }, told));
    if (!done) parts.push(make("p", { class: "quiet", role: "status" }, say("lesson.running")));
    if (!done) parts.push(make("button", { type: "button", onclick: () => this.page.skip() }, say("lesson.skip")));
    if (done && step.ask) parts.push(make("p", { class: "ask" }, await this.words("ask", true)));
    this.root.replaceChildren(...parts);
    if (done) this.root.append(...(await this.afterwards(step)));
    this.root.append(make("button", { type: "button", onclick: () => this.leave() }, say("lesson.leave")));
  }

  async afterwards(step) {
    const last = this.at === this.lesson.steps.length - 1;
    const on = make("button", { type: "button", class: "main-button", onclick: () => this.next() }, say(last ? "lesson.end" : "lesson.next"));
    on.addEventListener("click", () => (on.disabled = true)); // pressed twice, it would leave out a step
    const row = make("div", { class: "row" }, on);
    if (!step.answers) return [row];
    if (!step.ask) return [make("p", { class: "shown" }, await this.words("answer", true)), row];
    const shown = make("p", { class: "shown", hidden: true, tabindex: "-1" });
    const button = make("button", { type: "button", class: "main-button" }, say("lesson.answer"));
    button.addEventListener("click", async () => {
      shown.textContent = await this.words("answer", true);
      shown.hidden = false;
      button.replaceWith(on);
      shown.focus();
      on.scrollIntoView({ block: "nearest" });
    });
    return [shown, make("div", { class: "row" }, button)];
  }

  async words(part, any) {
    if (!any) return "";
    const { name } = this.lesson;
    const reply = await this.page.ask({ kind: "fill", name, step: this.at, part, language: tongue() });
    return reply.kind === "filled" ? reply.text : "";
  }

  next() {
    if (this.at + 1 >= this.lesson.steps.length) return this.leave();
    this.at += 1;
    return this.enter();
  }

  leave() {
    this.mark = {};
    this.page.stop();
    this.page.remember(null);
    this.showList();
  }
}
