// Training name after name in slices of a few milliseconds, so that the page goes on answering in between.

import { GPT } from "./gpt.js";
import { Random } from "./random.js";
import { alphabet } from "./tokenizer.js";

const SLICE = 8; // milliseconds of training before the page may draw and answer

// Shuffle the names and draw the weights from one random stream, as the Python form does. `rng` is that stream then.
export function begin(names, config, seed = 42) {
  const rng = new Random(seed), order = rng.shuffle([...names]);
  return { gpt: new GPT(alphabet(names), config, rng), names: order, rng };
}

// Trains `gpt` on `names` in their order, round and round. `losses` holds the loss of each step.
export class Trainer {
  constructor({ gpt, names, rng }) {
    this.gpt = gpt;
    this.names = names;
    this.rng = rng;
    this.losses = [];
    this.running = false;
  }

  // The name that the next step will be on.
  get name() {
    return this.names[this.gpt.step % this.names.length];
  }

  // One step: {step, name, loss, rate}, the loss and the learning rate being those of the step.
  step() {
    const { name } = this, rate = this.gpt.rate(), loss = this.gpt.train(this.gpt.tokenizer.encode(name));
    this.losses.push(loss);
    return { step: this.gpt.step, name, loss, rate };
  }

  // Take `count` steps, `perSecond` at most; calls `after(last step)` after each slice. Ends early by `pause()`.
  async run(count, { perSecond = Infinity, after = () => {} } = {}) {
    this.running = true;
    try {
      for (let left = count; left > 0 && this.running;) {
        const until = performance.now() + SLICE;
        let done;
        do { done = this.step(); left--; } while (left > 0 && perSecond === Infinity && performance.now() < until);
        after(done);
        if (left > 0) await (perSecond === Infinity ? turn() : pause(1000 / perSecond));
      }
    } finally {
      this.running = false;
    }
  }

  pause() {
    this.running = false;
  }
}

// Let everything that waits in the page have its turn; unlike setTimeout(0) without a pause of four milliseconds.
export function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); resolve(); };
    port2.postMessage(0);
  });
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
