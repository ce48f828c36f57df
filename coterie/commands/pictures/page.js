"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const NS = "http://www.w3.org/2000/svg";
const find = id => document.getElementById(id);
const svg = find("run"), paper = find("paper");
const every = query => [...svg.querySelectorAll(query)];
const steps = data.rows.length - 1;
const rows = every("g.row"), grounds = every("g.ground"), arrows = every("g.arrow");
const heights = new Map(rows.map(row => [+row.dataset.row, +row.dataset.height]));
const closed = new Set(data.folds.map(fold => fold[0]));
let at = 0, tops = new Map();

const make = (name, attributes, parent) => {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
};
const write = (name, words, parent, kind) => {
  const made = document.createElement(name);
  made.textContent = words;
  if (kind) made.className = kind;
  parent.append(made);
  return made;
};

/* The states of all components after each step. */
const states = [data.start];
for (const changed of data.changed) {
  const next = [...states[states.length - 1]];
  for (const [place, value] of Object.entries(changed)) next[+place] = value;
  states.push(next);
}

/* Folds: a bar that opens what it stands for, and closes it again. */
const columns = [...new Set(every("g.ground path")[0].getAttribute("d").match(/M\d+/g))];
const bars = data.folds.map(([first, last, words]) => {
  const bar = make("g", {class: "fold", role: "button", tabindex: "0"}, svg);
  make("path", {class: "life", d: columns.map(x => `${x} 0v${data.sizes.fold}`).join("")}, bar);
  make("rect", {x: data.sizes.gutter, y: 3, rx: 10, height: data.sizes.fold - 6,
    width: data.sizes.width - data.sizes.gutter - 8}, bar);
  const text = make("text", {x: data.sizes.gutter + 12, y: data.sizes.fold - 9}, bar);
  const toggle = () => {
    closed.has(first) ? closed.delete(first) : closed.add(first);
    place();
  };
  bar.addEventListener("click", toggle);
  bar.addEventListener("keydown", event => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); toggle(); }
  });
  return {first, last, words, bar, text};
});
const here = make("rect", {class: "here", x: 4, rx: 6, width: data.sizes.width - 8});
svg.querySelector("g.ground").before(here);
for (const row of rows) {
  row.prepend(make("rect", {class: "hit", width: data.sizes.width, height: row.dataset.height}));
  row.addEventListener("click", () => go(+row.dataset.row));
}

/* Which rows are wanted. */
const unwanted = name =>
  new Set([...document.querySelectorAll(`input[name=${name}]:not(:checked)`)].map(it => it.value));
const isWanted = (row, nodes, kinds) => {
  const [, concerned, carried] = data.rows[row];
  return (!concerned.length || concerned.some(node => !nodes.has(node)))
    && !(carried.length && carried.every(kind => kinds.has(kind)));
};

/* Lay everything out again, row by row. */
function place() {
  const nodes = unwanted("node"), kinds = unwanted("kind");
  const shown = new Map();
  let top = 0;
  tops = new Map();
  for (let row = 0; row <= steps; row++) {
    const fold = bars.find(each => each.first <= row && row <= each.last);
    if (fold && fold.first === row) {
      fold.bar.setAttribute("transform", `translate(0,${top})`);
      const open = !closed.has(row);
      fold.bar.setAttribute("aria-expanded", open);
      fold.text.textContent = open ? `▾ ${fold.words}` : `⋯ ${fold.words}`;
      fold.middle = top + data.sizes.fold / 2;
      top += data.sizes.fold;
    }
    const hidden = (fold && closed.has(fold.first)) || !isWanted(row, nodes, kinds);
    shown.set(row, !hidden);
    const middle = row ? 17 : 7;
    tops.set(row, {top, line: fold && closed.has(fold.first) ? fold.middle : top + (hidden ? 0 : middle)});
    if (!hidden) top += heights.get(row);
  }
  for (const group of [...rows, ...grounds]) {
    const row = +group.dataset.row;
    group.toggleAttribute("hidden", !shown.get(row));
    group.style.display = shown.get(row) ? "" : "none";
    group.setAttribute("transform", `translate(0,${tops.get(row).top})`);
  }
  for (const arrow of arrows) aim(arrow, kinds, shown);
  for (const head of document.querySelectorAll(".names .head"))
    head.classList.toggle("off", nodes.has(head.dataset.node));
  around(top);
  svg.setAttribute("height", top + (data.loop === null ? 8 : 30));
  mark();
}

