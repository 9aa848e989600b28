// The same in words: counters, what happened, the conflicts that were mediated. All that the pictures show is here too.

import { count, dateWords, drawn, isoOf, make, say, whole } from "./words.js";
import { starAt } from "./tree.js";

export function drawCounts(list, side, counted, now) {
  const shown = side
    ? ["victims", "killed", "open", "mediations"]
    : ["victims", "killed", "open"];
  if (list.childElementCount !== shown.length) list.replaceChildren(...shown.map(() => make("div", {}, make("dt"), make("dd"))));
  shown.forEach((name, n) => {
    const [label, value] = list.children[n].children;
    label.textContent = say(`counter.${name}`);
    value.textContent = whole(counted[name]);
  });
  list.classList.toggle("closed", Boolean(side && !now.site_open));
}

export function drawFewer(now) {
  const number = now.fewer_victims;
  document.getElementById("fewer").classList.toggle("more", number < 0);
  document.getElementById("fewer-number").textContent = whole(Math.abs(number));
  document.getElementById("fewer-label").textContent = say(number < 0 ? "fewer.more" : Math.abs(number) === 1 ? "fewer.fewer_one" : "fewer.fewer");
  document.getElementById("fewer-detail").textContent = say("fewer.detail", { averted: whole(now.averted), added: whole(now.added), both: whole(now.in_both) });
}

// One sentence for those who hear the page.
export function spoken(now) {
  const date = dateWords(now.date);
  return say("said.now", { date, left: whole(now.left.victims), right: whole(now.right.victims), open_left: whole(now.left.open), open_right: whole(now.right.open) });
}

// The days' events as a list, the latest first; each leads to its family tree.
export function toldView(store, open) {
  const items = store.told.slice(-30).reverse().map((event) => {
    const where = say(event.side ? "side.right" : "side.left");
    const date = dateWords(isoOf(event.day), "short");
    const what = event.kind === "shot" ? shotWords(event) : say(`event.mediated_${event.result}`);
    const button = make("button", { type: "button", class: "card", onclick: () => open(event.side, event.row) }, make("strong", {}, `${date}, ${event.hour}:00 · ${where}`), what);
    return make("li", {}, button);
  });
  const list = make("ul", { class: "plain" }, ...items);
  return [make("p", {}, spoken(store.now)), make("p", { class: "quiet" }, say("event.hint")), items.length ? list : make("p", {}, say("event.none"))];
}

function shotWords(event) {
  const harm = event.killed ? `${count("count.shot", event.victims)}, ${count("count.died", event.killed)}` : count("count.shot", event.victims);
  const there = event.side ? (event.why === 0 ? "event.right_both" : "event.right_only") : `event.left_${event.why}`;
  return `${harm}. ${say(there)}`;
}

// The mediated conflicts that grew furthest on the other side.
export function mediatedView(found, open) {
  const cards = found.listed.map((each) => {
    const harm = `${count("count.shot", each.victims)}${each.killed ? `, ${count("count.died", each.killed)}` : ""}`;
    const words = count("list.grew", each.shootings, { harm });
    const card = make("button", { type: "button", class: "card", "data-row": each.row, onclick: () => open(1, each.row) });
    card.append(make("strong", {}, say("list.opened", { date: dateWords(isoOf(each.opened), "short") })), words);
    return make("li", {}, card);
  });
  const list = make("ul", { class: "plain" }, ...cards);
  const summary = say("list.summary", { mediated: whole(found.mediated), grew: whole(found.would_have_been), cooled: whole(found.cooled_anyway) });
  return [make("p", {}, summary), make("p", { class: "quiet" }, say("list.hint")), cards.length ? list : make("p", {}, say("list.none"))];
}

