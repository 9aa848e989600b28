// The page: joins the line to the server, what is known, what is drawn, and what a person does.

import { Charts } from "./charts.js";
import { Choices, CHOICE_NAMES, valueWords } from "./choices.js";
import { Guide } from "./guide.js";
import { Link } from "./link.js";
import { CityMap } from "./map.js";
import { Network } from "./network.js";
import { Player, SPEEDS } from "./player.js";
import { Replay } from "./replay.js";
import { Store } from "./store.js";
import { drawCounts, drawFewer, drawLegend, luckView, mediatedView, spoken, toldView } from "./told.js";
import { familyView } from "./tree.js";
import { dateWords, dayOf, faultWords, isoOf, make, say, speak, tongue } from "./words.js";

const SAY_EVERY_MS = 8000;
const LAST_DAY = 2892;
const LESSON_SECONDS = 30;
const get = (id) => document.getElementById(id);
const recorded = document.getElementById("recorded");
const replay = recorded ? JSON.parse(recorded.textContent) : null;
const link = replay ? new Replay(replay) : new Link(lineChanged);
const store = new Store();
const player = new Player((question) => link.ask(question), show, drawPlay);
const canvases = [...document.querySelectorAll("canvas")];
const networks = canvases.map((canvas, side) => new Network(canvas, side));
const charts = new Charts(get("charts"));
const cityMap = new CityMap(get("map"));
const choices = new Choices(get("tab-settings"), choose, startAgain, startWithDefaults);
const guide = new Guide(get("tab-lessons"), {
  ask,
  start: async (changes, reset) => show(await ask({ kind: "start", changes, reset })),
  change: (changes) => choose(changes),
  runTo: playUntil,
  stop: () => player.pause(),
  skip: skipAhead,
  remember: (lesson) => link.remember({ lesson }),
  view: showView,
  frame: frameIn,
});
let view = "network";
let tab = "lessons";
let saidAt = 0;
let lastWeek = -1;
let shortcuts = true;
let arrived = null;
let looking = 0; // clicks that wait for their answer: drawing waits for them

// The server's answers

async function ask(question) {
  // A question that the line lost is dropped: the page says so, and the run goes on from its recipe.
  const reply = await link.ask(question).catch(() => ({ kind: "lost" }));
  if (reply.kind === "error") notice(faultWords(reply));
  return reply;
}

function show(reply) {
  if (!["scene", "days", "changed"].includes(reply.kind)) return;
  store.apply(reply);
  if (reply.place) networks.forEach((network) => network.settle(store.place));
  if (reply.limits) choices.build(store.limits);
  if (reply.settings && !replay) choices.show(store.settings, store.waiting);
  if (reply.kind === "changed") return;
  player.day = store.now.day;
  if (reply.kind === "scene") {
    lastWeek = -1;
    link.remember();
    if (view === "map") askForMap();
  }
  store.sides[1].filled = store.now.filled;
  drawNow();
}

function drawNow() {
  if (looking) return;
  const { now } = store;
  get("date").textContent = dateWords(now.date);
  document.querySelectorAll(".counts").forEach((list, side) => drawCounts(list, side, side ? now.right : now.left, now));
  drawFewer(now);
  if (view === "network") networks.forEach((network, side) => network.draw(store.sides[side]));
  if (view === "map") cityMap.draw(store.map);
  if (view === "charts" && store.weeks[0].length !== lastWeek) {
    lastWeek = store.weeks[0].length;
    charts.draw(store.weeks);
  }
  drawSlow();
}

// What need not follow every day: lists, and what is said aloud.
function drawSlow(force = false) {
  const at = performance.now();
  if (!force && player.playing && at - saidAt < SAY_EVERY_MS) return;
  saidAt = at;
  get("said").textContent = spoken(store.now);
  canvases.forEach((canvas, side) => {
    const counted = side ? store.now.right : store.now.left;
    canvas.setAttribute("aria-label", say("canvas.label", { side: say(side ? "side.right" : "side.left"), open: counted.open, victims: counted.victims }));
  });
  if (get("dialog").open) return; // what focus comes back to must stay
  if (document.activeElement && get(`tab-${tab}`).contains(document.activeElement) && !force) return;
  if (tab === "words") get("tab-words").replaceChildren(...toldView(store, openFamily));
  if (tab === "list") listMediated();
}

