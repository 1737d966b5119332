// A matrix as a picture: pointer and arrow keys go from cell to cell, Enter picks one, and the table of it is behind.

import { el } from "./el.js";
import { flat, matrix } from "./matrix.js";

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

// `values()` as for a matrix; `explain(row, column)` returns what the box says of a cell. `cell` is a cell's side in pixels.
// Values below 0 are drawn in slate with a bar through them. Returns {element, update}.
export function heatmap(app, { title, values, family = "stream", cell = 10, rowLabel, columnLabel, explain, explainCell, onPick = null }) {
  const canvas = el("canvas", { tabindex: 0, role: "application", "aria-roledescription": "heatmap", class: "heatmap" });
  let here = [0, 0], shape = flat(values());
  const behind = el("details", { class: "behind", ontoggle: fill }, el("summary", {}, "As a table"));
  let table = null;

  function fill() {
    if (!behind.open || table) return;
    table = matrix({ title, values, family, rowLabel, columnLabel, explain: explainCell, onPick });
    behind.append(table.element);
  }

  function update() {
    shape = flat(values());
    canvas.setAttribute("aria-label", `${title}: ${shape.rows} × ${shape.columns}; arrow keys go from number to number`);
    draw(canvas, shape, family, cell, canvas === document.activeElement ? here : null);
    if (behind.open) table?.update();
  }

  function to(i, j) {
    here = [Math.max(0, Math.min(shape.rows - 1, i)), Math.max(0, Math.min(shape.columns - 1, j))];
    app.tip.show(canvas);
  }

  function under(event) {
    const box = canvas.getBoundingClientRect();
    return [Math.floor(((event.clientY - box.top) / box.height) * shape.rows), Math.floor(((event.clientX - box.left) / box.width) * shape.columns)];
  }

  app.tip.explain(canvas, () => explain(...here));
  canvas.addEventListener("pointermove", (event) => { if (!app.tip.pinned) to(...under(event)); });
  canvas.addEventListener("click", (event) => { to(...under(event)); onPick?.(...here); });
  for (const event of ["focus", "blur"]) canvas.addEventListener(event, update);
  canvas.addEventListener("keydown", (event) => {
    const way = MOVES[event.key];
    if (event.key === "Enter") onPick?.(...here);
    if (!way) return;
    event.preventDefault();
    to(here[0] + way[0], here[1] + way[1]);
    app.say(app.tip.box.textContent);
    update();
  });
  app.onTheme(update);
  update();
  return { element: el("figure", { class: "picture" }, canvas, behind), update };
}

function draw(canvas, { data, rows, columns }, family, cell, mark) {
  const scale = Math.min(2, devicePixelRatio || 1), side = cell * scale, pen = canvas.getContext("2d");
  canvas.width = columns * side;
  canvas.height = rows * side;
  canvas.style.width = `${columns * cell}px`;
  canvas.style.aspectRatio = `${columns} / ${rows}`;
  const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const over = colour(family), under = colour("negative"), ink = colour("ink");
  let largest = 0;
  for (const x of data) if (Math.abs(x) > largest) largest = Math.abs(x);
  for (let k = 0; k < rows * columns; k++) {
    const x = (k % columns) * side, y = Math.floor(k / columns) * side;
    pen.globalAlpha = largest && Number.isFinite(data[k]) ? Math.abs(data[k]) / largest : 0;
    pen.fillStyle = data[k] < 0 ? under : over;
    pen.fillRect(x, y, side - 1, side - 1);
    pen.fillStyle = ink;
    if (data[k] < 0 && cell >= 6) pen.fillRect(x + side * 0.3, y + side * 0.45, side * 0.4, Math.max(1, side * 0.1));
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = ink;
  pen.lineWidth = 2 * scale;
  if (mark) pen.strokeRect(mark[1] * side, mark[0] * side, side - 1, side - 1);
}