function aim(arrow, kinds, shown) {
  const from = +arrow.dataset.from, to = +arrow.dataset.to;
  const inside = bars.some(each => closed.has(each.first) && each.first <= from && to <= each.last);
  const folded = bars.some(each => closed.has(each.first) && each.first <= to && to <= each.last);
  const visible = !kinds.has(arrow.dataset.kind) && !inside && (shown.get(to) || folded);
  arrow.style.display = visible ? "" : "none";
  const [x1, x2] = arrow.dataset.x.split(" ").map(Number);
  const y1 = tops.get(from).line, y2 = tops.get(to).line;
  const self = x1 === x2;
  arrow.querySelector(".shaft").setAttribute("d", self
    ? `M${x1} ${y1}C${x1 + 44} ${y1} ${x2 + 44} ${y2} ${x2} ${y2}` : `M${x1} ${y1}L${x2} ${y2}`);
  arrow.querySelector(".end").setAttribute("transform", `translate(${x2},${y2})`);
  const tip = arrow.querySelector(".tip");
  const angle = self ? 180 : Math.round(Math.atan2(y2 - y1, x2 - x1) * 180 / Math.PI);
  if (tip) tip.setAttribute("transform", `rotate(${angle})`);
}

/* The loop's ground and its arrow. */
function around(end) {
  const box = svg.querySelector(".loop"), words = svg.querySelector(".forever");
  if (words) words.setAttribute("y", end + 19);
  if (!box) return;
  const first = tops.get(data.loop + 1).top, gutter = data.sizes.gutter;
  box.setAttribute("y", first);
  box.setAttribute("height", end - first);
  const [line, tip] = every(".round");
  line.setAttribute("d", `M${gutter} ${end - 6}H22Q14 ${end - 6} 14 ${end - 14}`
    + `V${first + 14}Q14 ${first + 6} 22 ${first + 6}H${gutter - 8}`);
  tip.setAttribute("d", `M${gutter - 2} ${first + 6}l-9 -4v8Z`);
}

/* Steps. */
function go(row) {
  at = row;
  const fold = bars.find(each => each.first <= row && row <= each.last);
  if (fold && closed.has(fold.first)) { closed.delete(fold.first); place(); } else mark();
  tell();
  const {top} = tops.get(row), head = 40;
  const low = top + (heights.get(row) || 0) + head, high = paper.scrollTop + head;
  if (top < paper.scrollTop) paper.scrollTop = Math.max(0, top - 20);
  else if (low > paper.scrollTop + paper.clientHeight) paper.scrollTop = low - paper.clientHeight + 20;
  const [first] = columnsOf(row);
  if (first !== undefined && (first < paper.scrollLeft || first > paper.scrollLeft + paper.clientWidth - 60))
    paper.scrollLeft = first - paper.clientWidth / 2;
}
const heads = new Map([...document.querySelectorAll(".names .head")].map(head =>
  [head.dataset.node, +head.querySelector("text").getAttribute("x")]));
const columnsOf = row => data.rows[row][1].map(node => heads.get(node));

function mark() {
  const {top} = tops.get(at);
  here.setAttribute("y", top);
  here.setAttribute("height", heights.get(at));
  const row = rows.find(each => +each.dataset.row === at);
  here.style.display = row.style.display;
  for (const arrow of arrows)
    arrow.classList.toggle("now", +arrow.dataset.to === at || +arrow.dataset.from === at);
}

