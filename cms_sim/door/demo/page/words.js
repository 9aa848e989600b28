// Everything that is said, in the language chosen: texts come by name and are inserted as text, never as markup.

let spoken = {};
let language = "en";

export async function speak(wanted, fetched) {
  spoken = fetched || (await (await fetch(`words/${wanted}`)).json());
  language = wanted;
  document.documentElement.lang = wanted;
  for (const node of document.querySelectorAll("[data-w]")) node.textContent = say(node.dataset.w);
  for (const node of document.querySelectorAll("[data-w-label]")) node.setAttribute("aria-label", say(node.dataset.wLabel));
  document.title = say("page.title");
}

export function say(name, values = {}) {
  const text = spoken[name];
  if (text === undefined) return name;
  return text.replace(/\{(\w+)\}/g, (_, key) => (key in values ? String(values[key]) : ""));
}

// One form for exactly one, another for every other number.
export function count(name, number, values = {}) {
  return say(number === 1 ? `${name}_one` : name, { n: whole(number), ...values });
}

export function tongue() {
  return language;
}

export function whole(number) {
  return new Intl.NumberFormat(language).format(number).replace("-", "−");
}

export function dateWords(iso, style = "long") {
  const [year, month, day] = iso.split("-").map(Number);
  const long = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
  const short = { day: "numeric", month: "short", year: "numeric" };
  const format = new Intl.DateTimeFormat(language, { timeZone: "UTC", ...(style === "long" ? long : short) });
  return format.format(new Date(Date.UTC(year, month - 1, day)));
}

const FIRST = Date.UTC(2020, 6, 1);
const DAY_MS = 86400000;

// The calendar date of a day of the run, 0 the first.
export function isoOf(day) {
  return new Date(FIRST + day * DAY_MS).toISOString().slice(0, 10);
}

export function dayOf(iso) {
  return Math.round((Date.parse(`${iso}T00:00:00Z`) - FIRST) / DAY_MS);
}

// Small helper: an element with attributes, text and children; text is always text.
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function drawn(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
