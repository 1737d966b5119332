// One box for all explanations: it shows on hover, focus or tap, stays while the pointer is on it, and goes on Escape.

import { el } from "./el.js";

const place = ({ clientX, clientY }) => `${clientX} ${clientY}`;

export class Tip {
  constructor() {
    this.explained = new WeakMap(); // element -> function that returns the box's content
    this.box = el("div", { id: "tip", role: "tooltip", hidden: true });
    this.owner = null;
    this.pinned = false;
    this.pointer = ""; // where it last was
    document.body.append(this.box);
    document.addEventListener("pointerover", (event) => this.over(event));
    document.addEventListener("pointermove", (event) => { this.pointer = place(event); }, { passive: true });
    document.addEventListener("focusin", (event) => this.show(this.of(event.target)));
    document.addEventListener("focusout", () => { if (!this.pinned) this.hide(); });
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("keydown", (event) => this.escape(event));
    addEventListener("scroll", () => this.scrolled(), { passive: true, capture: true });
  }

  // Explain an element: `content()` returns nodes, called when it is asked for.
  explain(element, content) {
    this.explained.set(element, content);
    element.classList.add("explained");
    return element;
  }

  of(target) {
    for (let node = target; node instanceof Element; node = node.parentElement) if (this.explained.has(node)) return node;
    return null;
  }

  // A pointer at rest explains nothing that the page scrolls under it: the focus may have done that.
  over(event) {
    const { target, pointerType } = event, moved = this.pointer !== place(event), owner = this.of(target);
    this.pointer = place(event);
    if (pointerType === "touch" || this.pinned || this.box.contains(target) || owner && owner === this.owner) return;
    if (owner && moved) this.show(owner); else if (!this.owner?.matches(":focus")) this.hide();
  }

  click({ target }) {
    if (this.box.contains(target)) return;
    const owner = this.of(target);
    this.pinned = false;
    if (owner) { this.show(owner); this.pinned = true; } else this.hide();
  }

  // What has the focus, or still has the pointer on it, stays explained where it goes; what was scrolled away is left.
  scrolled() {
    if (!this.owner) return;
    if (this.pinned || this.owner.matches(":focus, :hover") || this.box.matches(":hover")) this.place(this.owner.getBoundingClientRect()); else this.hide();
  }

  // Escape puts the box away, and then, as the event says, nothing else.
  escape(event) {
    if (event.key !== "Escape" || !this.owner) return;
    event.preventDefault();
    this.hide();
  }

  show(owner) {
    if (!owner) return;
    if (this.owner && this.owner !== owner) this.hide();
    this.owner = owner;
    this.box.replaceChildren(...[this.explained.get(owner)()].flat());
    this.box.hidden = false;
    owner.setAttribute("aria-describedby", "tip");
    this.place(owner.getBoundingClientRect());
  }

  // Below what it explains, above where there is no room; never past the edge of the window.
  place(rectangle) {
    const { offsetWidth: width, offsetHeight: height } = this.box, room = document.documentElement.clientWidth - width - 4;
    const below = rectangle.bottom + height + 6 < innerHeight;
    this.box.style.left = `${Math.max(4, Math.min(rectangle.left, room))}px`;
    this.box.style.top = `${Math.max(4, below ? rectangle.bottom + 4 : rectangle.top - height - 4)}px`;
  }

  hide() {
    this.owner?.removeAttribute("aria-describedby");
    this.owner = null;
    this.pinned = false;
    this.box.hidden = true;
  }
}
