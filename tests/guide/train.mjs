// Prints, as JSON, the losses and names of training on the names given on standard input, and the random stream behind.
import { readFileSync } from "node:fs";

const js = process.argv[2];
const load = (path) => import(`${js}/${path}.js`);
const { Random } = await load("engine/random");
const { Trainer, begin } = await load("engine/trainer");
const { sample, steps } = await load("engine/sample");
const { listOf, unfold, readNames } = await load("engine/names");
const { yardsticks } = await load("engine/yardsticks");
const scalar = await load("engine/scalar_gpt");

const { names, config, folded, seeds, carried = null, seed = 42 } = JSON.parse(readFileSync(0, "utf8"));
const trainer = new Trainer(begin(names, config)), { gpt } = trainer, count = gpt.config.steps, leaves = Object.values(scalar.weightsOf(gpt)).flat(2);
const m = leaves.map(() => 0), v = [...m], byNodes = [], weights = {};
for (const leaf of leaves) {
  const [, name, row] = /^(.+)\[(\d+)\]\[\d+\]$/.exec(leaf.name);
  ((weights[name] ??= [])[row] ??= []).push(leaf);
}
for (let step = 1; step <= 3; step++) {
  const result = scalar.loss(weights, gpt.tokenizer.encode(trainer.names[step - 1]), gpt.config);
  result.backward();
  byNodes.push(result.data);
  scalar.adam(leaves, m, v, step, gpt.config);
}
await trainer.run(count);
const drawn = [...steps(gpt, trainer.rng.copy())].map(({ next, random, cumulative }) => [next, random, cumulative]);
const written = Array.from({ length: 20 }, () => sample(gpt, trainer.rng));

function stream(seed) {
  const rng = new Random(seed), first = Array.from({ length: 700 }, () => rng.random());
  const shuffled = rng.shuffle(Array.from({ length: 100 }, (_, i) => i)), gauss = Array.from({ length: 501 }, () => rng.gauss(0.5, 2));
  const copy = rng.copy(), again = copy.gauss(0, 1) === rng.gauss(0, 1);
  return { random: first, shuffled, gauss, choices: Array.from({ length: 50 }, (_, i) => rng.choices("abc", [1, i, 0.5])), bits: rng.getrandbits(32), again };
}

console.log(JSON.stringify({ losses: trainer.losses, byNodes, names: written, drawn, moments: [gpt.m, gpt.v, gpt.parameters].map((kind) => [...kind["layers.0.attn.wq"]]),
  order: trainer.names.slice(0, 5), unfolded: folded.map(unfold), listed: carried && begin(listOf(carried, seed), config, seed).names, yardsticks: yardsticks(names, gpt.tokenizer.vocabSize), streams: seeds.map(stream), read: readNames(" ada \r\n\n alan\rzoë") }));
