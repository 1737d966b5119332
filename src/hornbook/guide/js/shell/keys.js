// Shortcuts that hold while something inside an element has the focus, and the list of them all.

const OWN = "input, select, textarea, [contenteditable], [role=grid], [role=application], [role=slider], [role=tablist]"; // want their keys
const PRESSED = "button, a, summary"; // Enter and space press these

export class Keys {
  constructor() {
    this.lists = new Map(); // heading -> [[key, what it does]]
  }

  // on(element, "Architecture", {ArrowRight: ["next operation", () => …]}); the keys are those of KeyboardEvent.key.
  on(element, heading, bindings) {
    this.lists.set(heading, Object.entries(bindings).map(([key, [what]]) => [key, what]));
    element.addEventListener("keydown", (event) => {
      const found = bindings[event.key];
      if (!found || event.ctrlKey || event.metaKey || event.altKey || event.target.closest(OWN)) return;
      if ((event.key === "Enter" || event.key === " ") && event.target.closest(PRESSED)) return;
      event.preventDefault();
      found[1](event);
    });
  }
}

// How a key is written on the page.
export function keyName(key) {
  return { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", " ": "Space" }[key] ?? key;
}
