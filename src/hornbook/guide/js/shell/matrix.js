// Numbers as a table: one stop of the Tab key, arrow keys from cell to cell, each cell explained, coloured by size and sign.

import { el } from "./el.js";
import { format } from "./format.js";

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] };

// `values()` returns {shape: [rows, columns] or [columns], data}; `explain(cell, row, column)` is called once a cell.
// Labels are functions of a row or column. Returns {element, update}; `onPick(row, column)` is for Enter and click.
export function matrix({ title, values, family = "stream", rowLabel = String, columnLabel = String, explain = null, onPick = null }) {
  const table = el("table", { class: "matrix", role: "grid", "aria-label": title, style: `--family:var(--${family})` });
  let cells = [], here = [0, 0], size = "";

  function update() {
    const { data, rows, columns } = flat(values());
    if (size !== `${rows} ${columns}`) build(rows, columns);
    let largest = 0;
    for (const x of data) if (Math.abs(x) > largest) largest = Math.abs(x);
    cells.forEach((line, i) => line.forEach((cell, j) => paint(cell, data[i * columns + j], largest)));
  }

  function build(rows, columns) {
    size = `${rows} ${columns}`;
    here = [0, 0];
    cells = Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => cell(i, j)));
    const head = el("tr", { role: "row" }, el("td", { role: "gridcell" }), cells[0]?.map((_, j) => el("th", { scope: "col", role: "columnheader" }, columnLabel(j))));
    const body = cells.map((line, i) => el("tr", { role: "row" }, el("th", { scope: "row", role: "rowheader" }, rowLabel(i)), line));
    table.replaceChildren(el("thead", { role: "rowgroup" }, head), el("tbody", { role: "rowgroup" }, body));
  }

  function cell(i, j) {
    const made = el("td", { role: "gridcell", tabindex: i || j ? -1 : 0, onfocus: () => move(i, j), onclick: () => { made.focus(); onPick?.(i, j); } });
    explain?.(made, i, j);
    return made;
  }

  function move(i, j) {
    cells[here[0]][here[1]].tabIndex = -1;
    here = [clamp(i, cells.length), clamp(j, cells[0].length)];
    cells[here[0]][here[1]].tabIndex = 0;
    return cells[here[0]][here[1]];
  }

  table.addEventListener("keydown", (event) => {
    const way = MOVES[event.key];
    if (event.key === "Enter") onPick?.(...here);
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(here[0] + way[0], here[1] + way[1]).focus();
  });
  update();
  return { element: el("div", { class: "wide" }, table), update };
}

// A table without headings: a vector of one row is told by its length.
export function flat({ shape, data }) {
  const [rows, columns] = shape.length === 2 ? shape : [1, shape[0] ?? 1];
  return { data, rows, columns };
}

// How much of its colour a number has: 0 … 100 %, against the largest of its array.
export function strength(value, largest) {
  return largest > 0 && Number.isFinite(value) ? Math.round((Math.abs(value) / largest) * 100) : 0;
}

function paint(cell, value, largest) {
  const text = format(value);
  if (cell.textContent !== text) cell.textContent = text;
  cell.style.setProperty("--heat", `${strength(value, largest) * 0.45}%`); // at most hornbook.palette.HEAT of the colour
  cell.classList.toggle("below", value < 0);
}

const clamp = (i, count) => Math.max(0, Math.min(count - 1, i));
