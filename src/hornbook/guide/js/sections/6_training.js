// Section 6: training, one name a step: the loss falls, Adam moves every parameter, and any of them can be stopped at and read.

import { button, el, labelled } from "../shell/el.js";
import { format } from "../shell/format.js";
import { read } from "../engine/read.js";
import { yardsticks } from "../engine/yardsticks.js";
import { PACES, Pace } from "./6_training_pace.js";
import { inspector, parameterAt } from "./6_training_parameter.js";
import { reading } from "./6_training_document.js";
import { watched } from "./6_training_watched.js";

const RECENT = 100; // losses in the running mean, as in microgpt.py
const PHASE = 450; // milliseconds that each part of a single step stays lit

const TERMS = {
  input: "The token that the model reads at a position.",
  target: "The token that really comes next: the input of the next position, and what the loss asks the model to have foreseen.",
  "training step": "One name read, its loss computed, every gradient found, and every parameter moved a little.",
  yardstick: "A loss to compare with, reached without a network: by guessing, or by counting which letter follows the last 0, 1 or 2.",
  unigram: "One token by itself; as a yardstick, the loss of knowing only how often each letter occurs.",
  bigram: "Two tokens in a row; as a yardstick, the loss of knowing which letter follows the one before.",
  trigram: "Three tokens in a row; as a yardstick, the loss of knowing which letter follows the two before.",
};

export const section = { id: "training", title: "Training", terms: TERMS, mount };

function mount(root, app) {
  const code = app.code("microgpt.train", "microgpt.adam", "microgpt.loss", "autograd.Value.backward");
  const watch = lastStep(app), chosen = choice(app, () => paint());
  const pace = new Pace(app, () => { ask(); if (!pace.active && pace.taken) app.say(said(app)); });
  const parts = [phases(app, code, watch), panel(app, pace, watch), reading(app, () => watch.last), curve(app), watched(app, chosen.watched),
    inspector(app, { here: chosen.here, choose: chosen.choose, watch: chosen.watch, light: code.light })];
  const controls = steering(app, pace, parts[0].play);
  parts.push(controls);
  let asked = false;

  function paint() {
    asked = false;
    for (const part of parts) part.update();
  }

  // Draw at most once a frame, however many steps are taken in it.
  function ask() {
    if (!asked) requestAnimationFrame(paint);
    asked = true;
  }

  const [first, numbers, name, losses, memory, parameter] = parts.map(({ element }) => element);
  root.append(...introduction(app), el("div", { class: "stage" }, controls.element, first, numbers), name, losses, memory, parameter, code.element);
  app.onStep((done) => { watch.follow(done); ask(); });
  app.onNames(() => { watch.follow(null); paint(); });
  app.keys(root.closest("section") ?? root, "Training", {
    Enter: ["train one step", () => { parts[0].play(); pace.take(1); }],
    c: ["train on and on, or pause", () => controls.toggle()],
    r: ["reset to step 0", () => controls.reset()],
  });
  paint();
}

function introduction(app) {
  return [el("p", {}, "Training repeats one thing: read a name, measure the ", app.term("loss"), ", find every ", app.term("gradient"), ", and let ", app.term("Adam"), " move each ", app.term("parameter"),
    " a little. One name is one ", app.term("training step"), ". The names, their order and every number are those of the Python program.",
    app.data.run?.batch_size > 1 ? ` This run was trained on ${app.data.run.batch_size} names a step, which the page does not do: steps taken here are others.` : "")];
}

// The last step that was taken here, with the losses and chances before it moved the weights.
function lastStep(app) {
  const watch = { last: null, follow };

  function follow(done) {
    const { model } = app, { gpt } = model;
    if (done) {
      const ids = gpt.tokenizer.encode(done.name), { data: losses } = read(gpt, "losses", ids), all = read(gpt, "probabilities", ids).data;
      watch.last = { ...done, losses, chances: losses.map((_, t) => all[t * gpt.sizes.V + ids[t + 1]]) };
    } else if (model.kind !== "here" || model.step !== watch.last?.step) watch.last = null;
  }

  return watch;
}

// The parameter being inspected and those being watched, kept in the address.
function choice(app, changed) {
  const { state } = app, first = () => `wte[${app.model.tokenizer.bos}][0]`;
  const here = () => parameterAt(app.model.gpt, state.get("training.parameter", first())) ?? parameterAt(app.model.gpt, first());
  const usual = () => [first(), ...["attn.wq", "mlp.fc1"].map((part) => `layers.0.${part}[0][0]`), `lm_head[${app.model.tokenizer.bos}][0]`];
  const list = () => state.get("training.watch", usual().join()).split(",").filter((text) => parameterAt(app.model.gpt, text));
  const keep = (all) => state.set("training.watch", all.length ? all.join() : "none");
  const look = (text) => { if (parameterAt(app.model.gpt, text)) state.set("training.parameter", text); };
  const choose = (name, row, column) => look(`${name}[${row}][${column}]`);
  const watch = () => { const { name, row, column } = here(), text = `${name}[${row}][${column}]`; if (!list().includes(text)) keep([...list(), text]); app.say(`${text} is being watched`); };
  for (const key of ["training.parameter", "training.watch"]) state.on(key, changed);
  return { here, choose, watch, watched: { list, at: (text) => parameterAt(app.model.gpt, text), remove: (text) => keep(list().filter((one) => one !== text)), look } };
}

