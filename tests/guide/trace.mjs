// Prints, as JSON, what the page's engine computes for the weights and names given on standard input: by name.
import { readFileSync } from "node:fs";

const js = process.argv[2];
const load = (path) => import(`${js}/${path}.js`);
const { GPT } = await load("engine/gpt");
const { computed, read } = await load("engine/read");
const scalar = await load("engine/scalar_gpt");

const { letters, config, parameters, word } = JSON.parse(readFileSync(0, "utf8"));
const gpt = new GPT(letters, config);
for (const [name, rows] of Object.entries(parameters)) gpt.parameters[name].set(rows.flat());
const ids = gpt.tokenizer.encode(word), loss = gpt.gradient(ids), weights = scalar.weightsOf(gpt);
const result = scalar.loss(weights, ids, gpt.config), nodes = result.nodes();
result.backward();

const names = [...Object.keys(gpt.shapes), ...computed(gpt)];
const both = names.flatMap((name) => [name, `grad.${name}`]);
const numbers = Object.fromEntries(both.map((name) => [name, read(gpt, name, ids)]).map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));
const named = Object.fromEntries(nodes.filter((node) => node.name).map((node) => [node.name, [node.data, node.grad]]));
const slopes = [["wte", gpt.sizes.D * ids[1]], ["layers.0.mlp.fc1", 3]].map(([name, at]) => [gpt.slope(ids, name, at), gpt.gradients[name][at]]);
console.log(JSON.stringify({ loss, numbers, named, slopes, nodes: nodes.length, edges: nodes.reduce((sum, node) => sum + node.children.length, 0) }));
