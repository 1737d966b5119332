// The page begins here: the app, the bar, a landmark for each section, each mounted when the browser has a moment.

import { App } from "./shell/app.js";
import { badge } from "./shell/badge.js";
import { el } from "./shell/el.js";
import { nav } from "./shell/nav.js";
import { toolbar } from "./shell/toolbar.js";
import { turn } from "./engine/trainer.js";
import { sections } from "./sections.js";

async function begin() {
  const app = new App(JSON.parse(document.getElementById("data").textContent));
  app.packaged = app.model.list;
  for (const section of sections) Object.assign(app.terms, section.terms);
  app.badge = badge(app);
  document.getElementById("head").append(app.badge.element, toolbar(app));
  document.getElementById("count").textContent = app.model.gpt.memory.parameters.length.toLocaleString("en");
  const bodies = sections.map((section, i) => landmark(section, i));
  document.getElementById("sections").append(...bodies.map(({ element }) => element));
  const list = nav(app, sections);
  document.getElementById("nav").append(list.element);
  const first = Math.max(0, sections.findIndex(({ id }) => id === app.state.section)), order = [first, ...sections.keys()].filter((i, at, all) => all.indexOf(i) === at);
  for (const i of order) {
    try { sections[i].mount(bodies[i].body, app); } catch (error) { tell(bodies[i].body, "This section could not be shown", error); }
    performance.mark(`mounted ${sections[i].id}`);
    await turn();
  }
  glossary(app);
  list.follow();
  if (first) document.getElementById(app.state.section).scrollIntoView();
  if (app.data.run) try { app.model.load(app.data.run); } catch (error) { tell(document.getElementById("head"), "The run in this page could not be read", error); }
  await app.badge.run();
  document.documentElement.dataset.ready = "true";
}

function landmark({ id, title }, i) {
  const body = el("div", { class: "body" });
  const element = el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title`, tabindex: -1 }, el("span", { class: "count" }, `${i + 1}`), ` ${title}`), body);
  return { element, body };
}

function glossary(app) {
  const terms = Object.entries(app.terms).sort(([a], [b]) => a.localeCompare(b, "en", { sensitivity: "base" }));
  document.getElementById("terms").append(...terms.flatMap(([term, text]) => [el("dt", {}, term), el("dd", {}, text)]));
}

// What went wrong, where it did: the rest of the page goes on.
function tell(place, what, error) {
  console.error(error);
  place.append(el("p", { class: "wrong", role: "alert" }, `${what}: ${error.message}`));
}

begin().catch((error) => tell(document.getElementById("head"), "This page could not start", error));
