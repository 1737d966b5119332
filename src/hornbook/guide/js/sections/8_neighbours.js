// The words nearest to a word, and any of those cosines taken apart into the products that add up to it.

import { button, el, labelled } from "../shell/el.js";
import { format } from "../shell/format.js";
import { bracketed } from "../shell/formulas.js";

const WORD = "king";

export function neighbours(app, words, listId, code) {
  const input = el("input", { list: listId, autocomplete: "off", spellcheck: "false", autocapitalize: "off", maxlength: 30, size: 14 }), wrong = el("p", { class: "wrong", role: "status" }), taken = el("p", { role: "status" }), like = el("p", { class: "controls" }), detail = el("div", {});
  let word = WORD, other = null, near = [];
  const bars = app.bars({ title: "Nearest words", family: "embedding", items: () => near.map((one) => ({ value: one.cosine, chosen: one.word === other, label: button(one.word, () => compare(one.word), { "aria-pressed": String(one.word === other) }) })),
    explain: (number, item, i) => app.number(number, { ...cosineSpec(app, words, word, near[i].word) }) });

  function look(asked, from = "page") {
    const known = words.has(asked);
    wrong.textContent = known || !asked ? "" : `“${asked}” is not among the ${words.words.length.toLocaleString("en")} words here.`;
    input.setAttribute("aria-invalid", String(!known && asked !== ""));
    like.replaceChildren(...(known || !asked ? [] : words.like(asked).map((one) => button(one, () => { input.value = one; look(one); }))));
    taken.textContent = "";
    if (!known) return;
    word = words.words[words.row(asked)];
    if (word !== asked) taken.textContent = `“${asked}” is looked up as “${word}”: the vectors are of words in small letters.`;
    near = words.neighbours(word);
    const wanted = app.state.get("meaning.with");
    other = words.has(wanted) && wanted !== word ? wanted : near[0].word;
    if (from !== "address") app.state.set("meaning.word", word === WORD ? "" : word);
    show();
    if (from === "page") app.say(`Nearest to ${word}: ${near.slice(0, 5).map((one) => one.word).join(", ")}`);
  }

  function compare(one) {
    other = one;
    app.state.set("meaning.with", one);
    show();
    bars.element.querySelector("[aria-pressed=true]")?.focus();
    app.say(`${word} and ${one}: ${detail.querySelector("p").textContent}`);
  }

  function show() {
    bars.update();
    code.light(allOf(app, "cosine"), "distances");
    const a = words.unit(word), b = words.unit(other);
    let sum = 0;
    const rows = Array.from(a, (x, i) => [x + 0, b[i] + 0, x * b[i] + 0, (sum += x * b[i])]), heads = [word, other, "product", "sum so far"];
    const explain = (cell, i, j) => app.number(cell, { name: heads[j], index: [i], value: rows[i][j], lines: allOf(app, j > 1 ? "cosine" : "unit"), file: "distances",
      meaning: ["one number of the word's vector, at length 1", "one number of the other word's vector, at length 1", "what this dimension adds to the cosine", "the products up to here"][j],
      formula: [`${word}[${i}] / ‖${word}‖`, `${other}[${i}] / ‖${other}‖`, `${format(rows[i][0])} · ${bracketed(rows[i][1])}`, rows.slice(Math.max(0, i - 2), i + 1).map((row, k) => (k ? bracketed : format)(row[2])).join(" + ") + (i > 2 ? " + those above" : "")][j] });
    const made = app.matrix({ title: `${word} · ${other}, number by number`, family: "embedding", values: () => ({ shape: [rows.length, 4], data: Float64Array.from(rows.flat()) }), columnLabel: (j) => heads[j], explain });
    detail.replaceChildren(el("h4", {}, `${word} · ${other}`), el("p", {}, `${rows.length} products add up to `, app.shown(cosineSpec(app, words, word, other)), "."), button(`Nearest to “${other}”`, () => { input.value = other; app.state.set("meaning.with", ""); look(other); }), made.element);
  }

  input.addEventListener("input", () => look(input.value.trim()));
  app.state.on("meaning.word", (text) => { if ((text || WORD) !== word) { input.value = text || WORD; look(input.value, "address"); } });
  app.state.on("meaning.with", (text) => { if (text && text !== other && words.has(text)) { other = text; show(); } });
  const first = app.state.get("meaning.word", WORD);
  input.value = words.has(first) ? first : WORD;
  look(input.value, "start");
  return el("div", { class: "stage", id: "meaning-neighbours" }, el("h3", {}, "Words that are used alike"),
    el("p", {}, "Here ", app.term("word2vec"), " has learnt a ", app.term("word vector"), " for each word from the words around it. The nearest are those with the highest ", app.term("cosine"), ", a ", app.term("dot product"), ": choose one to take it apart."),
    el("p", { class: "controls" }, labelled("Word", input)), wrong, taken, like, el("div", { class: "beside" }, bars.element, detail));
}

// How a cosine of two words is explained.
export function cosineSpec(app, words, a, b) {
  return { name: `cosine(${a}, ${b})`, value: words.cosine(a, b), meaning: "how alike two directions are, from −1 to 1", formula: `Σ ${a}[i] · ${b}[i], both of length 1`, lines: allOf(app, "cosine").slice(-1), file: "distances" };
}

function allOf(app, part) {
  const [, last] = app.data.sources.distances.parts[part];
  return [last];
}
