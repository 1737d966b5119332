// What the attention section looks at: name, layer, head, cell, how peaked; and the passes with and without the push.

import { GPT } from "../engine/gpt.js";
import { read } from "../engine/read.js";
import { filled } from "../shell/formulas.js";

export const MOST = 10; // the slider's ends: −10 is uniform, 0 unchanged, 10 peaked
const USUAL = "cat";

export class View {
  constructor(app) {
    this.app = app;
    this.pushed = null;
  }

  get model() { return this.app.model; }
  get sizes() { return this.model.gpt.sizes; }
  get word() {
    const word = this.app.state.get("attention.name", USUAL);
    return word && !this.model.tokenizer.unknown(word).length ? word : this.model.word;
  }
  get ids() { return this.model.tokenizer.encode(this.word); }
  get T() { return this.app.trace("losses", this.word).shape[0]; }
  get layer() { return whole(this.app.state.get("attention.layer", 0), this.sizes.L); }
  get head() { const head = this.app.state.get("attention.head"); return head === "" ? null : whole(head, this.sizes.A); }
  get heads() { return this.head === null ? Array.from({ length: this.sizes.A }, (_, head) => head) : [this.head]; }
  get place() { return Math.max(-MOST, Math.min(MOST, Number(this.app.state.get("attention.push", 0)) || 0)); }

  // What the scores are multiplied by: 0 … 1 on the left of the slider, 1 … a million on the right.
  get factor() { return this.place <= 0 ? 1 + this.place / MOST : 10 ** (6 * (this.place / MOST) ** 2); }

  // [head, query, key] that is taken apart: the last query's look at the first letter, until another is picked.
  get cell() {
    const [head = 0, query = this.T - 1, key = 1] = (this.app.state.get("attention.cell") || "").split(".").filter(Boolean), at = whole(query, this.T);
    return [this.head ?? whole(head, this.sizes.A), at, whole(key, at + 1)];
  }

  get times() { return `× ${Number(this.factor.toPrecision(3)).toLocaleString("en")}`; }

  name(part) { return `layers.${this.layer}.attn.${part}`; }
  letter(t) { return this.model.tokenizer.token(this.ids[t]); }
  label(t) { return `${t} ${this.letter(t)}`; }

  // A number unchanged, and as it is with the scores of the shown heads multiplied.
  unchanged(name) { return this.app.trace(name, this.word); }
  see(name) {
    if (this.factor === 1) return this.unchanged(name);
    this.pushed ??= this.push();
    return read(this.pushed, name, this.ids);
  }
  forget() { this.pushed = null; }

  // A twin of the model with the rows of wq of these heads times the factor: that multiplies their scores.
  push() {
    const { gpt } = this.model, { K, D } = this.sizes, twin = new GPT(this.model.tokenizer.letters, gpt.config, null, gpt.memory.parameters.slice()), wq = twin.parameters[this.name("wq")];
    for (const head of this.heads) for (let i = head * K * D; i < (head + 1) * K * D; i++) wq[i] *= this.factor;
    twin.gradient(this.ids);
    return twin;
  }

  // What explains a number: as the table of names has it, or, with a push, by the same formula over the pushed numbers.
  spec(name, index, now = true) {
    if (!now || this.factor === 1) return { name, index, word: this.word };
    const row = this.app.data.numbers[name.replace(/^layers\.\d+/, "layers.i")];
    return { name, index, value: valueAt(this.see(name), index), meaning: `${row.meaning}; here with scores ${this.times}`, formula: filled(name, index, (other) => this.see(other), this.ids, this.sizes)?.text, lines: row.lines };
  }
}

export function valueAt({ shape, data }, index) {
  return data[index.reduce((at, i, axis) => at * shape[axis] + i, 0)];
}

const whole = (text, count) => Math.max(0, Math.min(count - 1, Math.round(Number(text)) || 0));
