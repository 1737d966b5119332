// A text cut by four tokenizers, and the row of a table that each token picks.

import { button, el, labelled } from "../shell/el.js";
import { Random } from "../engine/random.js";
import { bpe, characters, terms, wordpiece } from "./8_cut.js";

const TEXT = "The queen watched unbelievably beautiful horses.", WIDTH = 16, STD = 0.08;
const SAID = { characters: "Characters", bpe: "Byte-pair encoding", wordpiece: "WordPiece", words: "Whole words" };

export function tokens(app, words, code) {
  const { meaning } = app.data, kinds = { characters: characters(meaning), bpe: bpe(meaning), wordpiece: wordpiece(meaning), words: terms(words) };
  const input = el("input", { autocomplete: "off", spellcheck: "false", maxlength: 120, class: "text" }), rows = el("div", {}), row = el("div", { "aria-live": "off" });
  let [kind, place] = app.state.get("meaning.token", "characters.0").split(".");

  function update() {
    if (document.activeElement !== input) input.value = app.state.get("meaning.text", TEXT);
    const cut = Object.fromEntries(Object.entries(kinds).map(([name, { cut: how }]) => [name, how(input.value)]));
    if (!Object.hasOwn(kinds, kind)) kind = "characters";
    if (!cut[kind][Number(place)]) place = 0;
    rows.replaceChildren(...Object.entries(cut).map(([name, found]) => line(name, found)));
    show(cut[kind][Number(place)]);
  }

  function line(name, found) {
    const pieces = found.map(({ id, text, word }, i) => el("li", {}, button([el("span", { class: "letter" }, visible(text ?? word ?? "<UNK>")), el("span", { class: "id" }, id === null ? "–" : String(id))],
      () => pick(name, i), { class: text === null ? "cut unknown" : "cut", "aria-pressed": String(name === kind && i === Number(place)) })));
    const heading = el("h4", {}, `${SAID[name]}: ${found.length} ${found.length === 1 ? "token" : "tokens"}, of a vocabulary of ${kinds[name].size.toLocaleString("en")}`);
    return el("div", {}, heading, el("ol", { class: "tokens", "aria-label": `${SAID[name]}: tokens` }, pieces));
  }

  function pick(name, i) {
    kind = name;
    place = i;
    app.state.set("meaning.token", name === "characters" && i === 0 ? "" : `${name}.${i}`);
    update();
    rows.querySelector("[aria-pressed=true]").focus();
    app.say(row.querySelector("p").textContent);
  }

  function show(token) {
    code.light(lines(kind).lines, lines(kind).file);
    row.replaceChildren(...(token ? rowOf(token) : [el("p", {}, "No token: type a text.")]));
  }

  // Each vocabulary with the table that it has: the model's own, one as it is drawn, or word vectors.
  function rowOf({ id, text, word }) {
    const { ids } = app.model.tokenizer, letter = ids.has(text) ? text : text?.toLowerCase(), known = ids.get(letter);
    if (kind === "words" && text === null) return [el("p", {}, `“${word}” is none of the ${words.words.length.toLocaleString("en")} words: it has no row.`)];
    if (kind === "words") return table(`“${text}” is row ${id} of the trained word vectors below, at length 1.`, "vectors", id, words.words.length, (i) => words.unit(words.words[i]), (i) => words.words[i], null);
    if (kind === "characters" && known !== undefined) {
      return table(`“${text}” is token ${id} of these ${kinds.characters.size} characters. The model of the sections above has letters of its own${letter === text ? "" : `, and “${text}” is none of them`}: “${letter}” is row ${known} of wte, with the weights chosen above. Training moves them.`, "wte", known, app.model.tokenizer.vocabSize,
        (i) => app.model.gpt.parameters.wte.subarray(i * app.model.gpt.sizes.D, (i + 1) * app.model.gpt.sizes.D), (i) => app.model.tokenizer.token(i));
    }
    const drawn = begun(kinds[kind].size);
    const size = app.shown({ name: "init_std", value: STD, meaning: "the standard deviation with which weights are drawn", lines: [app.data.sources.microgpt.lines.findIndex((line) => line.includes("init_std:")) + 1] }, 2);
    return table([`“${visible(text ?? "<UNK>")}” is row ${id} of a table of ${kinds[kind].size} rows. No model here was trained on these tokens, so this is the table as one would begin: noise of size `, size, ", drawn with seed 42."],
      "table", id, kinds[kind].size, (i) => drawn.subarray(i * WIDTH, (i + 1) * WIDTH), () => "", "rng.gauss(0, 0.08)");
  }

  // The row and the two around it, as a piece of the table.
  function table(text, name, id, size, numbers, label, formula) {
    const first = Math.max(0, Math.min(id - 1, size - 3)), shown = [0, 1, 2].map((i) => first + i).filter((i) => i < size);
    const explain = (cell, i, j) => app.number(cell, () => (name === "wte" ? { name, index: [shown[i], j] }
      : { name, index: [shown[i], j], value: numbers(shown[i])[j], meaning: formula ? "a number before any training" : `one of the numbers that stand for “${label(shown[i])}”`, formula: formula ?? "v[i] / ‖v‖", ...(formula ? { lines: [app.data.sources.microgpt.parts.init[1] - 2] } : lines("words")) }));
    const all = () => { const rows_ = shown.map(numbers); return { shape: [shown.length, rows_[0].length], data: Float64Array.from(rows_.flatMap((one) => [...one])) }; };
    const made = app.matrix({ title: `Rows ${shown[0]} to ${shown[shown.length - 1]} of ${name}`, family: "embedding", values: all, explain, rowLabel: (i) => `${shown[i] === id ? "▶ " : ""}${shown[i]} ${visible(label(shown[i]))}` });
    made.element.querySelectorAll("tbody tr")[shown.indexOf(id)].classList.add("chosen");
    return [el("p", {}, text), made.element];
  }

  function lines(name) {
    const { bpe: pairs, wordpiece: pieces, distances } = app.data.sources, span = ([first, last], from) => Array.from({ length: last - first + 1 - from }, (_, i) => first + from + i);
    return { bpe: { file: "bpe", lines: span(pairs.parts.encode, 4) }, wordpiece: { file: "wordpiece", lines: span(pieces.parts.cut, 2) }, words: { file: "distances", lines: span(distances.parts.unit, 2) } }[name] ?? { file: "microgpt", lines: [] };
  }

  input.addEventListener("input", () => { app.state.set("meaning.text", input.value === TEXT ? "" : input.value || " "); update(); });
  app.state.on("meaning.text", update);
  app.state.on("meaning.token", (text) => { const [name, i] = (text || "characters.0").split("."); if (name !== kind || i !== String(place)) { kind = name; place = i; update(); } });
  app.onStep((done) => { if (!done && kind === "characters") update(); });
  app.onNames(update);
  input.value = app.state.get("meaning.text", TEXT);
  update();
  return el("div", { class: "stage", id: "meaning-tokens" }, el("h3", {}, "One text, four vocabularies"),
    el("p", {}, "Few tokens need long texts, long tokens a large table: ", app.term("BPE"), " and ", app.term("WordPiece"), " stand in between. Choose a token to see its row."), el("p", { class: "controls" }, labelled("Text", input)), rows, row);
}

// A table of rows as reference/microgpt.py draws wte, before any training.
const tables = new Map();
function begun(size) {
  if (!tables.has(size)) {
    const rng = new Random(42);
    tables.set(size, Float64Array.from({ length: size * WIDTH }, () => rng.gauss(0, STD)));
  }
  return tables.get(size);
}

const visible = (text) => text.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥");
