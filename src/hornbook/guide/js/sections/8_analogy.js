// king − man + woman: three vectors added and subtracted, the words nearest to the result, and what each term adds.

import { button, el, labelled } from "../shell/el.js";
import { format } from "../shell/format.js";
import { cosineSpec } from "./8_neighbours.js";

const ASKED = ["king man woman", "prince king queen", "uncle man woman", "paris france england", "boy man woman"];

export function analogy(app, words, listId, code) {
  const fields = ["a", "− b", "+ c"].map((text, i) => el("input", { list: listId, autocomplete: "off", spellcheck: "false", autocapitalize: "off", maxlength: 30, size: 10, "aria-label": `${["a, the first word", "b, subtracted", "c, added"][i]}` }));
  const signs = ["", "−", "+"], wrong = el("p", { class: "wrong", role: "status" }), answer = el("p", { class: "answer" }), parts = el("div", {}), beside = el("p", {});
  let found = null, terms = [], chosen = 0;
  const bars = app.bars({ title: "Candidates", family: "embedding", items: () => (found?.candidates ?? []).map((one, i) => ({ value: one.cosine, chosen: i === chosen, label: button(one.word, () => pick(i), { "aria-pressed": String(i === chosen) }) })),
    explain: (number, item, i) => app.number(number, () => total(found.candidates[i])) });

  const total = (one) => ({ name: `cosine(${one.word}, ${terms[0]} − ${terms[1]} + ${terms[2]})`, value: one.cosine, meaning: "how alike the directions of a candidate and of the sum are", formula: one.parts.map(({ part }) => format(part)).join(" + ").replaceAll("+ −", "− "), file: "distances", lines: [app.data.sources.distances.parts.cosine[1]] });

  function ask(from = "page") {
    const given = fields.map((field) => field.value.trim()), unknown = given.filter((word) => !words.has(word));
    fields.forEach((field, i) => field.setAttribute("aria-invalid", String(!words.has(given[i]))));
    wrong.textContent = unknown.length ? `Not among the words here: ${unknown.map((word) => `“${word}”`).join(", ")}${words.like(unknown[0]).length ? `. Spelt like it: ${words.like(unknown[0], 3).join(", ")}` : ""}.` : "";
    if (unknown.length) return;
    terms = given.map((word) => words.words[words.row(word)]);
    try { found = words.analogy(...terms); } catch (error) { wrong.textContent = error.message; return; }
    chosen = 0;
    if (from !== "address") app.state.set("meaning.analogy", terms.join(" ") === ASKED[0] ? "" : terms.join(" "));
    show();
    if (from === "page") app.say(answer.textContent);
  }

  function pick(i) {
    chosen = i;
    show();
    bars.element.querySelector("[aria-pressed=true]").focus();
    app.say(parts.textContent);
  }

  function show() {
    const one = found.candidates[chosen];
    answer.textContent = `${terms[0]} − ${terms[1]} + ${terms[2]} ≈ ${found.candidates[0].word}`;
    bars.update();
    code.light([app.data.sources.distances.parts.cosine[1]], "distances");
    const heading = ["term", `cosine to “${one.word}”`, "its part"].map((text) => el("th", { scope: "col" }, text));
    const rows = one.parts.map(({ sign, term, cosine, part }) => el("tr", {}, el("th", { scope: "row" }, `${sign > 0 ? "+" : "−"} ${term}`), el("td", {}, app.shown({ ...cosineSpec(app, words, one.word, term), value: cosine })),
      el("td", {}, app.shown({ name: `part of ${term}`, value: part, meaning: "what this term adds to the candidate's cosine", formula: `${sign > 0 ? "" : "−"}${format(cosine)} / ‖sum‖ = ${sign > 0 ? "" : "−"}${format(cosine)} / ${format(found.length)}`, file: "distances", lines: [app.data.sources.distances.parts.cosine[1]] }))));
    const sum = el("tr", {}, el("th", { scope: "row" }, `= ${one.word}`), el("td", {}), el("td", {}, app.shown(total(one))));
    parts.replaceChildren(el("div", { class: "wide" }, el("table", { class: "parts" }, el("thead", {}, el("tr", {}, heading)), el("tbody", {}, rows, sum))));
    const best = found.unrestricted, own = terms.includes(best.word);
    const first = { ...total({ ...best, parts: [] }), formula: "Σ candidate[i] · sum[i], both of length 1" };
    beside.replaceChildren(...(own ? [`The three words of the question are left out. Had they not been, “${best.word}” would have come first, with `, app.shown(first), ": analogies are less of a wonder than they look."]
      : ["The three words of the question are left out; none of them would have come first."]));
  }

  const set = (text) => text.split(" ").forEach((word, i) => { if (fields[i]) fields[i].value = word; });
  fields.forEach((field) => field.addEventListener("input", () => ask()));
  app.state.on("meaning.analogy", (text) => { if ((text || ASKED[0]) !== terms.join(" ")) { set(text || ASKED[0]); ask("address"); } });
  set(app.state.get("meaning.analogy", ASKED[0]));
  ask("start");
  if (!found) { set(ASKED[0]); ask("start"); }
  return el("div", { class: "stage", id: "meaning-analogy" }, el("h3", {}, "Adding and subtracting words"), el("p", {}, "An ", app.term("analogy"), " asks for a direction: what do you get when you take “man” away from “king” and add “woman”?"),
    el("p", { class: "controls" }, fields.map((field, i) => el("span", {}, signs[i] ? `${signs[i]} ` : "", field))), el("p", { class: "controls" }, ASKED.map((text) => button(text.replace(" ", " − ").replace(/ (\w+)$/, " + $1"), () => { set(text); ask(); }))), wrong, answer, el("div", { class: "beside" }, bars.element, parts), beside);
}
