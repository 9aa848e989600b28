// One neighbourhood on a canvas: what never changes is drawn once, the rest each time.

import { DEAD, KNOWN, PARTICIPANT, WOUNDED } from "./store.js";

export const INK = "#1b1b1b";
export const BLUE = "#0072b2";
export const VERMILLION = "#d55e00";
export const GREEN = "#009e73";
export const ORANGE = "#e69f00";
const EXPOSED = ["", "#ecc9db", "#dca2c2", "#c7739f", "#a24a79"];
const PULSE_MS = 1600;
const STAY_MS = 20000;
const LETTERS = ["I", "O", "H", "S"];
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class Network {
  constructor(canvas, side) {
    this.canvas = canvas;
    this.side = side;
    this.pen = canvas.getContext("2d");
    this.ground = document.createElement("canvas");
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  // Place, and the network that stays.
  settle(place) {
    this.place = place;
    this.people = place.xy.length / 2;
    this.street = place.crew.length;
    this.posts = postPlaces(place);
    this.resize();
  }

  resize() {
    const box = this.canvas.getBoundingClientRect();
    if (!this.place || !box.width || !box.height) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    this.canvas.width = this.ground.width = Math.round(box.width * ratio);
    this.canvas.height = this.ground.height = Math.round(box.height * ratio);
    // Places fill the canvas whatever its shape; signs keep theirs.
    this.across = this.canvas.width / this.place.width;
    this.down = this.canvas.height / this.place.height;
    this.scale = Math.sqrt(this.across * this.down);
    this.ratio = ratio;
    this.drawGround();
    if (this.last) this.draw(this.last);
  }

  x(person) {
    return this.place.xy[2 * person] * this.across;
  }

  y(person) {
    return this.place.xy[2 * person + 1] * this.down;
  }

  // Where the messenger of a post stands.
  spotOf(post) {
    const { x, y } = this.posts[post];
    return [this.canvas.width / 2 + x * this.scale, this.canvas.height / 2 + y * this.scale];
  }

  drawGround() {
    const pen = this.ground.getContext("2d");
    pen.clearRect(0, 0, this.ground.width, this.ground.height);
    const { ties } = this.place;
    pen.strokeStyle = "rgb(27 27 27 / 10%)";
    pen.lineWidth = Math.max(1, this.scale);
    pen.beginPath();
    for (let n = 0; n < ties.length; n += 2) {
      pen.moveTo(this.x(ties[n]), this.y(ties[n]));
      pen.lineTo(this.x(ties[n + 1]), this.y(ties[n + 1]));
    }
    pen.stroke();
    pen.fillStyle = "#c4c4c4";
    this.dots(pen, this.street, this.people, 3.6);
    pen.fillStyle = "#8f8f8f";
    this.dots(pen, 0, this.street, 9);
  }

  dots(pen, from, to, size) {
    const radius = size * this.scale;
    pen.beginPath();
    for (let person = from; person < to; person++) {
      pen.moveTo(this.x(person) + radius, this.y(person));
      pen.arc(this.x(person), this.y(person), radius, 0, 7);
    }
    pen.fill();
  }

  draw(side) {
    if (!this.place || !this.scale) return;
    this.last = side;
    const pen = this.pen;
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.ground, 0, 0);
    this.drawPeople(side.looks);
    this.drawConflicts(side.open);
    if (this.side === 1) this.drawPosts(side.filled || []);
    this.drawMarks(side);
  }

  drawPeople(looks) {
    const pen = this.pen;
    for (let person = 0; person < this.people; person++) {
      const look = looks[person];
      if (!look) continue;
      const x = this.x(person);
      const y = this.y(person);
      const size = (person < this.street ? 9 : 5) * this.scale;
      const exposure = look & 7;
      if (exposure) {
        this.disc(x, y, size * (1.15 + 0.12 * exposure), EXPOSED[exposure]);
        if (person < this.street) this.disc(x, y, size * 0.5, "#fff"); // told apart by shape as well as by colour
      } else if (look & KNOWN) this.disc(x, y, size, "#4f6f86");
      if (look & PARTICIPANT) this.ring(x, y, size * 1.75, GREEN, 3);
      if (look & DEAD) this.cross(x, y, size * 1.3);
      else if (look & WOUNDED) this.ring(x, y, size * 1.3, VERMILLION, 2.2);
    }
  }

  drawConflicts(open) {
    const pen = this.pen;
    pen.lineCap = "round";
    for (const { a, b, standing } of open.values()) {
      const settled = standing === 1 || standing === 2;
      pen.strokeStyle = settled ? BLUE : "#a06a00";
      pen.lineWidth = 8 * this.scale;
      pen.beginPath();
      pen.moveTo(this.x(a), this.y(a));
      pen.lineTo(this.x(b), this.y(b));
      pen.stroke();
      if (!settled) {
        pen.strokeStyle = ORANGE;
        pen.lineWidth = 5 * this.scale;
        pen.stroke();
      }
      for (const person of [a, b]) this.disc(this.x(person), this.y(person), 10.5 * this.scale, settled ? BLUE : ORANGE, INK);
    }
  }

  drawPosts(filled) {
    const pen = this.pen;
    const size = 23 * this.scale;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `700 ${33 * this.scale}px system-ui, sans-serif`;
    for (const post of filled) {
      const spot = this.posts[post];
      const [x, y] = this.spotOf(post);
      pen.fillStyle = BLUE;
      pen.fillRect(x - size, y - size, 2 * size, 2 * size);
      pen.strokeStyle = "#fff";
      pen.lineWidth = 2 * this.scale;
      pen.strokeRect(x - size, y - size, 2 * size, 2 * size);
      pen.fillStyle = "#fff";
      pen.fillText(LETTERS[spot.role], x, y + this.scale);
    }
  }

  drawMarks(side) {
    const at = performance.now();
    side.marks = side.marks.filter((mark) => at - mark.at < STAY_MS);
    for (const mark of side.marks) {
      const age = at - mark.at;
      const pulse = still.matches ? 0 : Math.max(0, 1 - age / PULSE_MS);
      const fade = Math.min(1, (STAY_MS - age) / 4000);
      this.pen.globalAlpha = fade;
      if (mark.kind === "shot") this.drawShot(mark, pulse);
      else if (mark.kind === "averted") this.drawAverted(mark, pulse);
      else this.drawMediated(mark, pulse, age);
      this.pen.globalAlpha = 1;
    }
  }

  drawShot(mark, pulse) {
    for (const victim of mark.victims) {
      const x = this.x(victim);
      const y = this.y(victim);
      if (pulse) this.ring(x, y, (33 + 60 * (1 - pulse)) * this.scale, VERMILLION, 6 * pulse);
      this.star(x, y, (32 + 14 * pulse) * this.scale, VERMILLION, "#fff");
    }
  }

  // Where the other side had a shooting and this one had none: the empty outline of one.
  drawAverted(mark, pulse) {
    for (const victim of mark.victims) {
      const x = this.x(victim);
      const y = this.y(victim);
      if (pulse) this.ring(x, y, (33 + 60 * (1 - pulse)) * this.scale, BLUE, 5 * pulse);
      this.star(x, y, (32 + 12 * pulse) * this.scale, "rgb(255 255 255 / 85%)", BLUE);
    }
  }

  drawMediated(mark, pulse, age) {
    if (age > 6000) return;
    const x = (this.x(mark.a) + this.x(mark.b)) / 2;
    const y = (this.y(mark.a) + this.y(mark.b)) / 2;
    this.pen.strokeStyle = BLUE;
    this.pen.setLineDash([8 * this.scale, 8 * this.scale]);
    this.pen.lineWidth = (2 + 3 * pulse) * this.scale;
    this.pen.beginPath();
    this.pen.moveTo(...this.spotOf(mark.post));
    this.pen.lineTo(x, y);
    this.pen.stroke();
    this.pen.setLineDash([]);
    this.ring(x, y, (16 + 10 * pulse) * this.scale, BLUE, 4);
  }

  disc(x, y, radius, fill, edge) {
    const pen = this.pen;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = fill;
    pen.fill();
    if (edge) {
      pen.strokeStyle = edge;
      pen.lineWidth = Math.max(0.8, 1.3 * this.scale);
      pen.stroke();
    }
  }

  ring(x, y, radius, colour, width) {
    const pen = this.pen;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.strokeStyle = colour;
    pen.lineWidth = Math.max(0.8, width * this.scale);
    pen.stroke();
  }

  cross(x, y, size) {
    const pen = this.pen;
    pen.strokeStyle = INK;
    pen.lineWidth = Math.max(1, 3 * this.scale);
    pen.beginPath();
    pen.moveTo(x - size, y - size);
    pen.lineTo(x + size, y + size);
    pen.moveTo(x + size, y - size);
    pen.lineTo(x - size, y + size);
    pen.stroke();
  }

  star(x, y, radius, fill, edge) {
    const pen = this.pen;
    pen.beginPath();
    for (let k = 0; k < 16; k++) {
      const reach = k % 2 ? radius * 0.5 : radius;
      const angle = (Math.PI * k) / 8;
      pen.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
    pen.closePath();
    pen.fillStyle = fill;
    pen.fill();
    pen.strokeStyle = edge;
    pen.lineWidth = Math.max(1, 3 * this.scale);
    pen.stroke();
  }

  // The conflict drawn nearest to a point of the page, if any is near.
  nearest(clientX, clientY) {
    if (!this.last) return null;
    const box = this.canvas.getBoundingClientRect();
    const px = (clientX - box.left) * this.ratio;
    const py = (clientY - box.top) * this.ratio;
    let best = null;
    let reach = 26 * this.ratio;
    const consider = (x, y, found) => {
      const away = Math.hypot(x - px, y - py);
      if (away < reach) [best, reach] = [found, away];
    };
    for (const mark of this.last.marks) {
      const found = mark.kind === "averted" ? { side: 0, row: mark.left } : { side: this.side, row: mark.row };
      if (mark.victims) for (const victim of mark.victims) consider(this.x(victim), this.y(victim), found);
      else consider((this.x(mark.a) + this.x(mark.b)) / 2, (this.y(mark.a) + this.y(mark.b)) / 2, found);
    }
    for (const [row, { a, b }] of this.last.open) {
      for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        const x = this.x(a) * (1 - share) + this.x(b) * share;
        const y = this.y(a) * (1 - share) + this.y(b) * share;
        consider(x, y, { side: this.side, row });
      }
    }
    return best;
  }

  get moving() {
    return this.last ? this.last.marks.some((mark) => performance.now() - mark.at < PULSE_MS) : false;
  }
}

// Messengers stand around the site in the middle, by role.
function postPlaces(place) {
  const rows = [[], [], [], []];
  place.roles.forEach((role, post) => rows[role].push(post));
  const places = [];
  const step = 53;
  const height = { 0: -step, 1: 0, 2: step, 3: step };
  rows.forEach((posts, role) => {
    posts.forEach((post, n) => {
      const shift = role === 3 ? -1 : 0;
      const order = role < 2 ? fromMiddle(n) : n + shift;
      places[post] = { role, x: step * order, y: height[role] };
    });
  });
  return places;
}

function fromMiddle(n) {
  return Math.ceil(n / 2) * (n % 2 ? 1 : -1);
}