// The buttons and the slider.
function steering(app, pace, play) {
  const { state } = app, ten = [1, 10, 100].map((count) => button(`Train ${count} step${count > 1 ? "s" : ""}`, () => { if (count === 1) play(); pace.take(count); }));
  const on = button("Train continuously", () => toggle()), pause = button("Pause", () => { pace.stop(); app.say(`Paused at step ${app.model.step}`); });
  const speed = el("input", { type: "range", min: 0, max: PACES.length - 1, step: 1, oninput: () => { state.set("training.speed", Number(speed.value) === PACES.length - 1 ? "" : speed.value); } });
  const told = el("output", {}), problem = el("p", { class: "wrong", role: "status" });

  function toggle() {
    if (pace.active) pace.stop(); else pace.take(app.model.gpt.config.steps);
  }

  function reset() {
    pace.stop();
    pace.problem = "";
    state.set("weights", "");
    app.model.restart();
    app.say("Step 0: the weights as they were drawn");
  }

  function setSpeed() {
    const at = Math.max(0, Math.min(PACES.length - 1, Math.round(state.get("training.speed", PACES.length - 1))));
    pace.set(PACES[at]);
    speed.value = at;
    told.textContent = PACES[at] === Infinity ? "as fast as it goes" : `${PACES[at]} a second`;
    speed.setAttribute("aria-valuetext", told.textContent);
  }

  function update() {
    on.setAttribute("aria-pressed", String(pace.active && pace.left > 0));
    problem.textContent = pace.problem;
  }

  state.on("training.speed", setSpeed);
  setSpeed();
  const element = el("div", {}, el("div", { class: "controls" }, ten, on, pause, button("Reset", reset), labelled("Speed", speed), told), problem);
  return { element, update, toggle, reset };
}

// What the Python program prints of this step, and how fast the page is.
function panel(app, pace, watch) {
  const begin = el("span", {}), line = el("code", { class: "printed" }, begin), speed = el("output", {}, "–"), rate = app.number(el("span", { class: "number" }), () => rateOf(app, app.model.step));

  const latest = (told) => app.number(el("span", { class: "number" }), () => told(app, app.model.step, app.model.trainer.losses, watch.last));
  const loss = latest(lossAt), recent = latest(recentAt), after = el("span", {}, "  last 100's ");

  function update() {
    const { model } = app, { losses } = model.trainer, { step } = model, { steps } = model.gpt.config, any = losses.length > 0;
    begin.textContent = any ? `step ${String(step).padStart(4)}  one name's loss ` : `step    0  of ${steps}`;
    if (any !== (loss.parentNode === line)) line.replaceChildren(begin, ...(any ? [loss, after, recent] : []));
    loss.textContent = losses.at(-1)?.toFixed(4);
    recent.textContent = mean(losses.slice(-RECENT)).toFixed(4);
    if (pace.taken >= 10) speed.textContent = format(Math.round(pace.reached));
    rate.textContent = format(model.gpt.rate(), 6);
  }

  return { element: el("div", {}, el("p", {}, line), el("p", {}, "Learning rate of the next step: ", rate, ". Steps per second, drawing included: ", speed, ".")), update };
}

// The learning rate behind so many steps, and how it came.
function rateOf({ data, model: { gpt: { config } } }, step) {
  return { name: "rate", value: config.learning_rate * Math.max(0, 1 - step / config.steps), meaning: `how far step ${step + 1} goes`, formula: `${config.learning_rate} · (1 − ${Math.min(step, config.steps)} / ${config.steps})`, lines: [lineIn(data, "rate = config")] };
}

// What explains the loss of a step, and the mean of the last hundred up to it. Of the `last` step the letters' losses are known.
function lossAt({ data, model: { gpt: { step } } }, at, losses, last = null) {
  const formula = last ? `(${Array.from(last.losses, (x) => format(x)).join(" + ")}) / ${last.losses.length}` : "mean of −ln p over the letters";
  return { name: `loss of step ${at}`, value: losses[at - 1 - step + losses.length], formula, meaning: "mean surprise at that step's name, in nats, before the step moved the weights", lines: [lineIn(data, "mean =")] };
}

function recentAt({ data, model: { gpt: { step } } }, at, losses) {
  const end = at - step + losses.length, some = losses.slice(Math.max(0, end - RECENT), end), shown = some.slice(0, 3).map((x) => format(x)).join(" + ");
  return { name: `mean of the last 100, step ${at}`, value: mean(some), formula: `(${shown}${some.length > 3 ? " + …" : ""}) / ${some.length}`, meaning: "the mean of the losses of as many steps, or of all where there were fewer", lines: [lineIn(data, 'print(f"step')] };
}