function next(by) {
  const loops = data.loop !== null && data.loop < steps;
  let row = at;
  do {
    row += by;
    if (row > steps) row = loops && by > 0 ? data.loop + 1 : -1;
    if (row < 0) return;
    if (row === at) return;
  } while (isFiltered(row));
  go(row);
}
const isFiltered = row => !isWanted(row, unwanted("node"), unwanted("kind"));

function tell() {
  const [headline] = data.rows[at], words = at ? data.steps[at - 1].happenings.join("; ") : "";
  const fault = at && rows.find(each => +each.dataset.row === at).classList.contains("fault");
  const inLoop = data.loop !== null && at > data.loop ? ", in the loop" : "";
  find("at").textContent = at ? `step ${at} of ${steps}${inLoop}` : `start, ${steps} steps`;
  find("happened").textContent = at ? headline : "The start";
  find("words").textContent = at && words !== headline ? words : "";
  find("step").classList.toggle("fault", Boolean(fault));
  const news = find("news");
  news.replaceChildren();
  for (const each of at ? data.news[at - 1] : []) write("li", each, news);
  if (at && !data.news[at - 1].length) write("li", "Nothing else changes.", news);
  const list = find("states"), wasOpen = find("around")?.open;
  list.replaceChildren();
  const others = [];
  data.components.forEach(([name, isNode], place) => isNode ? card(name, place, list) : others.push([name, place]));
  if (!others.length) return;
  const more = document.createElement("details");
  more.id = "around";
  more.className = "around";
  more.open = Boolean(wasOpen);
  write("summary", "Channels, budgets, observers", more);
  for (const [name, place] of others) card(name, place, more);
  list.append(more);
}

function card(name, place, list) {
  const now = states[at][place], before = at ? states[at - 1][place] : now;
  const made = write("section", "", list, now === before ? "card" : "card changed");
  write("h3", name, made);
  const fields = write("dl", "", made);
  fields.tabIndex = 0;
  fields.setAttribute("aria-label", `state of ${name}`);
  const old = new Map(data.texts[before]);
  for (const [field, text] of data.texts[now]) {
    const isNew = old.get(field) !== text;
    write("dt", field || "value", fields, isNew ? "new" : "");
    const value = write("dd", text, fields, isNew ? "new" : "");
    if (isNew && old.has(field) && old.get(field).length < 200) write("s", `was ${old.get(field)}`, value);
  }
}

/* Keys, buttons, filters, copying. */
find("first").addEventListener("click", () => go(0));
find("last").addEventListener("click", () => go(steps));
find("back").addEventListener("click", () => next(-1));
find("on").addEventListener("click", () => next(1));
const KEYS = {
  ArrowRight: () => next(1), ArrowDown: () => next(1), ArrowLeft: () => next(-1),
  ArrowUp: () => next(-1), Home: () => go(0), End: () => go(steps),
};
document.addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("dl, input, .choices") || !(event.key in KEYS)) {
    if (event.key === "Escape") find("filter").open = false;
    return;
  }
  event.preventDefault();
  KEYS[event.key]();
});
find("filter").addEventListener("change", place);
find("everything").addEventListener("click", () => {
  for (const box of document.querySelectorAll("#filter input")) box.checked = true;
  place();
});
document.addEventListener("click", event => {
  if (!event.target.closest("#filter")) find("filter").open = false;
});
const written = step => ({...step, changes: Object.fromEntries(
  Object.entries(step.changes).map(([where, each]) => [where, each.map(
    ([field, old, now]) => ({field, old: data.strings[old], new: data.strings[now]}))]))});
find("copy").addEventListener("click", async () => {
  const text = JSON.stringify({...data.about, steps: data.steps.map(written)}, null, 2);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = write("textarea", text, document.body);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  find("said").textContent = "Copied.";
  setTimeout(() => { find("said").textContent = ""; }, 2000);
});
place();
go(Math.min(steps, Math.max(0, parseInt(location.hash.slice(1), 10) || 0)));
})();
