// What the page shows, kept in the address so that a view can be shared: #attention?name=emma&head=2.

export class State {
  constructor() {
    this.listeners = new Map();
    this.read();
    addEventListener("hashchange", () => this.follow());
  }

  read() {
    const [section, query] = location.hash.slice(1).split("?");
    this.section = section;
    this.values = new URLSearchParams(query ?? "");
  }

  // The text kept under a key; numbers come back as numbers where the usual value is one.
  get(key, usual = "") {
    const found = this.values.get(key);
    if (found === null) return usual;
    return typeof usual !== "number" ? found : Number.isFinite(Number(found)) ? Number(found) : usual;
  }

  // Keep a value and tell who listens; null or "" forgets it. The history is not filled with every slider's place.
  set(key, value) {
    const before = this.values.get(key);
    if (value === null || value === "") this.values.delete(key); else this.values.set(key, value);
    if (this.values.get(key) === before) return;
    this.write();
    this.tell(key);
  }

  // Say which section is being read.
  goTo(section) {
    if (section === this.section) return;
    this.section = section;
    this.write();
  }

  write() {
    const query = this.values.toString();
    history.replaceState(null, "", `#${this.section}${query ? `?${query}` : ""}`);
  }

  // Call back with the new text whenever a key changes, by the page or by the address.
  on(key, callback) {
    this.listeners.set(key, [...(this.listeners.get(key) ?? []), callback]);
  }

  // A link to a place that is no section, as the one that skips to the sections, shows nothing else than before.
  follow() {
    const { values: before, section } = this;
    this.read();
    if (!location.hash.includes("?") && this.section && !document.getElementById(this.section)?.matches("section")) {
      Object.assign(this, { values: before, section });
      this.write();
      return;
    }
    for (const key of new Set([...before.keys(), ...this.values.keys()])) if (before.get(key) !== this.values.get(key)) this.tell(key);
    document.getElementById(this.section)?.scrollIntoView();
  }

  tell(key) {
    for (const callback of this.listeners.get(key) ?? []) callback(this.values.get(key) ?? "");
  }
}
