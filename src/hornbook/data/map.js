"use strict";
// The map on a canvas, drawn again at every change; all text reaches the page as text, never as markup.
const data = JSON.parse(document.getElementById("numbers").textContent);
const at = (id) => document.getElementById(id);
const canvas = at("map"), stage = at("stage"), pen = canvas.getContext("2d");
const count = data.names.length, places = new Map(data.names.map((name, i) => [name, i]));
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const FONT = "13px system-ui, sans-serif", LABEL = 17;
let view = { scale: 1, x: 0, y: 0 }, whole = 1, wide = 0, high = 0, colours = {};
let chosen = -1, hovered = -1, only = -1, waiting = false, moving = 0;

const el = (tag, text, more = {}) => Object.assign(document.createElement(tag), text === null ? {} : { textContent: text }, more);
const sx = (i) => view.x + data.x[i] * view.scale, sy = (i) => view.y - data.y[i] * view.scale;
const label = (i) => data.labels[i];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// --- drawing

function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "faint", "rule", ...data.hues]) colours[name] = style.getPropertyValue("--" + name).trim();
}

const hue = (i) => colours[data.hues[data.group[i]]];

function redraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function draw() {
  const density = devicePixelRatio || 1;
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.globalAlpha = 1; pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, wide, high);
  const size = clamp(2.2 * Math.sqrt(view.scale / whole) * Math.sqrt(1500 / (count + 300)), 2, 7);
  const near = chosen < 0 ? [] : data.near[chosen];
  for (let i = count - 1; i >= 0; i--) dot(i, size, only >= 0 && data.group[i] !== only ? 0.12 : near.length ? 0.45 : 0.75);
  if (chosen >= 0) {
    pen.globalAlpha = 0.55; pen.strokeStyle = colours.ink; pen.lineWidth = 1;
    pen.beginPath();
    for (const j of near) { pen.moveTo(sx(chosen), sy(chosen)); pen.lineTo(sx(j), sy(j)); }
    pen.stroke();
    for (const j of near) dot(j, size + 1.5, 1);
    dot(chosen, size + 3, 1);
    pen.globalAlpha = 1; pen.strokeStyle = colours.ink; pen.lineWidth = 2;
    pen.beginPath(); pen.arc(sx(chosen), sy(chosen), size + 5, 0, 7); pen.stroke();
  }
  if (hovered >= 0) dot(hovered, size + 2, 1);
  labels(near, size);
}

function dot(i, size, alpha) {
  const x = sx(i), y = sy(i), shape = Math.floor(data.group[i] / 7);
  if (x < -9 || y < -9 || x > wide + 9 || y > high + 9) return;
  pen.globalAlpha = alpha;
  pen.fillStyle = hue(i);
  pen.beginPath();
  if (shape === 0) pen.arc(x, y, size, 0, 7);
  else if (shape === 1) pen.rect(x - size, y - size, 2 * size, 2 * size);
  else { pen.moveTo(x, y - size * 1.2); pen.lineTo(x + size * 1.1, y + size); pen.lineTo(x - size * 1.1, y + size); }
  pen.fill();
}

const widths = new Map();
function widthOf(i) {
  if (!widths.has(i)) widths.set(i, pen.measureText(label(i)).width);
  return widths.get(i);
}

function labels(near, size) { // the chosen and its neighbours first, then in the order given; none covers another
  pen.font = FONT; pen.textBaseline = "middle"; pen.lineJoin = "round"; pen.lineWidth = 3;
  const boxes = [], gap = size + 3, shown = new Set();
  const one = (i) => {
    if (i < 0 || shown.has(i)) return;
    const x = sx(i), y = sy(i), w = widthOf(i) + 4;
    if (x < 0 || y < 0 || x > wide || y > high) return;
    for (const [left, top] of [[x + gap, y - LABEL / 2], [x - gap - w, y - LABEL / 2], [x - w / 2, y - gap - LABEL], [x - w / 2, y + gap]]) {
      if (left < 0 || top < 0 || left + w > wide || top + LABEL > high) continue;
      if (boxes.some((b) => left < b[2] && b[0] < left + w && top < b[3] && b[1] < top + LABEL)) continue;
      boxes.push([left, top, left + w, top + LABEL]);
      shown.add(i);
      const faded = chosen >= 0 && i !== chosen && !near.includes(i) && i !== hovered;
      pen.globalAlpha = 1; pen.strokeStyle = colours.paper; pen.strokeText(label(i), left + 2, top + LABEL / 2);
      pen.fillStyle = i === chosen ? colours.ink : faded ? colours.faint : hue(i);
      pen.fillText(label(i), left + 2, top + LABEL / 2);
      return;
    }
  };
  if (chosen >= 0) { pen.font = "600 " + FONT; widths.delete(chosen); one(chosen); widths.delete(chosen); pen.font = FONT; }
  one(hovered);
  near.forEach(one);
  for (let i = 0; i < count && boxes.length < 400; i++) if (only < 0 || data.group[i] === only) one(i);
}

