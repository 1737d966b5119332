// The one model that all sections look at: its weights, the name it reads, and who is told when either changes.

import { CONFIG, shapesOf } from "../engine/config.js";
import { GPT } from "../engine/gpt.js";
import { read } from "../engine/read.js";
import { alphabet } from "../engine/tokenizer.js";
import { Trainer, begin } from "../engine/trainer.js";

const FORMAT = "hornbook microgpt 1";

export class Model {
  constructor(names, config = CONFIG) {
    this.listeners = { step: new Set(), word: new Set(), names: new Set() };
    this.saved = {}; // kind -> snapshot of a trained model
    this.word = "emma";
    this.useNames(names, config);
  }

  get gpt() { return this.trainer.gpt; }
  get tokenizer() { return this.gpt.tokenizer; }
  get names() { return this.trainer.names; } // in the order of training
  get step() { return this.gpt.step; }

  // Begin anew on other names: another alphabet, other weights, no step taken.
  useNames(names, config = CONFIG) {
    if (!alphabet(names).length) throw new RangeError("this file has no names; it needs one a line.");
    this.list = names;
    this.config = config;
    this.saved = {};
    this.restart();
    if (this.tokenizer.unknown(this.word).length || !this.word) this.word = names[0];
    this.tell("names");
  }

  // Back to the weights before the first step.
  restart() {
    this.trainer?.pause();
    this.trainer = new Trainer(begin(this.list, this.config));
    this.reader = this.gpt.reader();
    this.kind = "untrained";
    this.changed();
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
    const { gpt: { memory, step }, losses, rng } = trainer;
    const arrays = Object.fromEntries(Object.entries(memory).map(([name, array]) => [name, array.slice()]));
    this.saved[kind] = { arrays, step, losses: [...losses], rng: rng.copy() };
  }

  use(kind) {
    const { arrays, step, losses, rng } = this.saved[kind];
    this.trainer.pause();
    for (const [name, array] of Object.entries(arrays)) this.gpt.memory[name].set(array);
    this.gpt.step = step;
    this.trainer.losses = [...losses];
    this.trainer.rng = rng.copy();
    this.kind = kind;
    this.changed();
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

  // What a run is, as JSON: the same that `hornbook guide` puts into the page.
  toJSON() {
    const { shapes, config, step, parameters } = this.gpt, { letters } = this.tokenizer;
    const rows = ([name, [height, width]]) => [name, Array.from({ length: height }, (_, i) => Array.from(parameters[name].subarray(i * width, (i + 1) * width)))];
    return { format: FORMAT, config, letters, step, parameters: Object.fromEntries(Object.entries(shapes).map(rows)), losses: this.trainer.losses };
  }

  // Take over the weights of a JSON that toJSON, or a run, gave. RangeError where it is something else or of other letters.
  load(run, kind = "run") {
    if (run?.format !== FORMAT) throw new RangeError(`this is no run of microgpt: its format is ${run?.format}, not ${FORMAT}.`);
    const gpt = new GPT(run.letters, run.config), wanted = Object.entries(shapesOf(run.letters.length + 1, gpt.config));
    for (const [name, [height, width]] of wanted) {
      const flat = (run.parameters[name] ?? []).flat();
      if (flat.length !== height * width || !flat.every(Number.isFinite)) throw new RangeError(`its ${name} is not ${height} × ${width} numbers.`);
      gpt.parameters[name].set(flat);
    }
    gpt.step = run.step ?? 0;
    this.trainer.pause();
    const { names, rng } = this.trainer;
    const readable = names.filter((name) => !gpt.tokenizer.unknown(name).length);
    if (!readable.length) throw new RangeError("none of the names here can be written with its letters.");
    this.trainer = new Trainer({ gpt, names: readable, rng });
    this.trainer.losses = [...(run.losses ?? [])];
    this.reader = gpt.reader();
    this.kind = kind;
    this.changed();
    this.keep(kind);
    if (this.tokenizer.unknown(this.word).length) this.look(readable[0]);
  }
}
