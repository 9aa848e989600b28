// Running charts, both sides in each: six small ones, a line each side, drawn as SVG and told as a table.

import { drawn, isoOf, dateWords, make, say, whole } from "./words.js";

const COLUMNS = ["victims", "fewer", "open", "mediations", "norm", "trust"];
const AT = { victims: 0, open: 2, mediations: 3, norm: 4, trust: 5 };
const W = 520;
const H = 156;
const PAD = { left: 62, right: 14, top: 12, bottom: 34 };
const MOST_POINTS = 220;

export class Charts {
  constructor(root) {
    this.root = root;
    this.figures = {};
  }

  build() {
    this.root.replaceChildren();
    const grid = make("div", { class: "chart-grid" });
    for (const name of COLUMNS) {
      const svg = drawn("svg", { viewBox: `0 0 ${W} ${H}`, role: "img" });
      const figure = make("section", { class: "chart" }, make("h2", {}, say(`chart.${name}`)), svg);
      this.figures[name] = svg;
      grid.append(figure);
    }
    this.table = make("table");
    const room = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("chart.table") }, this.table);
    const details = make("details", {}, make("summary", {}, say("chart.table")), room);
    details.addEventListener("toggle", () => this.tell());
    this.root.append(this.key(), grid, details);
  }

  key() {
    const line = (dash, colour, words) => {
      const svg = drawn("svg", { viewBox: "0 0 40 12", width: 40, height: 12, "aria-hidden": "true" });
      svg.append(drawn("path", { d: "M0 6H40", stroke: colour, "stroke-width": 4, "stroke-dasharray": dash }));
      return make("li", { class: "row" }, svg, words);
    };
    const list = make("ul", { class: "row" }, line("7 4", "#1b1b1b", say("side.left")), line("none", "#0072b2", say("side.right")));
    list.style.listStyle = "none";
    return list;
  }

  draw(weeks) {
    if (!this.figures.victims) this.build();
    this.weeks = weeks;
    for (const name of COLUMNS) this.drawOne(name, seriesOf(name, weeks));
    this.tell();
  }

  drawOne(name, series) {
    const svg = this.figures[name];
    const all = series.flatMap((line) => line.values);
    const percent = name === "norm" || name === "trust";
    const low = Math.min(0, ...all);
    const high = percent ? Math.max(0.6, ...all) : Math.max(5, ...all);
    const ticks = ticksOf(low, high);
    const top = Math.max(high, ticks[ticks.length - 1]);
    const count = series[0].values.length;
    const x = (n) => PAD.left + ((W - PAD.left - PAD.right) * n) / Math.max(1, count - 1);
    const y = (value) => PAD.top + (H - PAD.top - PAD.bottom) * (1 - (value - low) / (top - low));
    svg.replaceChildren();
    for (const tick of ticks) {
      svg.append(drawn("path", { d: `M${PAD.left} ${y(tick)}H${W - PAD.right}`, stroke: tick === 0 ? "#767676" : "#dddddd" }));
      const words = percent ? `${whole(Math.round(tick * 100))}%` : whole(tick);
      svg.append(drawn("text", { x: PAD.left - 8, y: y(tick) + 6, "text-anchor": "end", "font-size": 18 }, words));
    }
    if (count > 1) {
      svg.append(drawn("text", { x: PAD.left, y: H - 8, "font-size": 18 }, dateWords(isoOf(0), "short")));
      const last = drawn("text", { x: W - PAD.right, y: H - 8, "font-size": 18, "text-anchor": "end" }, dateWords(isoOf((count - 1) * 7), "short"));
      svg.append(last);
    }
    for (const line of series) {
      const points = thinned(line.values).map(([n, value]) => `${x(n).toFixed(1)} ${y(value).toFixed(1)}`);
      svg.append(drawn("path", { d: `M${points.join("L")}`, fill: "none", stroke: line.colour, "stroke-width": 3.5, "stroke-dasharray": line.dash, "stroke-linejoin": "round" }));
    }
    const ends = series.map((line) => `${line.words}: ${shown(line.values[count - 1] || 0, percent)}`).join("; ");
    svg.setAttribute("aria-label", `${say(`chart.${name}`)}. ${ends}`);
  }

  // Every thirteenth week and the last, in figures.
  tell() {
    const { weeks } = this;
    if (!this.table.closest("details").open) return;
    const head = make("tr", {}, make("th", { scope: "col" }, say("chart.date")));
    for (const name of COLUMNS) {
      const both = name === "fewer" || name === "mediations" ? [""] : [say("chart.without"), say("chart.with")];
      for (const side of both) head.append(make("th", { scope: "col" }, `${say(`chart.${name}`)} ${side}`.trim()));
    }
    const rows = [];
    const last = weeks[0].length - 1;
    for (let n = 0; n <= last; n += n + 13 > last && n !== last ? last - n : 13) {
      const row = make("tr", {}, make("th", { scope: "row" }, dateWords(isoOf(n * 7), "short")));
      for (const name of COLUMNS) {
        for (const line of seriesOf(name, weeks)) row.append(make("td", {}, shown(line.values[n], name === "norm" || name === "trust")));
      }
      rows.push(row);
    }
    this.table.replaceChildren(make("caption", {}, say("chart.caption")), make("thead", {}, head), make("tbody", {}, ...rows));
  }
}

function shown(value, percent) {
  return percent ? `${whole(Math.round(value * 100))}%` : whole(value);
}

function seriesOf(name, weeks) {
  const left = { colour: "#1b1b1b", dash: "9 5", words: say("side.left") };
  const right = { colour: "#0072b2", dash: "none", words: say("side.right") };
  if (name === "fewer") return [{ ...right, words: say("chart.fewer"), values: weeks[0].map((line, n) => line[0] - weeks[1][n][0]) }];
  const lines = [left, right].map((line, k) => ({ ...line, values: weeks[k].map((week) => week[AT[name]]) }));
  return name === "mediations" ? lines.slice(1) : lines;
}

function ticksOf(low, high) {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 0.001; tick += step) ticks.push(Number(tick.toFixed(6)));
  return ticks;
}

function thinned(values) {
  const every = Math.max(1, Math.ceil(values.length / MOST_POINTS));
  const kept = [];
  values.forEach((value, n) => {
    if (n % every === 0 || n === values.length - 1) kept.push([n, value]);
  });
  return kept;
}
