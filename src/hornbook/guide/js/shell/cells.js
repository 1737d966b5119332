// Vectors as cells: every number with its place and its colour, one stop of the Tab key, arrow keys from cell to cell.

import { el } from "./el.js";
import { format } from "./format.js";
import { strength } from "./matrix.js";

const HEAT = 0.45; // the most of its colour that a cell takes, so that its number can be read
const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -Infinity], End: [0, Infinity] };

// `show(rows)` fills it: rows are [{label, items: [{label, value, spec}]}], `spec` what app.number explains, null for a
// cell without a number. With `columns` cells stand under each other, headed by the labels of the last row, and small
// numbers are not written as powers of ten.
export function cells(app, { title, family = "stream", digits = 4, columns = null, onPick = null }) {
  const element = el("div", { class: columns ? "cells square" : "cells", role: "grid", "aria-label": title, style: `--family:var(--${family})` });
  let rows = [], grid = [], built = "", here = [0, 0];

  function show(next) {
    rows = next;
    const key = JSON.stringify(rows.map(({ label, items }) => [label, items.map((item) => item.label)]));
    if (key !== built) build(key);
    const largest = Math.max(0, ...rows.flatMap(({ items }) => items.map(({ value }) => Math.abs(value) || 0)));
    grid.forEach((line, i) => line.forEach((cell, j) => paint(cell, rows[i].items[j], largest, (value) => (columns ? value.toFixed(digits) : format(value, digits)))));
  }

  function build(key) {
    built = key;
    grid = rows.map(({ items }, i) => items.map((item, j) => cell(item, i, j)));
    here = [0, grid.length ? Math.min(here[1], grid[0].length - 1) : 0];
    const head = columns && el("div", { role: "row", class: "line" }, el("span", { role: "columnheader" }, columns), rows.at(-1).items.map(({ label }) => el("span", { role: "columnheader" }, label)));
    const lines = rows.map(({ label }, i) => el("div", { role: "row", class: "line" }, label && el("span", { role: "rowheader" }, label), grid[i]));
    element.style.setProperty("--columns", String(rows.at(-1)?.items.length ?? 1));
    element.replaceChildren(...(head ? [head, ...lines] : lines));
    if (grid[0]?.[0]) grid[0][0].tabIndex = 0;
  }

  function cell({ label }, i, j) {
    const made = el("span", { role: "gridcell", tabindex: -1, class: "cell", onfocus: () => move(i, j), onclick: () => { made.focus(); onPick?.(i, j); } },
      columns ? null : el("span", { class: "at" }, label), el("span", { class: "value" }));
    return rows[i].items[j].spec ? app.number(made, () => rows[i].items[j].spec) : made;
  }

  function move(i, j) {
    if (grid[here[0]]?.[here[1]]) grid[here[0]][here[1]].tabIndex = -1;
    const row = Math.max(0, Math.min(grid.length - 1, i));
    here = [row, Math.max(0, Math.min(grid[row].length - 1, j))];
    grid[here[0]][here[1]].tabIndex = 0;
    return grid[here[0]][here[1]];
  }

  element.addEventListener("keydown", (event) => {
    const way = MOVES[event.key];
    if ((event.key === "Enter" || event.key === " ") && onPick) { event.preventDefault(); onPick(...here); }
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(here[0] + way[0], here[1] + way[1]).focus();
  });
  return { element, show };
}

function paint(cell, { value, picked }, largest, written) {
  const text = Number.isNaN(value) ? "·" : written(value), shown = cell.lastChild;
  if (shown.textContent !== text) shown.textContent = text;
  cell.style.setProperty("--heat", `${strength(value, largest) * HEAT}%`);
  cell.classList.toggle("below", value < 0);
  cell.classList.toggle("picked", Boolean(picked));
  if (picked === undefined) return;
  cell.setAttribute("aria-selected", String(Boolean(picked)));
}
