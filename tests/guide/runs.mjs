// Prints, as JSON, what the page makes of each run given on standard input: the run as it would save it, or why it refuses it.
import { readFileSync } from "node:fs";

const { asRun, readRun } = await import(`${process.argv[2]}/engine/run.js`);

const made = (run) => {
  try {
    const { gpt, losses } = readRun(run);
    return asRun(gpt, losses, run.seed);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(made)));
