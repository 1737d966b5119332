// Section 7: the model writes names, letter after letter, and every draw can be looked at: chances, random number, place.

import { button, el, labelled } from "../shell/el.js";
import { format } from "../shell/format.js";
import { BOS } from "../engine/tokenizer.js";
import { chanceSpec, line, sentence, small, table } from "./7_generation_draw.js";
import { NAMES, USUAL, ending, follows, seedOf, write } from "./7_generation_stream.js";

const PAUSE = 300; // milliseconds between two letters that appear
const LAST = 20; // names that are kept in the list

const TERMS = {
  "Mersenne Twister": "The generator of random numbers that Python uses: 624 words that are stirred; the same seed gives the same numbers.",
  "cumulative line": "Probabilities laid end to end from 0 to 1: a random place on it falls into each piece as often as the piece is long.",
  seed: "The number that a random stream begins with; the same seed gives the same draws.",
  distribution: "All probabilities of what may come next; together they are 1.",
};

export const section = { id: "generation", title: "Generation", terms: TERMS, mount };

function mount(root, app) {
  const code = app.code("microgpt.sample", "microgpt.softmax"), where = (piece) => lineOf(app, piece);
  const settings = address(app), past = history(app), golden = twenty(app), weights = weightsLine(app, settings, where);
  const view = { name: null, selected: 0, shown: 0, timer: 0 };
  const letters = el("ol", { class: "written", "aria-label": "The name, token by token" }), detail = el("div", { class: "stage", role: "region", "aria-label": "The draw of one token" }), controls = steering(app, settings, again, () => { settings.skip(0); go(); });
  let seen = true, stale = false;

  // Write the name of the settings; letters appear one at a time unless `instant` or motion is unwelcome.
  function go({ instant = false } = {}) {
    clearTimeout(view.timer);
    view.chosen = settings.get();
    view.name = write(app.model.trainer, view.chosen);
    past.add(view.name.word, view.chosen);
    view.selected = Math.min(view.selected, view.name.steps.length - 1);
    letters.replaceChildren(el("li", { class: "token bos" }, el("span", { class: "letter" }, BOS), el("span", { class: "role" }, "given")));
    view.shown = 0;
    controls.update();
    weights.update(view.name.steps[0]);
    if (instant || app.still) finish(); else appear();
  }

  function appear() {
    show(view.shown);
    view.selected = view.shown++;
    select(view.selected);
    if (view.shown < view.name.steps.length) view.timer = setTimeout(appear, PAUSE); else spoken();
  }

  function finish() {
    while (view.shown < view.name.steps.length) show(view.shown++);
    select(view.selected);
    spoken();
  }

  const spoken = () => app.say(`${view.name.word || "no letters"}, ${past.known(view.name.word)}`);

  function show(t) {
    const { probabilities, next } = view.name.steps[t], token = app.model.tokenizer.token(next), bos = token === BOS;
    const likeliest = probabilities.indexOf(Math.max(...probabilities));
    const label = `${token}, drawn with probability ${format(probabilities[next])}; likeliest was ${app.model.tokenizer.token(likeliest)} with ${format(probabilities[likeliest])}`;
    letters.append(el("li", {}, el("button", { type: "button", class: bos ? "token bos" : "token", "aria-label": label, onclick: () => { if (view.shown < view.name.steps.length) stop(t); else select(t); } },
      el("span", { class: "letter" }, token), small(probabilities, next), chance(app, view, t, where))));
  }

  // A click while letters still appear: show them all, and the one that was clicked.
  function stop(t) {
    clearTimeout(view.timer);
    view.selected = t;
    finish();
  }

  function select(t) {
    view.selected = t;
    [...letters.querySelectorAll("button")].forEach((one, i) => one.setAttribute("aria-pressed", String(i === t)));
    const step = view.name.steps[t], { tokenizer } = app.model, before = view.name.word.slice(0, t);
    detail.replaceChildren(el("h3", {}, `Position ${t}: after “${before ? BOS + before : BOS}” came “${tokenizer.token(step.next)}”`),
      el("p", {}, "All ", app.term("distribution", "probabilities"), " laid end to end are the ", app.term("cumulative line"), "; a random number says where to cut."),
      line(app, step, where), sentence(app, step, where), fullTable(app, step, { ...view.chosen, word: view.name.word }, where));
    code.light(["logits = forward(weights, token, position, cache", "probabilities = [p.data", "rng.choices", tokenizer.token(step.next) === BOS ? "if token == bos" : "word += letters"].map(where));
  }

  function move(by) {
    if (!view.name || view.shown < view.name.steps.length) return;
    const had = letters.contains(document.activeElement);
    select(Math.max(0, Math.min(view.name.steps.length - 1, view.selected + by)));
    if (had) letters.querySelectorAll("button")[view.selected].focus();
  }

  // The next name of the stream.
  function again() {
    view.selected = 0;
    settings.skip(view.chosen.skip + view.name.steps.length);
    go();
  }

  function refresh() {
    stale = true;
    if (seen) anew();
  }

  function anew() {
    stale = false;
    go({ instant: true });
    golden.update();
  }

  root.append(...introduction(app), el("div", { class: "stage" }, controls.element, weights.element, letters), detail, past.element, golden.element, code.element);
  settings.follow(() => go({ instant: true }));
  app.onStep((done) => { if (!done && !app.model.trainer.running) refresh(); });
  app.onNames(() => { past.clear(); refresh(); });
  new IntersectionObserver((entries) => { seen = entries.at(-1).isIntersecting; if (seen && stale) anew(); }, { rootMargin: "20%" }).observe(root);
  app.keys(root.closest("section") ?? root, "Generation", { Enter: ["write another name", again], ArrowRight: ["next letter", () => move(1)], ArrowLeft: ["letter before", () => move(-1)] });
  anew();
}

