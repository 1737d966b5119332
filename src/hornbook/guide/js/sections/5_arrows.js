// Arrows from each query to the keys it looks at, as thick as the weight.

import { format } from "../shell/format.js";
import { svg } from "../shell/el.js";

const STEP = 28, LEFT = 76, RIGHT = 164, TOP = 30;

// An SVG of one head; `weight(t, s)` is a number, `label(t)` a position's name. `show(query)` draws it, that query's arrows in front.
export function arrows(head) {
  const picture = svg("svg", { role: "img", class: "looks" });

  function show(T, weight, label, query) {
    const order = [...Array(T).keys()].sort((a, b) => (a === query) - (b === query)), y = (t) => TOP + 6 + t * STEP;
    const lines = order.flatMap((t) => Array.from({ length: t + 1 }, (_, s) => line(y(t), y(s), weight(t, s), t === query)));
    const names = (x, anchor, t) => svg("text", { x, y: y(t) + 4, class: anchor }, label(t));
    const most = (t) => Array.from({ length: t + 1 }, (_, s) => s).reduce((best, s) => (weight(t, s) > weight(t, best) ? s : best), 0);
    picture.setAttribute("viewBox", `0 0 240 ${TOP + T * STEP}`);
    picture.setAttribute("aria-label", `Arrows of head ${head}. ${order.map((t) => `${label(t)} looks most at ${label(most(t))}, ${format(weight(t, most(t)), 2)}`).join("; ")}`);
    picture.replaceChildren(svg("text", { x: LEFT - 6, y: 14, class: "right faint" }, "query"), svg("text", { x: RIGHT + 8, y: 14, class: "faint" }, "key"), ...lines,
      ...Array.from({ length: T }, (_, t) => [names(LEFT - 6, t === query ? "right picked" : "right", t), names(RIGHT + 8, "", t)]).flat());
  }

  return { element: picture, show };
}

function line(from, to, weight, picked) {
  const width = Math.max(0.4, weight * 9), tip = 4 + width / 2;
  return svg("g", { class: picked ? "look picked" : "look" }, svg("line", { x1: LEFT, y1: from, x2: RIGHT - 6, y2: to, "stroke-width": width.toFixed(2) }),
    svg("path", { d: `M${RIGHT + 2},${to} l-8,${-tip} v${2 * tip} z` }));
}