// --- the view

function fit() {
  let left = Infinity, right = -Infinity, low = Infinity, top = -Infinity;
  for (let i = 0; i < count; i++) {
    left = Math.min(left, data.x[i]); right = Math.max(right, data.x[i]);
    low = Math.min(low, data.y[i]); top = Math.max(top, data.y[i]);
  }
  const margin = Math.min(40, wide / 12);
  whole = Math.min((wide - 2 * margin) / (right - left || 1), (high - 2 * margin) / (top - low || 1));
  return { scale: whole, x: wide / 2 - (whole * (left + right)) / 2, y: high / 2 + (whole * (low + top)) / 2 };
}

function go(target) { // there in a quarter of a second, or at once where motion is not wanted
  cancelAnimationFrame(moving);
  if (calm.matches) { view = target; redraw(); return; }
  const from = view, begun = performance.now();
  const step = (now) => {
    const t = clamp((now - begun) / 250, 0, 1), s = t * t * (3 - 2 * t);
    view = t === 1 ? target : { scale: from.scale + (target.scale - from.scale) * s, x: from.x + (target.x - from.x) * s, y: from.y + (target.y - from.y) * s };
    draw();
    if (t < 1) moving = requestAnimationFrame(step);
  };
  moving = requestAnimationFrame(step);
}

function zoomed(factor, x = wide / 2, y = high / 2) {
  const scale = clamp(view.scale * factor, whole * 0.5, whole * 60), f = scale / view.scale;
  return { scale, x: x - (x - view.x) * f, y: y - (y - view.y) * f };
}

function centred(i) {
  const scale = Math.max(view.scale, whole * 2.5);
  return { scale, x: wide / 2 - data.x[i] * scale, y: high / 2 + data.y[i] * scale };
}

function resize() {
  const before = [wide, high], box = stage.getBoundingClientRect(), density = devicePixelRatio || 1;
  [wide, high] = [stage.clientWidth, stage.clientHeight || box.height];
  canvas.width = Math.round(wide * density); canvas.height = Math.round(high * density);
  const scale = view.scale / whole, fresh = fit();
  view = before[0] && scale !== 1 ? { ...view, x: view.x + (wide - before[0]) / 2, y: view.y + (high - before[1]) / 2 } : fresh;
  draw();
}

// --- choosing

function choose(i, centre = true) {
  chosen = i;
  hide();
  at("said").textContent = "";
  card();
  const hash = i < 0 ? "" : "#" + encodeURIComponent(data.names[i]);
  if (location.hash !== hash && (hash || location.hash)) location.hash = hash;
  if (i >= 0 && centre) go(centred(i)); else redraw();
}

function about(i) {
  const said = data.texts ? [`passage ${data.names[i]}`] : [];
  if (data.counts) said.push(`${data.counts[i].toLocaleString("en")} time${data.counts[i] === 1 ? "" : "s"} in the text`);
  if (data.groups.length > 1) said.push(`group ${data.group[i] + 1}`);
  return said.join(" · ");
}

function card() {
  const box = at("card");
  box.replaceChildren();
  if (chosen < 0) return;
  box.style.setProperty("--hue", `var(--${data.hues[data.group[chosen]]})`);
  box.append(el("h2", label(chosen)), el("p", about(chosen), { className: "faint" }));
  if (data.texts) box.append(el("p", data.texts[chosen], { className: "text" }));
  box.append(el("p", `Nearest of the ${(count - 1).toLocaleString("en")} other ${data.kind} here, by the cosine of their vectors`, { className: "faint" }));
  const list = el("ol", null);
  data.near[chosen].forEach((j, rank) => {
    const button = el("button", null, { type: "button" }), bar = el("span", null, { className: "bar" }), inner = el("i", null);
    inner.style.width = `${Math.max(0, data.cosine[chosen][rank]) * 100}%`;
    bar.append(inner);
    button.append(el("span", label(j), { className: "name" }), bar, el("span", data.cosine[chosen][rank].toFixed(3), { className: "cosine" }));
    button.addEventListener("click", () => { choose(j); box.querySelector("li button")?.focus({ preventScroll: true }); });
    button.addEventListener("focus", () => { hovered = j; redraw(); });
    button.addEventListener("blur", () => { hovered = -1; redraw(); });
    button.addEventListener("mouseenter", () => { hovered = j; redraw(); });
    button.addEventListener("mouseleave", () => { hovered = -1; redraw(); });
    const item = el("li", null);
    item.append(button);
    list.append(item);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...list.querySelectorAll("button")];
    all[clamp(all.indexOf(document.activeElement) + step, 0, all.length - 1)].focus();
  });
  box.append(list);
}