function introduction(app) {
  return [el("p", {}, "To write a name, the model begins with ", app.term("BOS", BOS), ", draws a letter by its probability (", app.term("sampling"), "), reads that letter too, and goes on until it draws ", BOS, " again. Random numbers come from the ",
    app.term("Mersenne Twister"), ", exactly as in Python. Choose any token to see how it was drawn.")];
}

// Temperature, seed and place in the stream, kept in the address.
function address({ state }) {
  const get = () => ({ temperature: Math.max(0.1, Math.min(2, state.get("generation.temperature", USUAL))), seed: seedOf(state.get("generation.seed")), skip: Math.max(0, Math.min(1e6, Math.round(state.get("generation.skip", 0)))) });
  let quiet = false;
  const silently = (change) => { quiet = true; change(); quiet = false; };
  const skip = (count) => silently(() => state.set("generation.skip", count ? String(count) : ""));
  const seed = (text) => { skip(0); state.set("generation.seed", seedOf(text)); };
  const temperature = (value) => state.set("generation.temperature", value === USUAL ? "" : String(value));
  const follow = (callback) => { for (const key of ["temperature", "seed", "skip"]) state.on(`generation.${key}`, () => { if (!quiet) callback(); }); };
  return { get, skip, seed, temperature, follow };
}

function steering(app, settings, again, first) {
  const slider = el("input", { type: "range", min: 0.1, max: 2, step: 0.1, oninput: () => settings.temperature(Number(slider.value)) }), told = el("output", {});
  const seed = el("input", { inputmode: "numeric", size: 8, placeholder: "as Python", autocomplete: "off", oninput: () => { wrong.textContent = seed.value.trim() && !seedOf(seed.value) ? "A seed is a whole number from 0; without one the program’s own stream goes on." : ""; seed.setAttribute("aria-invalid", String(wrong.textContent !== "")); if (!wrong.textContent) settings.seed(seed.value); } });
  const wrong = el("p", { class: "wrong", role: "status" });

  function update() {
    const { temperature, seed: number } = settings.get();
    slider.value = temperature;
    told.textContent = temperature.toFixed(1);
    if (document.activeElement !== seed) seed.value = number;
  }

  const element = el("div", {}, el("div", { class: "controls" }, button("Sample again", again), labelled("Temperature", slider), told, labelled("Seed", seed), button("From the beginning", first)), wrong);
  return { element, update };
}

// The line of microgpt.py with a piece of text in it, in `sample` before elsewhere.
function lineOf({ data: { sources: { microgpt: { lines, parts: { sample: [first] } } } } }, piece) {
  const found = lines.findIndex((text, i) => i + 1 >= first && text.includes(piece));
  return (found < 0 ? lines.findIndex((text) => text.includes(piece)) : found) + 1;
}

// The probability under a letter, explained where the pointer is on it; the keyboard finds it in the table of the draw.
function chance(app, { name: { steps }, chosen: { temperature } }, t, where) {
  const { logits, probabilities, next } = steps[t], element = el("span", { class: "role" }, format(probabilities[next]));
  return app.tip.explain(element, () => app.explanation(chanceSpec(app, { logits, probabilities }, temperature, next, where)));
}

