// Reverse-mode automatic differentiation of single numbers: the `Value` node of reference/autograd.py.

// One number of a computation, what it was made from, and how the result changes when it does.
//
// `children` are the operands, `localGrads` the derivative of this number in each; `grad`, filled by `backward`, is
// ∂result/∂this. `op` is "" for a leaf. Every operation takes a Value or a plain number.
export class Value {
  constructor(data, children = [], localGrads = [], op = "", name = null) {
    this.data = data;
    this.grad = 0;
    this.children = children;
    this.localGrads = localGrads;
    this.op = op;
    this.name = name;
  }

  add(other) {
    other = lift(other);
    return new Value(this.data + other.data, [this, other], [1, 1], "+");
  }

  mul(other) {
    other = lift(other);
    return new Value(this.data * other.data, [this, other], [other.data, this.data], "×");
  }

  // this ** exponent for a plain number; derivative exponent · this ** (exponent − 1).
  pow(exponent) {
    return new Value(this.data ** exponent, [this], [exponent * this.data ** (exponent - 1)], `**${exponent}`);
  }

  exp() {
    const result = Math.exp(this.data);
    return new Value(result, [this], [result], "exp");
  }

  // The natural logarithm; RangeError at zero and below.
  log() {
    if (!(this.data > 0)) throw new RangeError(`the logarithm of ${this.data} is no number; it needs one above 0.`);
    return new Value(Math.log(this.data), [this], [1 / this.data], "log");
  }

  tanh() {
    const result = Math.tanh(this.data);
    return new Value(result, [this], [1 - result * result], "tanh");
  }

  // max(0, this), with derivative 0 at 0.
  relu() {
    return new Value(Math.max(0, this.data), [this], [Number(this.data > 0)], "relu");
  }

  neg() { return this.mul(-1); }
  sub(other) { return this.add(other instanceof Value ? other.neg() : -other); }
  div(other) { return this.mul(other instanceof Value ? other.pow(-1) : other ** -1); }

  // Every node this one was made from, children before parents and this one last: a topological order.
  nodes() {
    const order = [], seen = new Set(), stack = [this];
    while (stack.length) {
      const node = stack.pop();
      if (node === null) order.push(stack.pop()); // everything below the node underneath is in the order
      else if (!seen.has(node)) {
        seen.add(node);
        stack.push(node, null, ...node.children);
      }
    }
    return order;
  }

  // Add ∂this/∂node to the `grad` of every node: child.grad += ∂node/∂child · node.grad. Once for a graph.
  backward() {
    const order = this.nodes();
    this.grad = 1;
    for (let i = order.length - 1; i >= 0; i--) order[i].passBack();
  }

  // One node's part of `backward`, for watching it node by node.
  passBack() {
    this.children.forEach((child, i) => { child.grad += this.localGrads[i] * this.grad; });
  }
}

// Σ values, beginning at 0 as Python's sum does.
export function sum(values) {
  return values.slice(1).reduce((total, value) => total.add(value), values[0].add(0));
}

// Name a list of Values `label[0]`, `label[1]`, …, and return it.
export function name(label, values) {
  values.forEach((value, i) => { value.name = `${label}[${i}]`; });
  return values;
}

// The derivative of `result()` in `leaf` by nudging it: (result(x + h) − result(x − h)) / 2h.
export function slope(result, leaf, step = 1e-5) {
  const x = leaf.data;
  leaf.data = x + step;
  const above = result().data;
  leaf.data = x - step;
  const below = result().data;
  leaf.data = x;
  return (above - below) / (2 * step);
}

function lift(other) {
  return other instanceof Value ? other : new Value(other);
}
