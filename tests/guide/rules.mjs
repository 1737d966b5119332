// Prints, by name, how far the page's rules for a number and for its gradient are from the number, and what they write.
import { readFileSync } from "node:fs";

const js = process.argv[2];
const load = (path) => import(`${js}/${path}.js`);
const { GPT } = await load("engine/gpt");
const { at, computed, read } = await load("engine/read");
const { filled } = await load("shell/formulas");
const { gradient } = await load("shell/gradients");
const { operations } = await load("sections/4_operations");

const { letters, config, parameters, word } = JSON.parse(readFileSync(0, "utf8"));
const gpt = new GPT(letters, config);
for (const [name, rows] of Object.entries(parameters)) gpt.parameters[name].set(rows.flat());
const ids = gpt.tokenizer.encode(word);
gpt.gradient(ids);
const see = (name) => read(gpt, name, ids);

// {apart, texts}: the largest difference over all places of a number, and [text, value] of each.
function compared(rule, name, found) {
  const texts = [];
  let apart = 0;
  const visit = (index) => {
    if (index.length < found.shape.length) { for (let i = 0; i < found.shape[index.length]; i++) visit([...index, i]); return; }
    const value = at(found, ...index);
    if (Number.isNaN(value)) return;
    const said = rule(name, index, see, ids, gpt.sizes);
    texts.push([said.text, value]);
    apart = Math.max(apart, Math.abs(said.value - value) / (1e-3 + Math.abs(value)));
  };
  visit([]);
  return { apart, texts };
}

const made = computed(gpt).filter((name) => !name.endsWith("embed")); // embeddings are rows of weights: nothing makes them
const formulas = Object.fromEntries([...made, "embed_norm"].map((name) => [name, compared(filled, name, see(name))]));
const gradients = Object.fromEntries([...computed(gpt), ...Object.keys(gpt.shapes)].map((name) => [name, compared(gradient, name, see(`grad.${name}`))]));
console.log(JSON.stringify({ formulas, gradients, operations: operations(gpt.sizes.L).map(({ name }) => name) }));