// Playing

function drawPlay() {
  const button = get("play");
  button.textContent = say(player.playing ? "play.pause" : "play.play");
  button.setAttribute("aria-pressed", player.playing);
  if (!player.playing && store.now) afterPaint(rest);
}

// What a pause can wait for until the button is seen pressed: lists, the run kept for a reload, the last pulses.
function rest() {
  if (player.playing || looking) return;
  drawSlow(true);
  link.remember();
  settle();
}

// When the next picture is on the screen.
function afterPaint(act) {
  requestAnimationFrame(() => requestAnimationFrame(act));
}

// Lets the last pulses fade when nothing else is drawn.
let settling = 0;
function settle() {
  cancelAnimationFrame(settling);
  if (player.playing || looking) return;
  if (view === "network") networks.forEach((network, side) => network.draw(store.sides[side]));
  if (networks.some((network) => network.moving)) settling = requestAnimationFrame(settle);
}

function toggle() {
  if (player.playing) player.pause();
  else if (store.now.ended) notice(say("play.ended"));
  else player.play(arrived ? arrived.day : null);
}

function playUntil(day, there) {
  if (player.day >= day) return there();
  arrived = { day, there };
  player.speed = Math.max(player.speed, (day - player.day) / LESSON_SECONDS);
  player.onArrived = () => {
    arrived = null;
    drawSpeed();
    there();
  };
  player.play(day);
}

// To the end of a lesson's run at once.
async function skipAhead() {
  if (!arrived) return;
  const { day, there } = arrived;
  player.pause();
  arrived = player.onArrived = null;
  show(await ask({ kind: "jump", day }));
  there();
}

async function goOn(days) {
  player.pause();
  await player.go(days);
  drawSlow(true);
  settle();
  link.remember();
}

async function jumpTo(day) {
  player.pause();
  show(await ask({ kind: "jump", day: Math.max(0, Math.min(LAST_DAY, day)) }));
}

async function startAgain() {
  player.pause();
  show(await ask({ kind: "start" }));
  notice(say("notice.again"));
}

async function startWithDefaults() {
  player.pause();
  show(await ask({ kind: "start", reset: true }));
  notice(say("notice.defaults"));
}

async function startWithOtherDice() {
  player.pause();
  const seed = 1 + (crypto.getRandomValues(new Uint32Array(1))[0] % 999999);
  show(await ask({ kind: "start", changes: { seed } }));
  notice(say("notice.seed", { seed }));
}

async function choose(changes) {
  const reply = await ask({ kind: "change", changes });
  if (reply.kind === "error") choices.show(store.settings, store.waiting);
  show(reply);
  link.remember();
}

// Views and panels

