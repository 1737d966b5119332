// An expression's graph after some steps of its backward pass, and what each of its numbers is and comes from.

import { Value, slope } from "../engine/value.js";
import { format } from "../shell/format.js";

const METHODS = { "+": "__add__", "×": "__mul__", exp: "exp", log: "log", tanh: "tanh", relu: "relu" };
const MEANING = { "+": "a sum", "×": "a product", exp: "e to the power of a number", log: "a natural logarithm", tanh: "a number squeezed between −1 and 1", relu: "a number, or 0 where it is below" };
const SLOPES = { // the local derivative in the operand i, from its operands' values and its own
  "+": () => "1, whatever the numbers are",
  "×": (x, i) => `the other factor, ${format(x[1 - i])}`,
  exp: (x, i, y) => `exp(${format(x[0])}) = ${format(y)}, the result itself`,
  log: (x) => `1 / ${format(x[0])}`,
  tanh: (x, i, y) => `1 − tanh² = 1 − ${bracketed(y)}²`,
  relu: (x) => `${format(x[0])} is ${x[0] > 0 ? "above 0: 1" : "not above 0: 0"}`,
};

// Step 0 has values alone, step 1 the result's own gradient, each further one node that passes its gradient on.
export class Pass {
  constructor(preset, numbers, step) {
    const entries = Object.keys(preset.leaves).map((name) => [name, new Value(numbers[name], [], [], "", name)]);
    this.leaves = Object.fromEntries(entries);
    this.make = () => preset.make(this.leaves);
    this.result = this.make();
    this.order = this.result.nodes();
    this.passing = this.order.filter(({ children }) => children.length).reverse();
    this.last = this.passing.length + 1;
    this.step = Math.max(0, Math.min(this.last, step));
    this.received = new Map(this.order.map((node) => [node, []])); // node -> what each of its parents has passed to it
    this.back();
  }

  back() {
    if (this.step) this.result.grad = 1;
    for (const node of this.passing.slice(0, Math.max(0, this.step - 1))) {
      node.children.forEach((child, i) => this.received.get(child).push({ local: node.localGrads[i], grad: node.grad }));
      node.passBack();
    }
  }

  // The node that this step is about, or null before the first.
  get active() { return this.step > 1 ? this.passing[this.step - 2] : this.step ? this.result : null; }

  // All that uses the node has passed its gradient on: it is whole.
  whole(node) {
    const uses = this.order.flatMap(({ children }) => children).filter((child) => child === node).length;
    return this.step > 0 && this.received.get(node).length === uses;
  }

  passed(node) { return this.passing.indexOf(node) < this.step - 1; }

  nudged(leaf) { return slope(this.make, leaf); }
}

const bracketed = (x) => (x < 0 ? `(${format(x)})` : format(x));

// What a node computes, in the leaves' names: (a·b + c).
export function written(node) {
  const { op, children } = node;
  if (!children.length) return node.name ?? format(node.data);
  const inside = children.map((child) => (child.op === "+" && op !== "+" ? `(${written(child)})` : written(child)));
  if (op === "+") return inside.join(" + ");
  if (op === "×") return inside.join("·");
  return op.startsWith("**") ? `(${written(children[0])})^${format(Number(op.slice(2)))}` : `${op}(${written(children[0])})`;
}

// The sign on a node: its operation, or its name.
export function sign({ op, name, data, children }) {
  if (!children.length) return name ?? format(data);
  return op.startsWith("**") ? `^ ${format(Number(op.slice(2)))}` : op;
}

// The last line of the method of autograd.py that makes such a node; of a leaf, the line that keeps its number.
export function linesOf({ parts, lines }, { op, children }) {
  if (!children.length) return [lineOf({ parts, lines }, "Value.__init__", "self.data = data")];
  return [parts[`Value.${METHODS[op] ?? "__pow__"}`][1]];
}

export function lineOf({ parts, lines }, part, text) {
  const [first, last] = parts[part], found = lines.slice(first - 1, last).findIndex((line) => line.trim().startsWith(text));
  return found < 0 ? first : first + found;
}

export function dataSpec(app, node) {
  const { op, children, data } = node, x = children.map((child) => child.data), power = op.slice(2);
  const formula = { "+": () => `${format(x[0])} + ${bracketed(x[1])}`, "×": () => `${format(x[0])} · ${bracketed(x[1])}` }[op]
    ?? (() => (op.startsWith("**") ? `${bracketed(x[0])}^(${format(Number(power))})` : `${op}(${format(x[0])})`));
  const meaning = children.length ? MEANING[op] ?? "a power" : node.name ? "a leaf: the number that its slider gives" : "a constant: plain numbers become leaves too";
  return { name: written(node), value: data, meaning, formula: children.length ? formula() : undefined, file: "autograd", lines: linesOf(app.data.sources.autograd, node) };
}

export function gradSpec(app, pass, node) {
  const parts = pass.received.get(node), source = app.data.sources.autograd, own = node === pass.result;
  const formula = own && pass.step ? "1: the result moves as much as itself" : parts.length
    ? parts.map(({ local, grad }) => `${format(local)} · ${bracketed(grad)}`).join(" + ") : "nothing passed to it yet";
  const meaning = `how much the result moves when this number grows a little${pass.step && !pass.whole(node) ? "; not all parts are in yet" : ""}`;
  const line = own ? lineOf(source, "Value.backward", "self.grad = 1") : lineOf(source, "Value.backward", "child.grad +=");
  return { name: `∂result/∂(${written(node)})`, value: node.grad, meaning, formula, file: "autograd", lines: [line] };
}

export function edgeSpec(app, node, i) {
  const x = node.children.map((child) => child.data), power = Number(node.op.slice(2));
  const formula = SLOPES[node.op]?.(x, i, node.data) ?? `${format(power)} · ${bracketed(x[0])}^(${format(power - 1)})`;
  return { name: `∂(${written(node)})/∂(${written(node.children[i])})`, value: node.localGrads[i], meaning: "local derivative, known as soon as the node is made", formula,
    file: "autograd", lines: linesOf(app.data.sources.autograd, node) };
}

// The step in words.
export function said(pass) {
  const { active, step, last } = pass;
  if (!active) return "Forward pass done, no gradient yet: every grad is 0, as a Value begins.";
  if (step === 1) return "The result moves as much as itself: its grad is 1.";
  const parts = active.children.map((child, i) => {
    const whole = `${sign(child)} gets ${format(active.localGrads[i])} · ${bracketed(active.grad)} = ${format(active.localGrads[i] * active.grad)}`;
    return whole;
  });
  return `${sign(active)} (${format(active.data)}) passes its grad ${format(active.grad)} on: ${parts.join("; ")}.${step === last ? " Done: every leaf has its gradient." : ""}`;
}
