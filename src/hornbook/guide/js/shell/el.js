// Elements made in one call: el("button", {type: "button", onclick: go}, "Go"), svg("rect", {width: 3}).

// Properties beginning with "on" are listeners, `class` and `data-…`, `aria-…` are attributes, true is an empty one,
// null, undefined and false leave the attribute out. Children are nodes, text, or lists of both.
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...glued(children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)));
  return node;
}

// A line never breaks between a term, which is a button, and the punctuation around it.
function glued(children) {
  const all = [...children];
  for (const [i, term] of all.entries()) {
    if (!(term instanceof HTMLButtonElement && term.matches(".term"))) continue;
    const [before = "", after = ""] = [all[i - 1], all[i + 1]].map((text) => (typeof text === "string" ? text : ""));
    const [opening] = /[(“]*$/.exec(before), [closing] = /^[)”’.,;:?]*/.exec(after);
    if (!opening && !closing) continue;
    if (opening) all[i - 1] = before.slice(0, -opening.length);
    if (closing) all[i + 1] = after.slice(closing.length);
    all[i] = document.createElement("span");
    all[i].className = "glued";
    all[i].append(opening, term, closing);
  }
  return all;
}

// A button with a name; `pressed` makes it a switch.
export function button(label, onclick, properties = {}) {
  return el("button", { type: "button", onclick, ...properties }, label);
}

let made = 0;

// An id that no other element has, for labels and descriptions.
export function newId(what) {
  return `${what}-${++made}`;
}

// An input, select or output under its label: labelled("Temperature", el("input", {type: "range"})).
export function labelled(text, input) {
  input.id ||= newId("input");
  return el("span", { class: "labelled" }, el("label", { for: input.id }, text), input);
}