// Which weights write, and a way to the trained ones.
function weightsLine(app, settings, where) {
  const text = el("span", {}), use = button("Use the trained weights", choose);
  const element = el("p", {}, text, " ", use);

  function choose() {
    if (!app.model.saved.trained) return app.say("The check at the top of the page is still training.");
    app.state.set("weights", "trained");
    if (app.model.kind !== "trained") app.model.use("trained");
  }

  // Of untrained weights, how far apart the chances of the first letter are.
  function spread({ probabilities, logits }) {
    const all = [...probabilities], id = (most) => all.indexOf(most(...all)), { tokenizer } = app.model, { temperature } = settings.get();
    const of = (i) => [app.shown({ ...chanceSpec(app, { logits, probabilities }, temperature, i, where) }), ` (${tokenizer.token(i)})`];
    return ["Written with weights that no training has moved yet: what comes first has a chance from ", of(id(Math.min)), " to ", of(id(Math.max)), ", by the luck with which the weights were drawn."];
  }

  function update(first) {
    const { kind, step } = app.model;
    text.replaceChildren(...(step ? [`Written with the weights after ${step.toLocaleString("en")} training steps.`] : spread(first)).flat());
    use.hidden = kind === "trained";
  }

  return { element, update };
}

// Full distribution of one draw, in a box of its own as it is long.
function fullTable(app, step, chosen, where) {
  return el("details", { open: true }, el("summary", {}, "The full distribution, from logits to probabilities"), table(app, step, chosen, where).element);
}

// The last names, and which of them are among the names of training.
function history(app) {
  const list = el("ol", { class: "past" }), count = el("p", {}), all = [];
  let names = new Set(app.model.list);
  const known = (word) => (names.has(word) ? "in the training names" : "new");

  function add(word, { temperature, seed, skip }) {
    const { step, kind } = app.model, key = [temperature, seed, skip, step, kind].join();
    if (all[0]?.key === key) return;
    all.unshift({ word, key, note: `temperature ${temperature.toFixed(1)}, step ${step.toLocaleString("en")}` });
    all.length = Math.min(all.length, LAST);
    const fresh = all.filter((one) => !names.has(one.word)).length;
    count.textContent = `Of the last ${all.length}, ${fresh} ${fresh === 1 ? "is" : "are"} new: not among the ${names.size.toLocaleString("en")} names of training.`;
    list.replaceChildren(...all.map((one) => el("li", {}, el("strong", {}, one.word || "(empty)"), ` ${known(one.word) === "new" ? "✦ new" : "= in the training names"} `, el("span", { class: "note" }, one.note))));
  }

  const clear = () => { all.length = 0; names = new Set(app.model.list); list.replaceChildren(); };
  return { add, known, clear, element: el("div", {}, el("h3", {}, "The last names"), count, list) };
}

// The twenty names with which the Python program ends, as these weights write them: beside Python's, where those are known.
function twenty(app) {
  const text = el("p", {}), list = el("ol", { class: "golden" }), element = el("div", {}, el("h3", {}, "The twenty names at the end"), text, list);

  function update() {
    const { model: { trainer, list: names, step }, data: { expected } } = app, { steps } = trainer.gpt.config;
    const known = names === app.packaged && step === steps && expected, golden = known && follows(trainer, expected.losses) ? expected.names : null;
    const written = ending(trainer, NAMES), same = written.filter((name, i) => name === golden?.[i]).length;
    const own = `Written here at temperature ${USUAL}, on from the random numbers that drew the weights`;
    const beside = names === app.packaged && !known ? "what Python writes with these weights is not known here." : known ? "not held against Python's, as the losses that led here are not those that it printed." : "python -m hornbook.reference.microgpt with a file of these names ends with its twenty.";
    if (golden) text.textContent = `${same === written.length ? "✓" : "✗"} ${own}; ${same} of ${written.length} are those that Python printed.`;
    else text.textContent = `${own}; ${step < steps ? `after step ${step.toLocaleString("en")}, while the Python program writes its twenty after the last, ${steps.toLocaleString("en")}.` : beside}`;
    list.replaceChildren(...written.map((name, i) => el("li", {}, `${name || "(empty)"}${golden ? (name === golden[i] ? " ✓" : ` ✗ (Python: ${golden[i]})`) : ""}`)));
  }

  return { element, update };
}
