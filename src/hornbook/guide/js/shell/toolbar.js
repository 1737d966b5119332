// The bar above the sections: the name they all read, the weights they all use, and how the page looks.

import { button, el, labelled } from "./el.js";
import { keyName } from "./keys.js";
import { refusal } from "./meant.js";
import { replay } from "./replay.js";
import { readNames, textOf } from "../engine/names.js";

// What the weights are, by their kind; those trained here go on changing.
function described(kind, { step, config }) {
  const texts = { untrained: "as drawn, step 0", trained: `trained, ${config.steps.toLocaleString("en")} steps`, run: "your run", here: `trained here, step ${step.toLocaleString("en")}` };
  return texts[kind];
}

const THEMES = { "": "as the system", light: "light", dark: "dark" };

export function toolbar(app) {
  const bar = el("div", { class: "toolbar controls", role: "region", "aria-label": "What all sections show" });
  bar.append(nameInput(app), weightsSelect(app), themeSelect(app), button("Teacher mode", () => teach(app)), shortcuts(app), files(app));
  app.state.on("teacher", () => teaching(app));
  teaching(app);
  replay(app);
  return bar;
}

function nameInput(app) {
  const input = el("input", { value: app.model.word, size: 12, maxlength: 30, autocomplete: "off", spellcheck: "false", autocapitalize: "off" });
  const wrong = el("span", { class: "wrong", role: "status" });
  const take = (word) => {
    wrong.replaceChildren(...refusal(app, input, word, take));
    if (word && !wrong.firstChild) app.model.look(word);
  };
  input.addEventListener("input", () => take(input.value.trim()));
  app.onWord((word) => { if (input.value.trim() !== word) input.value = word; });
  return el("span", {}, labelled("Name", input), " ", wrong);
}

function weightsSelect(app) {
  const select = el("select", { onchange: () => choose(select.value) });

  function choose(kind) {
    if (kind === "untrained") app.model.restart(); else if (app.model.saved[kind]) app.model.use(kind);
    app.state.set("weights", kind === "untrained" || kind === "here" ? "" : kind);
    app.say(`Weights: ${described(app.model.kind, app.model)}`);
    update();
  }

  function update() {
    const kinds = ["untrained", ...["trained", "run"].filter((kind) => app.model.saved[kind]), ...(app.model.kind === "here" ? ["here"] : [])];
    select.replaceChildren(...kinds.map((one) => el("option", { value: one, selected: one === app.model.kind }, described(one, app.model))));
  }

  app.onStep((done) => { if (!done || done.step % 50 === 0) update(); });
  app.onKept((kind) => { update(); if (kind === "trained" && app.state.get("weights") === kind && app.model.kind === "untrained") choose(kind); });
  app.state.on("weights", (kind) => choose(kind || "untrained"));
  update();
  return labelled("Weights", select);
}

function themeSelect(app) {
  const select = el("select", {}, Object.entries(THEMES).map(([theme, text]) => el("option", { value: theme }, text)));
  const set = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
    select.value = Object.hasOwn(THEMES, theme) ? theme : "";
    app.retheme();
  };
  select.addEventListener("change", () => { app.state.set("theme", select.value); set(select.value); });
  app.state.on("theme", set);
  set(app.state.get("theme"));
  return labelled("Colours", select);
}

function teach(app) {
  app.state.set("teacher", "1");
  app.say("Teacher mode: controls are hidden. Escape shows them again.");
}

function teaching(app) {
  const on = app.state.get("teacher") === "1", leave = document.getElementById("leave");
  document.body.classList.toggle("teacher", on);
  leave.hidden = !on;
  if (on && !leave.onclick) {
    leave.onclick = () => app.state.set("teacher", "");
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) app.state.set("teacher", ""); });
  }
}

function shortcuts(app) {
  const dialog = el("dialog", { "aria-label": "Keyboard shortcuts" }), close = button("Close", () => dialog.close());
  document.body.append(dialog);
  return button("Keyboard", () => {
    const lists = [["Everywhere", [["Tab", "to the next control or number"], ["Escape", "close the box; once more: leave teacher mode"], ["ArrowUp", "and the other arrows: from cell to cell of a table or picture"]]], ...app.keyboard.lists];
    dialog.replaceChildren(el("h2", {}, "Keyboard"), ...lists.flatMap(([heading, keys]) => [el("h3", {}, heading),
      el("dl", {}, keys.flatMap(([key, what]) => [el("dt", {}, el("kbd", {}, keyName(key))), el("dd", {}, what)]))]), close);
    dialog.showModal();
  });
}

// Names and runs, in and out.
function files(app) {
  const said = el("span", { role: "status" });
  const opened = (read) => async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try { said.textContent = read(textOf(await file.arrayBuffer())); } catch (error) { said.textContent = `${file.name}: ${error.message}`; }
    event.target.value = "";
  };
  const names = el("input", { type: "file", accept: ".txt,text/plain", onchange: opened((text) => {
    app.model.useNames(readNames(text));
    app.badge.run();
    return `${app.model.names.length.toLocaleString("en")} names, vocabulary ${app.model.tokenizer.vocabSize}.`;
  }) });
  const run = el("input", { type: "file", accept: ".json,application/json", onchange: opened((text) => {
    app.model.load(JSON.parse(text));
    return `A run of ${app.model.step.toLocaleString("en")} steps.`;
  }) });
  const save = button("Save this run", () => download("microgpt.json", JSON.stringify(app.model)));
  return el("details", { class: "files" }, el("summary", {}, "Files"), labelled("Names, one a line", names), labelled("A run (JSON)", run), save, said);
}

export function download(name, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
