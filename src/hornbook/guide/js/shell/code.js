// "Show Python code": the very lines of the reference files, numbered as there, the active ones lit.

import { el } from "./el.js";

// `parts` are names such as "microgpt.linear" or "autograd.Value.backward". Returns {element, light(lines)}: lines of
// microgpt.py, or of autograd.py where `file` says so.
export function code(app, parts) {
  const blocks = parts.map((part) => block(app.data.sources, part));
  const element = el("details", { class: "code" }, el("summary", {}, "Show Python code"), blocks.map(({ element: part }) => part));

  function light(lines, file = "microgpt") {
    for (const { file: of, rows } of blocks) {
      for (const [number, row] of rows) {
        const lit = of === file && lines.includes(number);
        row.classList.toggle("lit", lit);
        if (lit) row.setAttribute("aria-current", "step"); else row.removeAttribute("aria-current");
      }
    }
  }

  return { element, light };
}

function block(sources, part) {
  const [file, ...name] = part.split("."), { lines, parts } = sources[file], [first, last] = parts[name.join(".")];
  const rows = new Map();
  for (let number = first; number <= last; number++) rows.set(number, el("li", { value: number }, el("code", {}, lines[number - 1] || " ")));
  const title = `reference/${file}.py, lines ${first}–${last}`;
  return { file, rows, element: el("div", { class: "wide", tabindex: 0, role: "group", "aria-label": title }, el("p", { class: "file" }, title), el("ol", { class: "lines" }, [...rows.values()])) };
}