// How other dice fell: a dot for each, and the numbers.
export function luckView(found, now) {
  const words = say("luck.words", { n: found.others, some: found.others_fewer, mean: whole(found.others_fewer_mean), low: whole(found.others_fewer_low), high: whole(found.others_fewer_high), here: whole(now.fewer_victims) });
  const values = found.others_each;
  const low = Math.min(0, now.fewer_victims, ...values);
  const high = Math.max(1, now.fewer_victims, ...values);
  const x = (value) => 40 + (920 * (value - low)) / (high - low);
  const placeOf = (value) => Math.round((x(value) - x(0)) / 16);
  const most = Math.max(...values.map((value) => values.filter((other) => placeOf(other) === placeOf(value)).length));
  const ground = Math.max(100, 17 * most + 14); // every dot is seen, also where all of them are alike
  const svg = drawn("svg", { viewBox: `0 0 1000 ${ground + 50}`, role: "img", "aria-label": words });
  svg.append(drawn("path", { d: `M30 ${ground}H970`, stroke: "#767676", "stroke-width": 2 }));
  svg.append(drawn("path", { d: `M${x(0)} 20V${ground}`, stroke: "#1b1b1b", "stroke-width": 2 }));
  const seen = new Map();
  for (const value of values) {
    const place = placeOf(value);
    seen.set(place, (seen.get(place) || 0) + 1);
    svg.append(drawn("circle", { cx: x(0) + place * 16, cy: ground + 4 - 17 * seen.get(place), r: 8, fill: "#56b4e9", stroke: "#0072b2", "stroke-width": 2 }));
  }
  svg.append(drawn("path", { d: `M${x(now.fewer_victims)} ${ground + 4}l10 18h-20z`, fill: "#1b1b1b" }));
  for (const value of new Set([low, 0, high])) svg.append(drawn("text", { x: x(value), y: ground + 44, "text-anchor": "middle", "font-size": 24 }, whole(value)));
  const { others_left_mean: without, others_right_mean: there } = found;
  const change = without ? say("luck.change", { change: whole(Math.round((100 * (there - without)) / without)) }) : "";
  const real = make("p", {}, `${change} ${say("luck.real")}`);
  return make("div", {}, make("p", { class: "finding" }, words), svg, make("p", { class: "quiet" }, say("luck.legend")), real);
}

const SIGNS = {
  person: () => [dot(11, 12, 5, "#c4c4c4")],
  street: () => [dot(11, 12, 7, "#8f8f8f")],
  exposed: () => [dot(11, 12, 8, "#c7739f"), dot(11, 12, 3, "#ffffff")],
  conflict: () => [line("#a06a00", 7), line("#e69f00", 4)],
  settled: () => [line("#0072b2", 7)],
  shooting: () => [starAt(12, 12, 12, false)],
  averted: () => [starAt(12, 12, 10, true)],
  messenger: () => [drawn("rect", { x: 3, y: 3, width: 18, height: 18, fill: "#0072b2" }), letter("I")],
  participant: () => [dot(12, 12, 4, "#8f8f8f"), drawn("circle", { cx: 12, cy: 12, r: 8.5, fill: "none", stroke: "#009e73", "stroke-width": 3.5 })],
  known: () => [dot(11, 12, 7, "#4f6f86")],
  wounded: () => [dot(12, 12, 5, "#8f8f8f"), drawn("circle", { cx: 12, cy: 12, r: 8, fill: "none", stroke: "#d55e00", "stroke-width": 2.5 })],
  dead: () => [drawn("path", { d: "M5 5L19 19M19 5L5 19", stroke: "#1b1b1b", "stroke-width": 3.5 })],
};

function dot(x, y, r, fill) {
  return drawn("circle", { cx: x, cy: y, r, fill });
}

function line(stroke, width) {
  return drawn("path", { d: "M3 18L21 6", stroke, "stroke-width": width, "stroke-linecap": "round" });
}

function letter(text) {
  const node = drawn("text", { x: 12, y: 17.5, "text-anchor": "middle", "font-size": 15, "font-weight": 700 }, text);
  node.style.fill = "#ffffff";
  return node;
}

export function drawLegend(list) {
  const items = Object.entries(SIGNS).map(([name, parts]) => {
    const sign = drawn("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, ...parts());
    return make("li", {}, sign, say(`legend.${name}`));
  });
  list.replaceChildren(...items);
}
