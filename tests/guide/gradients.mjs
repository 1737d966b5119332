// Prints the largest difference between each gradient and what the page's rule for it says, by name, and the rules' texts.
import { readFileSync } from "node:fs";

const js = process.argv[2];
const load = (path) => import(`${js}/${path}.js`);
const { GPT } = await load("engine/gpt");
const { at, computed, read } = await load("engine/read");
const { gradient } = await load("sections/4_gradients");
const { operations } = await load("sections/4_operations");

const { letters, config, parameters, word } = JSON.parse(readFileSync(0, "utf8"));
const gpt = new GPT(letters, config);
for (const [name, rows] of Object.entries(parameters)) gpt.parameters[name].set(rows.flat());
const ids = gpt.tokenizer.encode(word);
gpt.gradient(ids);
const see = (name) => read(gpt, name, ids), apart = {}, texts = {};
for (const name of computed(gpt)) {
  const found = see(`grad.${name}`), { shape } = found;
  let worst = 0;
  const visit = (index) => {
    if (index.length < shape.length) { for (let i = 0; i < shape[index.length]; i++) visit([...index, i]); return; }
    const value = at(found, ...index);
    if (Number.isNaN(value)) return;
    const rule = gradient(see, name, index, ids, gpt.sizes);
    texts[name] = rule.text;
    worst = Math.max(worst, Math.abs(rule.value - value) / (1e-3 + Math.abs(value)));
  };
  visit([]);
  apart[name] = worst;
}
console.log(JSON.stringify({ apart, texts, operations: operations(gpt.sizes.L).map(({ name }) => name) }));