function under(x, y, reach) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < count; i++) {
    const d = (sx(i) - x) ** 2 + (sy(i) - y) ** 2;
    if (d < least && (only < 0 || data.group[i] === only)) { best = i; least = d; }
  }
  return best;
}

function towards(key) { // the nearest point in that quarter of the directions
  if (chosen < 0) return under(wide / 2, high / 2, Infinity);
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
  let best = chosen, least = Infinity;
  for (let i = 0; i < count; i++) {
    const x = data.x[i] - data.x[chosen], y = data.y[i] - data.y[chosen], ahead = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
    if (ahead > 0 && aside <= ahead && ahead + aside < least) { best = i; least = ahead + aside; }
  }
  return best;
}

// --- the tip beside the pointer

function tell(i, x, y) {
  hovered = i;
  canvas.classList.toggle("over", i >= 0);
  redraw();
  const tip = at("tip");
  tip.hidden = i < 0;
  if (i < 0) return;
  tip.replaceChildren(el("b", label(i)), el("div", about(i), { className: "faint" }));
  if (data.texts) tip.append(el("div", data.texts[i].slice(0, 140) + (data.texts[i].length > 140 ? "…" : "")));
  else tip.append(...data.near[i].map((j, rank) => el("div", `${data.cosine[i][rank].toFixed(3)}  ${label(j)}`)));
  const { offsetWidth: w, offsetHeight: h } = tip;
  tip.style.left = `${clamp(x + 16 + w > wide ? x - w - 16 : x + 16, 4, Math.max(4, wide - w - 4))}px`;
  tip.style.top = `${clamp(y - h / 2, 4, Math.max(4, high - h - 4))}px`;
}

const hide = () => { at("tip").hidden = true; hovered = -1; };

// --- pointers, wheel and keys

const fingers = new Map();
let travelled = 0;
const spot = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, spot(event));
  if (fingers.size === 1) travelled = 0;
  cancelAnimationFrame(moving);
});
canvas.addEventListener("pointermove", (event) => {
  const now = spot(event), before = fingers.get(event.pointerId);
  if (!before) { if (event.pointerType === "mouse") tell(under(now.x, now.y, 14), now.x, now.y); return; }
  const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
  travelled += Math.hypot(now.x - before.x, now.y - before.y);
  if (other) {
    const factor = Math.hypot(now.x - other.x, now.y - other.y) / (Math.hypot(before.x - other.x, before.y - other.y) || 1);
    view = zoomed(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    view.x += (now.x - before.x) / 2; view.y += (now.y - before.y) / 2;
  } else if (travelled > 4) {
    view = { ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y };
    canvas.classList.add("dragged");
    hide();
  }
  fingers.set(event.pointerId, now);
  redraw();
});
const lift = (event) => {
  if (event.type === "pointerup" && fingers.size === 1 && travelled <= 4) {
    const { x, y } = spot(event), i = under(x, y, event.pointerType === "mouse" ? 14 : 26);
    choose(i, false);
  }
  fingers.delete(event.pointerId);
  if (fingers.size) travelled = Infinity; // the finger that stays must not choose
  canvas.classList.remove("dragged");
};
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", lift);
canvas.addEventListener("pointerleave", () => { hide(); redraw(); });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const { x, y } = spot(event), line = event.deltaMode === 1 ? 20 : 1;
  cancelAnimationFrame(moving);
  hide();
  view = zoomed(Math.exp(-clamp(event.deltaY * line, -240, 240) * (event.ctrlKey ? 0.01 : 0.002)), x, y);
  redraw();
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.startsWith("Arrow")) choose(towards(event.key));
  else if (event.key === "+" || event.key === "=") go(zoomed(1.6));
  else if (event.key === "-" || event.key === "−") go(zoomed(1 / 1.6));
  else if (event.key === "0") go(fit());
  else if (event.key === "Escape") choose(-1);
  else return;
  event.preventDefault();
});
at("in").addEventListener("click", () => go(zoomed(1.6)));
at("out").addEventListener("click", () => go(zoomed(1 / 1.6)));
at("all").addEventListener("click", () => go(fit()));

