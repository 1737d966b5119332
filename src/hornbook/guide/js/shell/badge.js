// The badge: this page trains from the beginning and compares every loss and name with what the Python program printed.

import { begin, Trainer } from "../engine/trainer.js";
import { init, loss as scalarLoss } from "../engine/scalar_gpt.js";
import { Random } from "../engine/random.js";
import { sample } from "../engine/sample.js";
import { button, el } from "./el.js";
import { format } from "./format.js";

const EQUAL = 1e-6; // nats; Python's losses are kept to seven decimals

// Train to the last step and compare: {equal, difference, same, of}; `golden` {losses, names} is Python's.
export async function check(trainer, golden) {
  await trainer.run(golden.losses.length);
  const rng = trainer.rng.copy(), difference = Math.max(...golden.losses.map((loss, i) => Math.abs(loss - trainer.losses[i])));
  const same = golden.names.filter((name) => sample(trainer.gpt, rng) === name).length;
  return { equal: difference < EQUAL && same === golden.names.length, difference, same, of: golden.names.length };
}

// For names that Python has not run: the first loss by Value nodes beside that of the typed arrays.
export function compareForms(names, config, seed = 42) {
  const rng = new Random(seed), { gpt, names: order } = begin(names, config, seed), ids = gpt.tokenizer.encode(order[0]);
  rng.shuffle([...names]);
  const byNodes = scalarLoss(init(gpt.tokenizer.vocabSize, gpt.config, rng), ids, gpt.config).data;
  return Math.abs(byNodes - gpt.loss(ids));
}

export function badge(app) {
  const result = el("output", { id: "parity", class: "badge", "data-state": "waiting" }, "Parity with Python: not checked yet");
  const again = button("Check again", () => run());
  let latest = 0, training = null;

  // Names may change while this trains: only what the newest run found, of the names that are there, is shown and kept.
  async function run() {
    const { model, data } = app, { list } = model, mine = ++latest, stands = () => mine === latest && list === model.list;
    training?.pause();
    again.disabled = true;
    show("running", "Parity with Python: training …");
    try {
      const trainer = (training = new Trainer(begin(list, model.config, model.seed))), packaged = list === app.packaged;
      const said = await (packaged && data.expected ? withPython(trainer, data.expected) : alone(trainer, model, packaged ? data.run : null));
      if (!stands()) return;
      model.keep("trained", trainer);
      show(...said);
    } catch (error) {
      if (stands()) show("different", `✗ The check ended early: ${error.message}`);
    } finally {
      if (mine === latest) again.disabled = false;
    }
  }

  function show(state, text) {
    result.dataset.state = state;
    result.textContent = text;
  }

  return { element: el("p", { class: "parity" }, result, " ", again), run };
}

async function withPython(trainer, golden) {
  const began = performance.now(), { equal, difference, same, of } = await check(trainer, golden);
  const what = `${golden.losses.length.toLocaleString("en")} losses differ by at most ${format(difference, 5)}, ${same} of ${of} names are the same`;
  return [equal ? "equal" : "different", `${equal ? "✓ Same numbers as Python" : "✗ Not Python's numbers"}: ${what} (${format((performance.now() - began) / 1000, 2)} s)`];
}

// What can be said of training for which nothing that Python printed is here to compare with.
async function alone(trainer, { list, config, seed }, run) {
  const difference = compareForms(list, config, seed);
  if (!(difference < EQUAL)) return ["different", `✗ Value nodes and typed arrays differ by ${format(difference, 6)} in the first loss: the numbers of this page are wrong.`];
  await trainer.run(config.steps);
  const last = `step ${config.steps.toLocaleString("en")} has loss ${trainer.losses.at(-1).toFixed(4)}`;
  const why = run?.batch_size > 1 ? `this run read ${run.batch_size} names a step and the page reads one, so that training here is another: its ${last}.`
    : `it has not run on your names. Here ${last}; compare with python -m hornbook.reference.microgpt your-names.txt.`;
  return ["alone", `○ Not compared with Python: ${why} Only the first loss was computed twice, by Value nodes and by typed arrays: they differ by ${format(difference, 6)}.`];
}
