// Bars with their numbers: one row a thing, so that the picture and its table are the same element.

import { el } from "./el.js";
import { format } from "./format.js";

// `items()` returns [{label, value, chosen, note}]; bars are drawn against the largest, `chosen` ones are marked.
// `explain(element, item, i)` is called for each number. Returns {element, update}.
export function bars({ title, items, family = "stream", digits = 4, explain = null }) {
  const list = el("ol", { class: "bars", "aria-label": title, style: `--family:var(--${family})` });

  function update() {
    const all = items(), largest = Math.max(...all.map(({ value }) => Math.abs(value)), 1e-12);
    list.replaceChildren(...all.map((item, i) => row(item, i, largest)));
  }

  function row(item, i, largest) {
    const { label, value, chosen, note } = item, number = el("span", { class: "value" }, format(value, digits));
    explain?.(number, item, i);
    return el("li", { class: chosen ? "chosen" : null }, el("span", { class: "label" }, label, chosen ? el("span", { class: "marked" }, " ◀") : null),
      el("span", { class: "bar", "aria-hidden": "true", style: `--size:${((Math.abs(value) / largest) * 100).toFixed(1)}%` }), number, note ? el("span", {}, note) : null);
  }

  update();
  return { element: list, update };
}
