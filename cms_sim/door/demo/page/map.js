// The city's precincts as tiles, each about where it lies, with people shot so far under both plans.

import { drawn, make, say, whole } from "./words.js";

const TILE = 92;
const STEPS = ["#d55e00", "#f3b58a", "#f7f7f7", "#8cc0e0", "#0072b2", "#003f66"];

export class CityMap {
  constructor(root) {
    this.root = root;
  }

  settle(tiles) {
    this.tiles = tiles;
    const places = [...tiles.precincts.map(([number, , row, column]) => [number, row, column]), ...tiles.others];
    const rows = places.map(([, row]) => row);
    const columns = places.map(([, , column]) => column);
    const width = (Math.max(...columns) + 1) * TILE;
    const height = (Math.max(...rows) + 1) * TILE;
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    for (const [number, row, column] of tiles.others) {
      svg.append(drawn("rect", { x: column * TILE, y: row * TILE, width: TILE - 6, height: TILE - 6, fill: "#ececec" }));
      svg.append(drawn("text", { x: column * TILE + 43, y: row * TILE + 50, "text-anchor": "middle", "font-size": 22, fill: "#6a6a6a" }, String(number)));
    }
    this.marks = tiles.precincts.map(([number, , row, column]) => {
      const x = column * TILE;
      const y = row * TILE;
      const box = drawn("rect", { x, y, width: TILE - 6, height: TILE - 6, stroke: "#767676", "stroke-width": 2 });
      const name = drawn("text", { x: x + 43, y: y + 30, "text-anchor": "middle", "font-size": 22, "font-weight": 700 }, String(number));
      const change = drawn("text", { x: x + 43, y: y + 72, "text-anchor": "middle", "font-size": 34 }, "0");
      svg.append(box, name, change);
      return { box, name, change };
    });
    this.total = make("p", { class: "finding" });
    this.table = make("table");
    const words = make("div", { class: "map-words" }, this.total, make("p", { class: "quiet" }, say("map.note")));
    this.root.replaceChildren(svg, words);
    const details = make("details", {}, make("summary", {}, say("map.table")), this.table);
    details.addEventListener("toggle", () => this.tell());
    words.append(details);
  }

  draw(counts) {
    if (!this.tiles || !counts) return;
    this.counts = counts;
    const [without, withIt] = counts;
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    this.total.textContent = say("map.total", { left: whole(sum(without)), right: whole(sum(withIt)), fewer: whole(sum(without) - sum(withIt)) });
    this.marks.forEach(({ box, name, change }, k) => {
      const fewer = without[k] - withIt[k];
      const colour = fewer < -4 ? 0 : fewer < 0 ? 1 : fewer === 0 ? 2 : fewer < 5 ? 3 : fewer < 25 ? 4 : 5;
      box.setAttribute("fill", STEPS[colour]);
      const ink = colour >= 4 ? "#ffffff" : "#1b1b1b";
      name.style.fill = change.style.fill = ink;
      change.textContent = fewer < 0 ? `+${whole(-fewer)}` : fewer > 0 ? `−${whole(fewer)}` : "0";
    });
    this.tell();
  }

  tell() {
    if (!this.counts || !this.table.closest("details").open) return;
    const head = make("tr", {}, ...["precinct", "without", "with", "fewer"].map((name) => make("th", { scope: "col" }, say(`map.${name}`))));
    const rows = this.tiles.precincts.map(([number, name], k) => {
      const [a, b] = [this.counts[0][k], this.counts[1][k]];
      const site = this.tiles.sites.includes(number) ? "" : ` (${say("map.no_site")})`;
      return make("tr", {}, make("th", { scope: "row" }, `${number} ${name}${site}`), ...[a, b, a - b].map((value) => make("td", {}, whole(value))));
    });
    this.table.replaceChildren(make("caption", {}, say("map.caption")), make("thead", {}, head), make("tbody", {}, ...rows));
  }
}
