// Section 1: names, the letters they are made of, and the ids that the model reads, <BOS> marked at both ends.

import { button, el, labelled } from "../shell/el.js";
import { refusal } from "../shell/meant.js";
import { BOS } from "../engine/tokenizer.js";

const SAMPLE = 10;

export const section = { id: "tokenizer", title: "Names and tokens", mount };

function mount(root, app) {
  const code = app.code("microgpt.alphabet", "microgpt.encode");
  const example = names(app), typed = typing(app, code), all = vocabulary(app);
  root.append(...introduction(app), example.element, typed.element, all.element, code.element);
  app.onWord(typed.update);
  app.onNames(() => { example.update(); typed.update(); all.update(); });
}

function introduction(app) {
  return [el("p", {}, "A model reads numbers, so names become numbers first. Each letter is a ", app.term("token"), " with an id, its place in the sorted alphabet. One more token, ",
    app.term("BOS", BOS), ", stands before a name and after it: at the beginning it says “start”, at the end “stop”, and the model learns both.")];
}

// Ten names of the corpus; choosing one shows it in all sections.
function names(app) {
  const list = el("ul", { class: "names" }), count = el("p", {});

  function update() {
    const { model } = app;
    count.textContent = `Ten of ${model.names.length.toLocaleString("en")} names, the first ones in the order of training:`;
    list.replaceChildren(...model.names.slice(0, SAMPLE).map((name) => el("li", {}, button(name, () => { model.look(name); app.say(`${name}: ${ids(app, name).join(" ")}`); }))));
  }

  update();
  return { element: el("div", {}, count, list), update };
}

// The text field, its tokens as they are typed, and where a letter is not in the vocabulary.
function typing(app, code) {
  const input = el("input", { autocomplete: "off", spellcheck: "false", autocapitalize: "off", maxlength: 30 });
  const tokens = el("ol", { class: "tokens", "aria-label": "Tokens" }), list = el("output", { class: "ids" }), beyond = el("p", {}), wrong = el("p", { class: "wrong", role: "status" });

  function update() {
    const { model } = app, word = input.value === "" && document.activeElement === input ? "" : model.word;
    if (document.activeElement !== input) input.value = word;
    show(word);
  }

  function show(word) {
    const { tokenizer, gpt: { sizes: { P } } } = app.model, unknown = tokenizer.unknown(word);
    wrong.replaceChildren(...refusal(app, input, word, take));
    const pieces = [[BOS, tokenizer.bos], ...Array.from(word, (letter) => [letter, tokenizer.ids.get(letter)]), [BOS, tokenizer.bos]];
    tokens.replaceChildren(...pieces.map(([letter, id], i) => token(app, letter, id, i, i > P)));
    list.textContent = unknown.length ? "" : `[${pieces.map(([, id]) => id).join(", ")}]`;
    beyond.textContent = pieces.length > P + 1 ? `The model has ${P} positions: it reads the first ${P} of these ${pieces.length} tokens, is asked for the one after them, and never sees the other ${pieces.length - P - 1}.` : "";
    code.light(unknown.length ? [] : [app.data.sources.microgpt.parts.encode[1]]);
  }

  function take(word) {
    show(word);
    if (word && !wrong.firstChild) app.model.look(word);
    app.say(list.textContent ? `${list.textContent} ${beyond.textContent}` : wrong.textContent);
  }

  input.addEventListener("input", () => take(input.value.trim()));
  input.value = app.model.word;
  show(app.model.word);
  return { element: el("div", { class: "stage" }, el("p", { class: "controls" }, labelled("Type a name", input)), tokens, el("p", {}, "What the model is given: ", list), beyond, wrong), update };
}

function token(app, letter, id, i, unseen) {
  const bos = letter === BOS, number = el("span", { class: "id" }, id === undefined ? "–" : String(id));
  if (id !== undefined) {
    app.number(number, { name: "ids", index: [i], value: id, lines: [app.data.sources.microgpt.parts.encode[1]],
      meaning: bos ? `${BOS}, ${i ? "where the name ends" : "before the name"}: the id after the last letter's` : `the token “${letter}”`,
      formula: bos ? `len(letters) = ${app.model.tokenizer.letters.length}` : `letters.index("${letter}") = ${id}` });
  }
  const role = unseen ? "not seen" : bos ? (i ? "end" : "start") : "";
  return el("li", { class: ["token", bos && "bos", id === undefined && "unknown", unseen && "unseen"].filter(Boolean).join(" ") }, el("span", { class: "letter" }, letter), number, role ? el("span", { class: "role" }, role) : null);
}

// Every letter and its id.
function vocabulary(app) {
  const table = el("table", { class: "vocabulary" }), summary = el("summary", {});

  function update() {
    const { tokenizer } = app.model, letters = [...tokenizer.letters, BOS];
    summary.textContent = `The whole vocabulary: ${letters.length} tokens`;
    table.replaceChildren(el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "token"), el("th", { scope: "col" }, "id"))),
      el("tbody", {}, letters.map((letter, id) => el("tr", { class: letter === BOS ? "bos" : null }, el("th", { scope: "row" }, letter), el("td", {}, String(id))))));
  }

  update();
  return { element: el("details", { class: "behind" }, summary, table), update };
}

function ids(app, word) {
  return app.model.tokenizer.encode(word);
}
