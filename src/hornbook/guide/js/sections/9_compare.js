// Two runs compared: which ones, their losses, their weights matrix by matrix, and names written with the same luck.

import { button, el, labelled } from "../shell/el.js";
import { apart, lossOn, runOf, written } from "../shell/compare.js";
import { readRun } from "../engine/run.js";
import { format } from "../shell/format.js";

const KINDS = { untrained: "before training", trained: "trained, 1,000 steps", run: "your run", here: "the weights as they are now", file: "the opened file" };

export const section = { id: "compare", title: "Two runs", mount };

function mount(root, app) {
  let opened = null, runs = [];
  const selects = ["a", "b"].map((side) => el("select", { onchange: (event) => { app.state.set(`compare.${side}`, event.target.value); update(true); } })), seed = el("input", { type: "number", min: 0, max: 999999, value: app.state.get("compare.seed", 1) });
  const file = el("input", { type: "file", accept: ".json,application/json", onchange: open }), said = el("p", { role: "status" }), losses = el("tbody", {}), weights = el("tbody", {}), names = el("tbody", {});
  const chart = app.chart({ title: "Losses of both runs", series: () => runs.map(({ losses: values, label }, i) => ({ label: `${"AB"[i]}: ${label}`, values, family: i ? "mlp" : "loss" })).filter(({ values }) => values.length) });
  const kinds = () => ["untrained", ...["trained", "run"].filter((kind) => app.model.saved[kind]), "here", ...(opened ? ["file"] : [])];

  async function open({ target }) {
    const [chosen] = target.files;
    if (!chosen) return;
    try {
      opened = readRun(JSON.parse(await chosen.text()));
      app.state.set("compare.b", "file");
      update(true);
    } catch (error) { said.textContent = `${chosen.name}: ${error.message}`; }
    target.value = "";
  }

  function update(aloud = false) {
    const wanted = [app.state.get("compare.a", "untrained"), app.state.get("compare.b", app.model.saved.run ? "run" : "trained")];
    selects.forEach((select, i) => {
      select.replaceChildren(...kinds().map((kind) => el("option", { value: kind, selected: kind === wanted[i] }, KINDS[kind])));
      if (!kinds().includes(wanted[i])) select.value = "here";
    });
    runs = selects.map((select) => ({ ...(select.value === "file" ? opened : runOf(app.model, select.value)), label: KINDS[select.value] }));
    show();
    if (aloud) app.say(said.textContent);
  }

  function show() {
    const [a, b] = runs, measured = runs.map(({ gpt }) => lossOn(gpt, app.model.names)), number = (value, name, meaning, formula) => el("td", {}, app.shown({ name, value, meaning, formula, lines: [] }));
    losses.replaceChildren(...runs.map(({ step, label }, i) => el("tr", {}, el("th", { scope: "row" }, `${"AB"[i]}: ${label}`), el("td", {}, step.toLocaleString("en")),
      measured[i] ? number(measured[i].loss, "loss", `mean surprise a letter over ${measured[i].names} names, in nats`, "−Σ ln p / letters") : el("td", {}, "–"))));
    const found = apart(a.gpt, b.gpt), rms = "√(mean of the squares)";
    weights.replaceChildren(...found.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), number(one.a, one.name, "the size of its numbers in A", rms), number(one.b, one.name, "the size of its numbers in B", rms),
      number(one.apart, one.name, "the size of the differences", "√(mean of (A − B)²)"), number(one.cosine, one.name, "how alike the two directions are", "A · B / (‖A‖ ‖B‖)"))));
    write();
    chart.update();
    said.textContent = (measured[0] && measured[1] ? `On ${measured[0].names} names A has ${format(measured[0].loss)} nats a letter, B ${format(measured[1].loss)}. ` : "One of them cannot read these names. ") + (found.length ? "" : "Their matrices have other shapes: there is nothing to subtract.");
  }

  function write() {
    const both = runs.map(({ gpt }) => written(gpt, Number(seed.value) || 0));
    names.replaceChildren(...both[0].map((name, i) => el("tr", {}, el("td", {}, name || "(empty)"), el("td", {}, both[1][i] || "(empty)"))));
  }

  function reseed() {
    app.state.set("compare.seed", seed.value === "1" ? "" : seed.value);
    write();
  }

  seed.addEventListener("input", reseed);
  const next = button("Other names", () => { seed.value = Number(seed.value) + 1; reseed(); app.say(names.textContent); });
  app.onStep((done) => { if (!done) update(); });
  app.onNames(() => update());
  for (const key of ["compare.a", "compare.b"]) app.state.on(key, () => update());
  const head = (...texts) => el("thead", {}, el("tr", {}, texts.map((text) => el("th", { scope: "col" }, text))));
  const table = (title, heading, body) => el("div", { class: "wide" }, el("table", {}, el("caption", {}, title), heading, body));
  root.append(el("p", {}, "Take any two sets of weights: before and after training, a run of your own, or one that somebody saved from this page."),
    el("p", { class: "controls" }, labelled("A", selects[0]), labelled("B", selects[1]), labelled("Open a run (JSON) as B", file)), said,
    table("The loss", head("run", "steps", "nats a letter"), losses), chart.element, table("How far the weights are apart", head("matrix", "size in A", "size in B", "difference", "cosine"), weights),
    el("p", { class: "controls" }, labelled("Seed, the same for both", seed), next), el("div", { class: "written" }, table("Names at temperature 0.5", head("A", "B"), names)));
  update();
  app.onKept(() => update());
}
