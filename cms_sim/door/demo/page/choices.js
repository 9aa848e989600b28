// The settings: a control for each, what it means, and whether it holds from tomorrow or from the next start.

import { make, say, whole } from "./words.js";

const GROUPS = {
  messengers: ["violence_interrupters", "outreach_workers", "hospital_responders", "supervisors", "credibility", "shift", "payment_delay_days"],
  services: ["employment_slots", "mental_health_slots", "trauma_counselling_slots", "school_mediation_slots", "legal_aid_slots"],
  violence: ["contagion"],
  start: ["residents", "conflicts_per_week", "coverage", "opens_after_days", "worse_before_opening", "seed"],
};
const PERCENT = ["credibility", "coverage"];
const STEPS = { contagion: 0.01, credibility: 0.05, coverage: 0.05, conflicts_per_week: 0.5, opens_after_days: 7, payment_delay_days: 10 };

export class Choices {
  // `choose(changes)` sends them; `again()` and `reset()` start again.
  constructor(root, choose, again, reset) {
    this.root = root;
    this.choose = choose;
    this.again = again;
    this.reset = reset;
    this.inputs = {};
  }

  build(limits) {
    this.limits = limits;
    this.inputs = {};
    this.restart = make("button", { type: "button", class: "main-button", onclick: this.again }, say("settings.again"));
    this.waits = make("p", { class: "waits", role: "status" });
    const groups = Object.entries(GROUPS).map(([group, names]) =>
      make("fieldset", {}, make("legend", {}, say(`group.${group}`)), ...names.map((name) => this.control(name))),
    );
    const back = make("button", { type: "button", onclick: this.reset }, say("settings.defaults"));
    this.root.replaceChildren(this.waits, make("div", { class: "row" }, this.restart, back), ...groups);
  }

  control(name) {
    const limit = this.limits[name];
    const input = limit.enum ? this.select(name, limit.enum) : limit.type === "boolean" ? this.box(name) : this.range(name, limit);
    input.id = `set-${name}`;
    input.setAttribute("aria-describedby", `about-${name}`);
    const shown = make("output", { for: input.id });
    const about = `${say(`about.${name}`)} ${say(limit.restart ? "settings.at_restart" : "settings.at_once")}`;
    const waiting = make("small", { class: "waits", hidden: true }, say("settings.waiting"));
    this.inputs[name] = { input, shown, waiting };
    const wrapped = make("div", { class: "setting" }, make("label", { for: input.id }, say(`set.${name}`)), shown, input);
    wrapped.append(make("small", { id: `about-${name}` }, about), waiting);
    return wrapped;
  }

  select(name, options) {
    const items = options.map((option) => make("option", { value: option }, typeof option === "number" ? whole(option) : say(`option.${option}`)));
    const number = typeof options[0] === "number";
    const select = make("select", {}, ...items);
    select.addEventListener("change", () => this.choose({ [name]: number ? Number(select.value) : select.value }));
    return select;
  }

  box(name) {
    const box = make("input", { type: "checkbox" });
    box.addEventListener("change", () => this.choose({ [name]: box.checked }));
    return box;
  }

  range(name, limit) {
    if (name === "seed") {
      const field = make("input", { type: "number", min: limit.minimum, max: limit.maximum, step: 1, required: true });
      field.addEventListener("change", () => field.reportValidity() && this.choose({ seed: Number(field.value) }));
      return field;
    }
    const input = make("input", { type: "range", min: limit.minimum, max: limit.maximum, step: STEPS[name] || 1 });
    input.addEventListener("input", () => this.say(name, Number(input.value)));
    input.addEventListener("change", () => this.choose({ [name]: Number(input.value) }));
    return input;
  }

  // Shows what is chosen, and marks what waits.
  show(settings, waiting) {
    for (const [name, { input, waiting: mark }] of Object.entries(this.inputs)) {
      const value = name in waiting ? waiting[name] : settings[name];
      if (input.type === "checkbox") input.checked = value;
      else if (document.activeElement !== input || input.type !== "number") input.value = value;
      this.say(name, value);
      mark.hidden = !(name in waiting);
    }
    const some = Object.keys(waiting).length > 0;
    this.waits.textContent = some ? say("settings.some_wait") : "";
    this.restart.textContent = say(some ? "settings.again_with" : "settings.again");
  }

  say(name, value) {
    const { input, shown } = this.inputs[name];
    const words = valueWords(name, value);
    shown.textContent = input.type === "range" ? words : "";
    if (input.type === "range") input.setAttribute("aria-valuetext", words);
  }
}

export function valueWords(name, value) {
  if (PERCENT.includes(name)) return `${whole(Math.round(value * 100))}%`;
  if (name === "contagion") return say("value.contagion", { n: whole(Math.round(value * 100)) });
  if (name === "opens_after_days" || name === "payment_delay_days") return say("value.days", { n: whole(value) });
  if (typeof value === "boolean") return say(value ? "value.yes" : "value.no");
  if (typeof value === "string") return say(`option.${value}`);
  return whole(value);
}

export const CHOICE_NAMES = Object.values(GROUPS).flat();
