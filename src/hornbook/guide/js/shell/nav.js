// The list of sections beside the page, the one being read marked; choosing one keeps the rest of the address.

import { el } from "./el.js";

export function nav(app, sections) {
  const links = new Map(sections.map(({ id, title }, i) => [id, el("a", { href: `#${id}` }, el("span", { class: "count" }, `${i + 1}`), ` ${title}`)]));
  const list = el("ol", {}, [...links.values()].map((link) => el("li", {}, link)));
  list.addEventListener("click", (event) => {
    const id = event.target.closest("a")?.getAttribute("href").slice(1);
    if (!id) return;
    event.preventDefault();
    go(app, id);
  });
  return { element: list, follow: () => follow(app, links) };
}

// Go to a section: scroll there, put the focus on its heading, write it into the address.
export function go(app, id) {
  const section = document.getElementById(id);
  section.scrollIntoView({ behavior: app.still ? "auto" : "smooth" });
  section.querySelector("h2").focus({ preventScroll: true });
  app.state.goTo(id);
}

// Mark the section that crosses the upper third of the window.
function follow(app, links) {
  const mark = (id) => {
    for (const [other, link] of links) if (other === id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    if (scrollY > 0) app.state.goTo(id);
  };
  const watcher = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => mark(entry.target.id)),
    { rootMargin: "-30% 0px -65% 0px" });
  for (const id of links.keys()) watcher.observe(document.getElementById(id));
}
