// The family tree of a conflict: what it grew into without the programme, and never became with it.

import { count, dateWords, drawn, isoOf, make, say, whole } from "./words.js";

const COOLED = 1;
const GOOD = 2;
const NOW = 3;
const CAUSES = ["background", "retaliation", "contagion", "background"];

// The whole answer in words first, then the picture, then the same as a list.
export function familyView(found) {
  const view = make("div");
  for (const sentence of sentencesOf(found)) view.append(make("p", { class: "finding" }, sentence));
  if (found.shootings) {
    const picture = make("div", { class: "scroll" }, treeOf(found));
    view.append(picture, make("p", { class: "quiet" }, say("tree.legend")), toldLater(found));
  }
  return view;
}

function sentencesOf(found) {
  const sentences = [];
  const { left, right, attempts } = found;
  const first = right || left;
  sentences.push(say("tree.opened", { date: dateWords(isoOf(first.opened), "short"), relation: say(`relation.${first.relation}`) }));
  if (right && attempts.length) {
    const last = attempts[attempts.length - 1];
    sentences.push(count("tree.attempts", attempts.length, { result: say(`result.${last.result}`), date: dateWords(isoOf(last.day), "short") }));
  } else if (right) sentences.push(say("tree.not_mediated"));
  if (right) sentences.push(say(`tree.right_${ending(right)}`, dated(right)));
  else sentences.push(say("tree.right_never"));
  if (!left) sentences.push(say("tree.left_never"));
  else if (!left.shooting) sentences.push(say(left.outcome === COOLED ? "tree.left_cooled" : "tree.left_open"));
  else {
    const people = count("count.shot", found.victims);
    const died = count("count.died", found.killed);
    sentences.push(count("tree.grew", found.shootings, { people, died }));
    const both = found.shootings - found.only_left;
    sentences.push(both ? say("tree.both", { n: whole(found.only_left), both: whole(both) }) : count("tree.none_right", found.only_left));
  }
  return sentences;
}

function ending(conflict) {
  if (conflict.shooting) return "shot";
  if (conflict.outcome === GOOD) return "good";
  if (conflict.outcome === NOW) return "now";
  return conflict.outcome === COOLED ? "cooled" : "open";
}

function dated(conflict) {
  return { date: dateWords(isoOf(conflict.head), "short") };
}

// Time runs to the right, each line of descent downwards.
function treeOf(found) {
  const nodes = found.nodes;
  const from = nodes[0].head;
  const to = Math.max(from + 30, ...nodes.map((node) => node.head));
  const width = 1100;
  const x = (day) => 40 + ((width - 290) * (day - from)) / (to - from);
  const lane = lanesOf(nodes, x);
  const height = 84 * (Math.max(...lane.values()) + 1) + 30;
  const y = (row) => 42 + 84 * lane.get(row);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": say("tree.picture", { n: whole(found.shootings) }) });
  svg.style.minWidth = "46rem";
  for (const node of nodes.slice(1)) {
    const parent = nodes.find((each) => each.row === node.parent) || nodes[0];
    const [x0, y0, x1, y1] = [x(parent.head), y(parent.row), x(node.head), y(node.row)];
    const dash = node.cause === 1 ? "none" : "4 8";
    const path = `M${x0} ${y0}V${y1}H${x1}`;
    svg.append(drawn("path", { d: path, fill: "none", stroke: "#1b1b1b", "stroke-width": 3, "stroke-dasharray": dash, "stroke-linecap": "round" }));
  }
  for (const node of nodes) {
    svg.append(starAt(x(node.head), y(node.row), 20, node.on_right));
    const text = drawn("text", { x: x(node.head) + 28, y: y(node.row) - 8, class: "label", "font-size": 20, "font-weight": 700 }, dateWords(isoOf(node.head), "short"));
    const detail = drawn("text", { x: x(node.head) + 28, y: y(node.row) + 25, class: "label", "font-size": 20 }, harmOf(node));
    svg.append(text, detail);
  }
  return svg;
}

// Each node on the first lane, from its parent's down, where no earlier label is in the way.
function lanesOf(nodes, x) {
  const lane = new Map();
  const taken = [];
  for (const node of [...nodes].sort((a, b) => a.head - b.head || a.row - b.row)) {
    let at = lane.get(node.parent) || 0;
    while (taken[at] !== undefined && x(node.head) < taken[at] + 30) at += 1;
    lane.set(node.row, at);
    taken[at] = x(node.head) + 250;
  }
  return lane;
}

export function starAt(x, y, radius, hollow) {
  const points = [];
  for (let k = 0; k < 16; k++) {
    const reach = k % 2 ? radius * 0.5 : radius;
    points.push(`${(x + reach * Math.cos((Math.PI * k) / 8)).toFixed(1)},${(y + reach * Math.sin((Math.PI * k) / 8)).toFixed(1)}`);
  }
  const look = hollow ? { fill: "#ffffff", stroke: "#0072b2" } : { fill: "#d55e00", stroke: "#ffffff" };
  return drawn("polygon", { points: points.join(" "), "stroke-width": 3, ...look });
}

function harmOf(node) {
  return node.killed ? `${count("count.shot", node.victims)}, ${count("count.died", node.killed)}` : count("count.shot", node.victims);
}

// The list is made when it is opened: the picture need not wait for it.
function toldLater(found) {
  const details = make("details", {}, make("summary", {}, say("tree.list")));
  details.addEventListener("toggle", () => details.append(listOf(found)), { once: true });
  return details;
}

function listOf(found) {
  const items = found.nodes.map((node) => {
    const cause = say(`cause.${CAUSES[node.cause]}`);
    const right = node.on_right ? say("tree.also_right") : say("tree.not_right");
    return make("li", {}, `${dateWords(isoOf(node.head), "short")}: ${cause}; ${harmOf(node)}; ${right}`);
  });
  return make("ol", {}, ...items);
}
