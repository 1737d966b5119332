// The badge: this page trains from the beginning and compares every loss and name with what the Python program printed.

import { begin, Trainer } from "../engine/trainer.js";
import { init, loss as scalarLoss } from "../engine/scalar_gpt.js";
import { Random } from "../engine/random.js";
import { sample } from "../engine/sample.js";
import { button, el } from "./el.js";
import { format } from "./format.js";

const EQUAL = 1e-6; // nats; Python's losses are kept to seven decimals

// Train a model of its own and compare. {equal, steps, difference, names, seconds}; `golden` {losses, names} is Python's.
export async function check(names, config, golden) {
  const trainer = new Trainer(begin(names, config)), began = performance.now();
  await trainer.run(golden.losses.length);
  const seconds = (performance.now() - began) / 1000, rng = trainer.rng.copy();
  const difference = Math.max(...golden.losses.map((loss, i) => Math.abs(loss - trainer.losses[i])));
  const written = golden.names.map(() => sample(trainer.gpt, rng));
  const same = written.filter((name, i) => name === golden.names[i]).length;
  return { equal: difference < EQUAL && same === written.length, steps: golden.losses.length, difference, same, of: written.length, seconds, trainer };
}

// For names that Python has not run: the first loss by Value nodes beside that of the typed arrays.
export function compareForms(names, config) {
  const rng = new Random(42), { gpt, names: order } = begin(names, config), ids = gpt.tokenizer.encode(order[0]);
  rng.shuffle([...names]);
  const byNodes = scalarLoss(init(gpt.tokenizer.vocabSize, gpt.config, rng), ids, gpt.config).data;
  return Math.abs(byNodes - gpt.loss(ids));
}

export function badge(app) {
  const result = el("output", { id: "parity", class: "badge", "data-state": "waiting" }, "Parity with Python: not checked yet");
  const again = button("Check again", () => run());

  async function run() {
    const { model, data } = app, own = model.list === app.packaged && data.expected;
    again.disabled = true;
    show("running", "Parity with Python: training …");
    if (own) {
      const found = await check(model.list, model.config, data.expected);
      if (model.list === app.packaged) model.keep("trained", found.trainer);
      const what = `${found.steps.toLocaleString("en")} losses differ by at most ${format(found.difference, 5)}, ${found.same} of ${found.of} names are the same`;
      show(found.equal ? "equal" : "different", `${found.equal ? "✓ Same numbers as Python" : "✗ Not Python's numbers"}: ${what} (${format(found.seconds, 2)} s)`);
    } else {
      const trainer = new Trainer(begin(model.list, model.config)), list = model.list, difference = compareForms(list, model.config);
      await trainer.run(model.config.steps);
      if (model.list === list) model.keep("trained", trainer);
      show(difference < EQUAL ? "equal" : "different", `${difference < EQUAL ? "✓" : "✗"} Your names: Value nodes and typed arrays differ by ${format(difference, 6)} in the first loss.`
        + " Compare with: python -m hornbook.reference.microgpt your-names.txt");
    }
    again.disabled = false;
  }

  function show(state, text) {
    result.dataset.state = state;
    result.textContent = text;
  }

  return { element: el("p", { class: "parity" }, result, " ", again), run };
}