function showView(name) {
  view = name;
  document.querySelectorAll("[data-view]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.view === name));
  get("sides").hidden = get("legend").hidden = name !== "network";
  get("charts").hidden = name !== "charts";
  get("fewer").hidden = name === "map";
  get("map").hidden = name !== "map";
  get("made-up").textContent = say(name === "map" ? "page.map_is" : "page.made_up");
  lastWeek = -1;
  if (name === "map") askForMap();
  if (store.now) drawNow();
}

async function askForMap() {
  if (!cityMap.tiles) get("map").replaceChildren(make("p", { role: "status" }, say("map.wait")));
  const reply = await ask({ kind: "map" });
  if (reply.kind !== "map" || !reply.map) return;
  cityMap.settle(reply.tiles);
  store.map = reply.map;
  cityMap.draw(store.map);
}

function showTab(name) {
  tab = name;
  document.querySelectorAll("[data-tab]").forEach((button) => button.setAttribute("aria-pressed", button.dataset.tab === name));
  document.querySelectorAll(".tab").forEach((panel) => (panel.hidden = panel.id !== `tab-${name}`));
  if (store.now) drawSlow(true);
}

function frameIn(places) {
  for (const node of document.querySelectorAll("[data-place]")) node.classList.toggle("framed", places.includes(node.dataset.place));
  if (places.includes("counters")) document.querySelectorAll(".counts").forEach((node) => node.classList.add("framed"));
  else document.querySelectorAll(".counts").forEach((node) => node.classList.remove("framed"));
  if (places.includes("charts")) showView("charts");
  else if (places.includes("map")) showView("map");
}

async function listMediated() {
  const found = await ask({ kind: "mediated" });
  if (found.kind === "mediated" && !get("dialog").open) get("tab-list").replaceChildren(...mediatedView(found, openFamily));
}

// Looking closer

async function openFamily(side, row) {
  looking += 1;
  const asked = ask({ kind: "family", side, row });
  player.pause();
  const found = await asked;
  if (found.kind === "family") openDialog(say("tree.title"), familyView(found));
  afterPaint(() => {
    looking -= 1;
    drawNow();
    rest();
  });
}

async function openLuck() {
  player.pause();
  openDialog(say("luck.title"), make("p", { role: "status" }, say("luck.wait")));
  const found = await ask({ kind: "others" });
  if (found.kind === "others") get("dialog-body").replaceChildren(luckView(found, store.now));
}

function openDialog(title, body) {
  get("dialog-title").textContent = title;
  get("dialog-body").replaceChildren(body);
  if (!get("dialog").open) get("dialog").showModal();
  get("dialog-title").focus();
}

function openHelp() {
  const keys = ["space", "day", "week", "plus", "minus", "again", "views", "list", "help"];
  const rows = keys.map((name) => make("tr", {}, make("td", {}, make("kbd", {}, say(`key.${name}`))), make("td", {}, say(`does.${name}`))));
  const box = make("input", { type: "checkbox", id: "shortcuts" });
  box.checked = shortcuts;
  box.addEventListener("change", () => (shortcuts = box.checked));
  const label = make("label", { for: "shortcuts", class: "row" }, box, say("help.shortcuts"));
  const about = ["help.what", "help.made_up", "help.contagion", "help.dice"].map((name) => make("p", {}, say(name)));
  const table = make("table", { class: "keys" }, make("caption", {}, say("help.keys")), make("tbody", {}, ...rows));
  openDialog(say("page.help"), make("div", {}, ...about, table, label));
}

// Take-away

function buildTakeAway() {
  const forms = ["html", "png", "gif"].map((form) =>
    make("button", { type: "button", class: "card", "data-form": form, onclick: () => takeAway(form) }, make("strong", {}, say(`take.${form}`)), say(`take.${form}_is`)),
  );
  get("tab-take").replaceChildren(make("p", {}, say("take.intro")), ...forms, make("p", { id: "take-state", role: "status" }));
}

async function takeAway(form) {
  player.pause();
  const state = get("take-state");
  state.textContent = say("take.wait");
  try {
    const reply = await fetch(`export/${form}?language=${tongue()}`, { method: "POST", body: JSON.stringify(link.memory.recipe) });
    if (reply.status === 400) throw await reply.json();
    if (!reply.ok) throw new Error(String(reply.status));
    const address = URL.createObjectURL(await reply.blob());
    make("a", { href: address, download: `cms-sim-${store.now.date}.${form}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    state.textContent = say("take.done");
  } catch (error) {
    state.textContent = error.kind === "error" ? faultWords(error) : say("take.failed");
  }
}

// In a replay, what was chosen is told and cannot be changed.
function buildTold() {
  const rows = CHOICE_NAMES.map((name) => make("tr", {}, make("th", { scope: "row" }, say(`set.${name}`)), make("td", {}, valueWords(name, store.settings[name]))));
  get("tab-settings").replaceChildren(make("p", {}, say("replay.settings")), make("table", {}, make("tbody", {}, ...rows)));
}

// Language, line, keys

async function setLanguage(wanted, fetched) {
  await speak(wanted, fetched);
  get("language").value = wanted;
  drawLegend(get("legend"));
  drawSpeed();
  buildTakeAway();
  charts.figures = {};
  if (!store.now) return;
  drawPlay();
  if (replay) buildTold();
  else {
    choices.build(store.limits);
    choices.show(store.settings, store.waiting);
    await guide.list();
  }
  showView(view);
  showTab(tab);
  link.remember({ language: wanted });
}

function drawSpeed() {
  player.speed = SPEEDS[Number(get("speed").value)];
  const words = say(player.speed === 1 ? "play.speed_one" : "play.speed_is", { n: player.speed.toLocaleString(tongue()) });
  get("speed-words").textContent = words;
  get("speed").setAttribute("aria-valuetext", words);
}

function faster(step) {
  get("speed").value = Number(get("speed").value) + step;
  drawSpeed();
}

let quietAt = 0;
function notice(words, stay = 5000) {
  get("notice").textContent = words;
  get("notice").hidden = !words;
  clearTimeout(quietAt);
  if (words && stay) quietAt = setTimeout(() => notice(""), stay);
}

function lineChanged(state) {
  if (state === "open") notice("");
  else notice(say(state === "full" ? "notice.full" : "notice.lost"), 0);
}

async function lineLost() {
  const { playing: wasPlaying, until } = player;
  player.playing = false;
  notice(say("notice.lost"), 0);
  show(await link.open());
  notice(say("notice.back"));
  if (wasPlaying) player.play(until);
  else drawPlay();
}

const KEYS = {
  " ": toggle,
  ArrowRight: () => goOn(1),
  w: () => goOn(7),
  "+": () => faster(1),
  "-": () => faster(-1),
  r: () => !replay && startAgain(),
  1: () => showView("network"),
  2: () => showView("charts"),
  3: () => !replay && showView("map"),
  m: () => {
    showTab("list");
    document.querySelector('[data-tab="list"]').focus();
  },
  "?": openHelp,
};

function pressed(event) {
  if (!shortcuts || event.ctrlKey || event.metaKey || event.altKey || get("dialog").open) return;
  const { tagName } = event.target;
  if (["INPUT", "SELECT", "TEXTAREA"].includes(tagName)) return;
  if (event.key === " " && ["BUTTON", "SUMMARY", "A"].includes(tagName)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function listen() {
  get("play").addEventListener("click", toggle);
  get("day").addEventListener("click", () => goOn(1));
  get("week").addEventListener("click", () => goOn(7));
  get("speed").addEventListener("input", drawSpeed);
  get("again").addEventListener("click", startAgain);
  get("again-seed").addEventListener("click", startWithOtherDice);
  get("help").addEventListener("click", openHelp);
  get("luck").addEventListener("click", openLuck);
  get("dialog-close").addEventListener("click", () => get("dialog").close());
  get("dialog").addEventListener("close", () => store.now && drawSlow());
  get("language").addEventListener("change", (event) => setLanguage(event.target.value));
  get("jump").addEventListener("submit", (event) => {
    event.preventDefault();
    jumpTo(dayOf(get("jump-date").value) + 1);
  });
  document.querySelectorAll("[data-view]").forEach((button) => button.addEventListener("click", () => showView(button.dataset.view)));
  document.querySelectorAll("[data-tab]").forEach((button) => button.addEventListener("click", () => showTab(button.dataset.tab)));
  canvases.forEach((canvas, side) => canvas.addEventListener("click", (event) => {
    const found = networks[side].nearest(event.clientX, event.clientY);
    if (found) openFamily(found.side, found.row);
  }));
  document.addEventListener("keydown", pressed);
  window.addEventListener("pagehide", () => link.remember());
  link.onLost = lineLost;
}

async function begin() {
  const wanted = replay ? replay.language : link.memory.language || document.documentElement.lang;
  await speak(wanted, replay && replay.words);
  get("jump-date").min = isoOf(0);
  get("jump-date").max = isoOf((replay ? replay.days.length : LAST_DAY) - 1);
  get("jump-date").value = isoOf(181);
  listen();
  player.wantsMap = () => view === "map" && Boolean(cityMap.tiles);
  const scene = await link.open();
  show(scene);
  const { lesson } = link.memory;
  if (replay) document.body.classList.add("replay");
  await setLanguage(wanted, replay && replay.words);
  if (replay) showTab("list");
  else await guide.takeUp(lesson);
  drawPlay();
  document.body.dataset.ready = "yes";
}

// For whoever looks at the page from its own console, and for tests.
window.cmsSim = { link, store, player, networks };
begin();
