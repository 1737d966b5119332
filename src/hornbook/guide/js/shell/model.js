// The one model that all sections look at: its weights, the name it reads, and who is told when either changes.

import { CONFIG } from "../engine/config.js";
import { GPT } from "../engine/gpt.js";
import { read } from "../engine/read.js";
import { asRun, readRun } from "../engine/run.js";
import { alphabet } from "../engine/tokenizer.js";
import { Trainer, begin } from "../engine/trainer.js";

export class Model {
  constructor(names, config, seed) {
    this.listeners = { step: new Set(), word: new Set(), names: new Set(), kept: new Set() };
    this.saved = {}; // kind -> snapshot of a trained model
    this.word = "emma";
    this.useNames(names, config, seed);
  }

  get gpt() { return this.trainer.gpt; }
  get tokenizer() { return this.gpt.tokenizer; }
  get names() { return this.trainer.names; } // in the order of training
  get step() { return this.gpt.step; }

  // Begin anew on other names: another alphabet, other weights, no step taken. `seed` is that of the random stream.
  useNames(names, config = CONFIG, seed = 42) {
    if (!alphabet(names).length) throw new RangeError("this file has no names; it needs one a line.");
    Object.assign(this, { list: names, config, seed, saved: Object.create(null) });
    this.trainer?.pause();
    this.trainer = null;
    this.restart();
  }

  // Back to the weights before the first step.
  restart() {
    this.put(new Trainer(begin(this.list, this.config, this.seed)), "untrained");
  }

  // Other weights; where they are for other letters or of other shapes, those who listen for names are told first.
  put(trainer, kind) {
    const made = ({ gpt: { tokenizer, shapes } }) => JSON.stringify([tokenizer.letters, shapes]), { word } = this;
    const other = !this.trainer || made(this.trainer) !== made(trainer);
    this.trainer?.pause();
    Object.assign(this, { trainer, kind, reader: trainer.gpt.reader(), cache: new Map(), passed: null });
    if (this.tokenizer.unknown(word).length || !word) this.word = trainer.names[0];
    if (other) this.tell("names");
    if (this.word !== word) this.tell("word", this.word);
    this.tell("step", null);
  }

  // Take up to `count` steps; resolves when they are done or paused. `perSecond` slows them down to be watched.
  async train(count, { perSecond = Infinity } = {}) {
    this.kind = "here";
    await this.trainer.run(count, { perSecond, after: (done) => this.changed(done) });
    this.tell("step", null);
  }

  pause() {
    this.trainer.pause();
  }

  // Keep the weights, the moments and the losses as they are under a word; `use` brings them back.
  keep(kind, trainer = this.trainer) {
    this.saved[kind] = this.snapshot(trainer);
    this.tell("kept", kind);
  }

  snapshot({ gpt: { memory, step, config, tokenizer: { letters } }, names, losses, rng } = this.trainer) {
    const arrays = Object.fromEntries(Object.entries(memory).map(([name, array]) => [name, array.slice()]));
    return { letters, config, arrays, step, names, losses: [...losses], rng: rng.copy() };
  }

  use(kind) {
    const { letters, config, arrays, step, names, losses, rng } = this.saved[kind], gpt = new GPT(letters, config);
    for (const [name, array] of Object.entries(arrays)) gpt.memory[name].set(array);
    gpt.step = step;
    this.put(Object.assign(new Trainer({ gpt, names, rng: rng.copy() }), { losses: [...losses] }), kind);
  }

  // The name that all sections look at; RangeError, and nothing changed, where it has letters the model does not know.
  look(word) {
    this.tokenizer.encode(word);
    if (word === this.word) return;
    this.word = word;
    this.cache = new Map();
    this.tell("word", word);
  }

  // {name, shape, data} of any number of the pass over `word`; "grad.…" asks for the backward pass as well.
  trace(name, word = this.word) {
    const key = `${name} ${word}`;
    if (!this.cache.has(key)) {
      const ids = this.tokenizer.encode(word);
      if (/^(m|v)\.|^grad\.last\./.test(name)) return read(this.gpt, name.replace("grad.last.", "grad."), ids);
      if (this.passed !== word) { this.reader.gradient(ids); this.passed = word; }
      this.cache.set(key, read(this.reader, name, ids));
    }
    return this.cache.get(key);
  }

  changed(done = null) {
    this.cache = new Map();
    this.passed = null;
    this.tell("step", done);
  }

  // on("step" | "word" | "names", callback): after weights changed, with {step, name, loss, rate} or null; another name; other names.
  on(event, callback) {
    this.listeners[event].add(callback);
    return () => this.listeners[event].delete(callback);
  }

  tell(event, detail) {
    for (const callback of this.listeners[event]) callback(detail);
  }

  // What a run is, as JSON: the same that `hornbook export RUN --to json` writes.
  toJSON() {
    return asRun(this.gpt, this.trainer.losses, this.seed);
  }

  // Take over the weights of a JSON that toJSON, or a run, gave. RangeError where it is something else or of other letters.
  load(run, kind = "run") {
    const { gpt, losses } = readRun(run), names = this.names.filter((name) => !gpt.tokenizer.unknown(name).length);
    if (!names.length) throw new RangeError("none of the names here can be written with its letters.");
    this.put(Object.assign(new Trainer({ gpt, names, rng: this.trainer.rng }), { losses }), kind);
    this.keep(kind);
  }
}
