// The expressions of the autograd section, made of Value nodes in the very order in which the Python beside them is.

export const LEAST = -5; // of a slider
export const MOST = 5;

// word -> {title, leaves: {name: usual value}, python, make(leaves) -> Value, why}
export const PRESETS = {
  addition: {
    title: "Addition", leaves: { a: 2, b: -3 }, python: "a + b",
    make: ({ a, b }) => a.add(b),
    why: "A sum moves as much as either part does: both local derivatives are 1, and the gradient goes through as it is.",
  },
  multiplication: {
    title: "Multiplication", leaves: { a: 2, b: -3 }, python: "a * b",
    make: ({ a, b }) => a.mul(b),
    why: "A product moves by the other factor: a's local derivative is the value of b, and b's is that of a.",
  },
  both: {
    title: "a·b + c", leaves: { a: 2, b: -3, c: 4 }, python: "a * b + c",
    make: ({ a, b, c }) => a.mul(b).add(c),
    why: "The chain rule: what a does to the result is what a does to the product, times what the product does to the sum.",
  },
  softmax: {
    title: "Log + exp (softmax fragment)", leaves: { a: 1, b: 0.5, c: -1 }, python: "-((e := a.exp()) / (e + b.exp() + c.exp())).log()",
    make: ({ a, b, c }) => {
      const e = a.exp();
      return e.div(e.add(b.exp()).add(c.exp())).log().neg();
    },
    why: "The loss of three logits when the first is right. exp(a) is used twice, so its gradient is a sum over two ways; b's and c's gradients are their probabilities, a's is its probability − 1.",
  },
  relu: {
    title: "ReLU", leaves: { a: 2, b: -3, c: 4 }, python: "(a * b + c).relu()",
    make: ({ a, b, c }) => a.mul(b).add(c).relu(),
    why: "Below 0 the ReLU gives 0 and its local derivative is 0: no gradient gets through. Raise c until the sum is above 0. Exactly at 0 there is no one slope: Python says 0, nudging says half.",
  },
  neuron: {
    title: "Neuron with tanh", leaves: { a: 0.5, b: -1, c: 0.2 }, python: "(a * b + c).tanh()",
    make: ({ a, b, c }) => a.mul(b).add(c).tanh(),
    why: "Far from 0 tanh is flat: make the sum large and watch the gradients vanish.",
  },
  rmsnorm: {
    title: "RMSNorm of two numbers", leaves: { a: 0.6, b: -0.8 }, python: "a * ((a * a + b * b) / 2 + 1e-5) ** -0.5",
    make: ({ a, b }) => a.mul(a.mul(a).add(b.mul(b)).div(2).add(1e-5).pow(-0.5)),
    why: "The first output of rmsnorm([a, b]). a goes in three times, so its gradient has three parts: growing a also grows what a is divided by.",
  },
};