// --- searching

const wanted = at("wanted"), list = at("found");
let picked = -1, offered = [];
const plain = (text) => text.normalize("NFC").toLowerCase().trim();
const lowered = data.names.map((name, i) => plain(data.texts ? `${name} ${data.texts[i]}` : name));

function search(text) {
  const sought = plain(text);
  if (!sought) return [];
  const rank = (words) => (words === sought ? 0 : words.startsWith(sought) ? 1 : words.includes(sought) ? 2 : 3);
  const hits = lowered.map((words, i) => [words === sought || plain(data.names[i]) === sought ? 0 : rank(words), i]).filter(([r]) => r < 3);
  return hits.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 8).map(([, i]) => i);
}

function spelt(text) { // the nearest spellings, by the letters that must change
  const sought = plain(text);
  if (data.texts || !sought) return [];
  const away = lowered.map((word, i) => [Math.abs(word.length - sought.length) > 2 ? 9 : changes(word, sought), i]);
  return away.filter(([d]) => d <= Math.max(1, Math.min(3, sought.length / 3))).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 5).map(([, i]) => i);
}

function changes(a, b) {
  let row = [...Array(b.length + 1).keys()];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}

function offer(found) {
  offered = found; picked = -1;
  list.replaceChildren(...found.map((i, n) => {
    const item = el("li", label(i), { id: `found-${n}` });
    item.setAttribute("role", "option"); item.setAttribute("aria-selected", "false");
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(i); });
    return item;
  }));
  list.hidden = !found.length;
  wanted.setAttribute("aria-expanded", String(!list.hidden));
  wanted.removeAttribute("aria-activedescendant");
}

function mark(n) {
  picked = n;
  [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === n)));
  if (n >= 0) wanted.setAttribute("aria-activedescendant", `found-${n}`); else wanted.removeAttribute("aria-activedescendant");
}

function take(i) {
  wanted.value = data.texts ? wanted.value : data.names[i];
  offer([]);
  choose(i);
}

function missing(text) {
  const close = spelt(text);
  at("said").textContent = `“${text}” is not among the ${count.toLocaleString("en")} ${data.kind} of this map.${close.length ? " Nearest spellings: " + close.map(label).join(", ") + "." : ""}`;
}

wanted.addEventListener("input", () => { at("said").textContent = ""; offer(search(wanted.value)); });
wanted.addEventListener("blur", () => offer([]));
wanted.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && offered.length) { event.preventDefault(); mark((picked + step + offered.length + (picked < 0 && step < 0 ? 1 : 0)) % offered.length); }
  else if (event.key === "Escape") { offer([]); wanted.value = ""; at("said").textContent = ""; }
});
at("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = wanted.value.trim();
  if (!text) return;
  if (picked >= 0) { take(offered[picked]); return; }
  const [first] = search(text), exact = first !== undefined && (data.texts || plain(data.names[first]) === plain(text));
  offer([]);
  if (exact) take(first); else {
    const parts = search(text);
    missing(text);
    offer(parts.length ? parts : spelt(text));
  }
});

// --- groups, the address, and the beginning

data.groups.forEach((words, g) => {
  const button = el("button", null, { type: "button", title: words }), shape = el("span", "●■▲"[Math.floor(g / 7)], { className: "shape" });
  button.setAttribute("aria-pressed", "false");
  button.style.setProperty("--hue", `var(--${data.hues[g]})`);
  shape.setAttribute("aria-hidden", "true");
  button.append(shape, el("span", `${g + 1}`), el("span", words, { className: "words" }));
  button.addEventListener("click", () => {
    only = only === g ? -1 : g;
    [...at("groups").querySelectorAll("button")].forEach((b, n) => b.setAttribute("aria-pressed", String(n === only)));
    redraw();
  });
  const item = el("li", null);
  item.append(button);
  at("groups").append(item);
});

function fromAddress() {
  let name = location.hash.slice(1);
  try { name = decodeURIComponent(name); } catch { /* a stray % stays as it is */ }
  if (!name) { if (chosen >= 0) choose(-1); return; }
  const i = places.get(name) ?? places.get(plain(name)) ?? -1;
  if (i < 0) missing(name); else if (i !== chosen) choose(i);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); draw(); });
addEventListener("hashchange", fromAddress);
new ResizeObserver(resize).observe(stage);
readColours();
resize();
fromAddress();
