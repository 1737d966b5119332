// A run as JSON, such as "Save this run" and hornbook.guide.exchange write it, read into a model.

import { shapesOf } from "./config.js";
import { GPT } from "./gpt.js";

export const FORMAT = "hornbook microgpt 1";

// Numbers as the page carries them: eight bytes each, in base64.
const doubles = (text) => new Float64Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

// {gpt, losses, step}. RangeError where it is something else, or a matrix has not the numbers that it should.
export function readRun(run) {
  if (run?.format !== FORMAT) throw new RangeError(`this is no run of microgpt as JSON: its format is ${run?.format}, not ${FORMAT}.`);
  const gpt = new GPT(run.letters, run.config);
  for (const [name, [height, width]] of Object.entries(shapesOf(run.letters.length + 1, gpt.config))) {
    const given = run.parameters[name] ?? [], flat = typeof given === "string" ? doubles(given) : given.flat();
    if (flat.length !== height * width || !flat.every(Number.isFinite)) throw new RangeError(`its ${name} is not ${height} × ${width} numbers.`);
    gpt.parameters[name].set(flat);
  }
  gpt.step = run.step ?? 0;
  return { gpt, losses: [...(run.losses ?? [])], step: gpt.step };
}