// What explains a yardstick: how many nats all the letters cost, and how many letters there are.
function yardstickOf({ data, model: { list } }, label, value) {
  const letters = list.reduce((sum, name) => sum + [...name].length + 1, 0), size = label.slice(3);
  if (label.startsWith("ln")) return { formula: `−ln (1 / ${size})`, meaning: "the loss of guessing, each token as likely as any other", lines: [lineIn(data, "losses = {f")] };
  return { formula: `−Σ ln(count with the letter / count of what is before it) / letters = ${format(value * letters, 1)} / ${format(letters)}`, meaning: TERMS[label], lines: [lineIn(data, "losses[label] =")] };
}

const lineIn = (data, piece) => data.sources.microgpt.lines.findIndex((line) => line.trim().startsWith(piece)) + 1;
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

function said({ model: { step, trainer: { losses } } }) {
  return `Step ${step}: loss ${format(losses[losses.length - 1])}, mean of the last ${Math.min(RECENT, losses.length)} ${format(mean(losses.slice(-RECENT)))}`;
}

// The losses so far and their running mean over the last hundred, beside what counting reaches.
function curve(app) {
  let levels = {};
  const series = () => {
    const { losses } = app.model.trainer, from = Math.max(1, app.model.step - losses.length + 1);
    return [{ label: "loss of each step", values: losses, family: "negative", from, tell: (step) => lossAt(app, step, losses) },
      { label: "mean of the last 100", values: running(losses), family: "loss", from, tell: (step) => recentAt(app, step, losses) }];
  };
  const chart = app.chart({ title: "Loss of each training step", series, levels: () => levels, tellLevel: (label, value) => yardstickOf(app, label, value) });
  const element = el("div", {}, el("h3", {}, "The loss"), el("p", {}, "In ", app.term("nat", "nats"), ". Horizontal lines are ", app.term("yardstick", "yardsticks"), ", counted and scored on all names: the loss of guessing, and of knowing each ", app.term("unigram"), ", ", app.term("bigram"), " or ", app.term("trigram"), "."), chart.element);
  const count = () => { levels = yardsticks(app.model.list, app.model.tokenizer.vocabSize); chart.update(); };
  const watcher = new IntersectionObserver(([{ isIntersecting }]) => { if (isIntersecting) { watcher.disconnect(); setTimeout(count); } }, { rootMargin: "50%" });
  watcher.observe(element);
  app.onNames(() => { levels = {}; watcher.observe(element); });
  return { element, update: chart.update };
}

function running(losses) {
  let sum = 0;
  return losses.map((loss, i) => {
    sum += loss - (i < RECENT ? 0 : losses[i - RECENT]);
    return sum / Math.min(i + 1, RECENT);
  });
}

// The three parts of a step: lit one after the other when a single one is taken, in words and in the Python code.
function phases(app, code, watch) {
  const lines = ["result = loss(", "result.backward()", "adam(leaves, m"].map((piece) => lineIn(app.data, piece));
  const figures = [() => lossAt(app, watch.last.step, app.model.trainer.losses, watch.last), null, () => rateOf(app, watch.last.step - 1)];
  const items = ["Forward", "Backward", "Adam"].map((label, i) => ({ label, text: el("span", {}), number: figures[i] && app.number(el("span", { class: "number" }), figures[i]) })), list = el("ol", { class: "phases" });
  list.append(...items.map(({ label, text, number }) => el("li", {}, el("strong", {}, label), " ", text, number)));
  let timers = [], lit = [];

  function update() {
    const { last } = watch, { gpt } = app.model;
    items[0].text.textContent = last ? `loss of “${last.name}”: ` : "every number up to the loss";
    items[1].text.textContent = `${gpt.memory.gradients.length.toLocaleString("en")} gradients, by the chain rule`;
    items[2].text.textContent = last ? "every parameter moved, at rate " : "every parameter moves against its gradient";
    items[0].number.textContent = last ? format(last.loss) : "";
    items[2].number.textContent = last ? format(last.rate, 6) : "";
    for (const i of [0, 2]) items[i].number.hidden = !last;
    if (!app.model.step) show([]);
  }

  function show(which) {
    if (which.join() === lit.join()) return;
    lit = which;
    [...list.children].forEach((item, i) => { if (which.includes(i)) item.setAttribute("aria-current", "step"); else item.removeAttribute("aria-current"); });
    code.light(which.map((i) => lines[i]));
  }

  function play() {
    timers.forEach(clearTimeout);
    if (app.still) { show([0, 1, 2]); return; }
    timers = [0, 1, 2].map((i) => setTimeout(show, i * PHASE, [i]));
    show([0]);
  }

  return { element: list, update, play };
}
