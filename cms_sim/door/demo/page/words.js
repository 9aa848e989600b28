// Everything that is said, in the language chosen: texts come by name and are inserted as text, never as markup.

let spoken = {};
let language = "en";
let numbers, dates; // made once for a language: making one takes longer than using it a hundred times

export async function speak(wanted, fetched) {
  spoken = fetched || (await (await fetch(`words/${wanted}`)).json());
  language = wanted;
  numbers = new Intl.NumberFormat(wanted);
  dates = { short: dateFormat({}), long: dateFormat({ weekday: "short" }) };
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

// What went wrong and what to do, in the page's language; what its words do not know is told as it came.
export function faultWords({ name, values, message, remedy }) {
  if (!(`error.${name}` in spoken)) return `${message} ${remedy}`;
  const named = {};
  for (const [key, value] of Object.entries(values)) named[key] = faultValue(key, value);
  return `${say(`error.${name}`, named)} ${say(`error.${name}_remedy`, named)}`;
}

function faultValue(key, value) {
  if (key === "setting") return say(`set.${value}`);
  if (key === "options") return value.map((option) => spoken[`option.${option}`] || option).join(", ");
  return typeof value === "number" ? whole(value) : value;
}

// One form for exactly one, another for every other number.
export function count(name, number, values = {}) {
  return say(number === 1 ? `${name}_one` : name, { n: whole(number), ...values });
}

export function tongue() {
  return language;
}

export function whole(number) {
  return numbers.format(number).replace("-", "−");
}

export function dateWords(iso, style = "long") {
  const [year, month, day] = iso.split("-").map(Number);
  return dates[style].format(new Date(Date.UTC(year, month - 1, day)));
}

function dateFormat(more) {
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", ...more });
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
