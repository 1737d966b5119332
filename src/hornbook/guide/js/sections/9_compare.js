// Two runs compared: which ones, their losses, their weights matrix by matrix, and names written with the same luck.

import { button, el, labelled } from "../shell/el.js";
import { apart, lossOn, runOf, written } from "../shell/compare.js";
import { readRun } from "../engine/run.js";
import { family, format } from "../shell/format.js";

const KINDS = { untrained: "before training", run: "your run", here: "the weights as they are now", file: "the opened file" };

export const section = { id: "compare", title: "Two runs", mount };

function mount(root, app) {
  let opened = null, runs = [];
  const selects = ["a", "b"].map((side) => el("select", { onchange: (event) => { app.state.set(`compare.${side}`, event.target.value); update(true); } })), seed = el("input", { type: "number", min: 0, max: 999999, value: app.state.get("compare.seed", 1) });
  const file = el("input", { type: "file", accept: ".json,application/json", onchange: open }), said = el("p", { role: "status" }), losses = el("tbody", {}), weights = el("tbody", {}), names = el("tbody", {});
  const chart = app.chart({ title: "Losses of both runs", series: () => runs.map(({ losses: values, label }, i) => ({ label: `${"AB"[i]}: ${label}`, values, family: i ? "mlp" : "loss", tell: () => ofStep(app) })).filter(({ values }) => values.length) });
  const called = (kind) => KINDS[kind] ?? `trained, ${app.model.saved.trained.step.toLocaleString("en")} steps`;
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
      select.replaceChildren(...kinds().map((kind) => el("option", { value: kind, selected: kind === wanted[i] }, called(kind))));
      if (!kinds().includes(wanted[i])) select.value = "here";
    });
    runs = selects.map((select) => ({ ...(select.value === "file" ? opened : runOf(app.model, select.value)), label: called(select.value) }));
    show();
    if (aloud) app.say(said.textContent);
  }

  function show() {
    const [a, b] = runs, measured = runs.map(({ gpt }) => lossOn(gpt, app.model.names)), loss = (i) => shown(app, lossSpec(app, "AB"[i], measured[i]), "loss");
    losses.replaceChildren(...runs.map(({ step, label }, i) => el("tr", {}, el("th", { scope: "row" }, `${"AB"[i]}: ${label}`), el("td", {}, step.toLocaleString("en")),
      el("td", {}, measured[i] ? loss(i) : "–"))));
    const found = apart(a.gpt, b.gpt);
    weights.replaceChildren(...found.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), sizesOf(app, one, a.gpt.parameters[one.name].length).map((spec) => el("td", {}, shown(app, spec, family(one.name)))))));
    write();
    chart.update();
    said.replaceChildren(...(measured[0] && measured[1] ? [`On ${measured[0].names} names A has `, loss(0), " nats a letter, B ", loss(1), ". "] : ["One of them cannot read these names. "]), found.length ? "" : "Their matrices have other shapes: there is nothing to subtract.");
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
  app.state.on("compare.seed", () => {
    const wanted = String(app.state.get("compare.seed", 1));
    if (wanted === seed.value) return;
    seed.value = wanted;
    write();
  });
  const head = (...texts) => el("thead", {}, el("tr", {}, texts.map((text) => el("th", { scope: "col" }, text))));
  const table = (title, heading, body) => el("div", { class: "wide" }, el("table", {}, el("caption", {}, title), heading, body));
  root.append(el("p", {}, "Take any two sets of weights: before and after training, a run of your own, or one that somebody saved from this page."),
    el("p", { class: "controls" }, labelled("A", selects[0]), labelled("B", selects[1]), labelled("Open a run (JSON) as B", file)), said,
    table("The loss", head("run", "steps", "nats a letter"), losses), chart.element, table("How far the weights are apart", head("matrix", "size in A", "size in B", "difference", "cosine"), weights),
    el("p", { class: "controls" }, labelled("Seed, the same for both", seed), next), el("div", { class: "written" }, table("Names at temperature 0.5", head("A", "B"), names)));
  update();
  app.onKept(() => update());
}

const shown = (app, spec, colour) => app.number(el("span", { class: "number", style: `--family:var(--${colour})` }, format(spec.value)), () => ({ ...spec, ...spec.where?.() }));

// What explains a loss over the letters of many names.
function lossSpec(app, side, { loss, letters, names }) {
  return { name: `loss of ${side}`, value: loss, meaning: `mean surprise a letter over ${names} names, in nats`, formula: `−Σ ln p / letters = ${format(loss * letters)} / ${format(letters)}`, lines: app.lines("losses").slice(0, 1) };
}

const ofStep = (app) => ({ meaning: "mean surprise at that step's name, in nats, before the step moved the weights", formula: "mean of −ln p over the letters", lines: app.lines("loss").slice(0, 1) });

// The four numbers of a matrix in both runs. Python has a line for the cosine alone.
function sizesOf(app, { name, a, b, apart: far, cosine }, count) {
  const root = (value, of) => `√(Σ ${of}² / count) = √(${format(value * value * count)} / ${format(count)})`, length = (size) => size * Math.sqrt(count);
  const lines = () => ({ file: "distances", lines: [app.data.sources.distances.parts.cosine[1]] });
  return [
    { name: `size of ${name} in A`, value: a, meaning: "root of the mean of the squares of its numbers", formula: root(a, "number"), lines: [] },
    { name: `size of ${name} in B`, value: b, meaning: "root of the mean of the squares of its numbers", formula: root(b, "number"), lines: [] },
    { name: `difference of ${name}`, value: far, meaning: "root of the mean of the squared differences", formula: root(far, "(A − B)"), lines: [] },
    { name: `cosine of ${name} in A and in B`, value: cosine, meaning: "how alike the two directions are, from −1 to 1", formula: `A · B / (‖A‖ ‖B‖) = ${format(cosine * length(a) * length(b))} / (${format(length(a))} · ${format(length(b))})`, where: lines },
  ];
}
