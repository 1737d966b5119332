// Prints, as JSON, how the page cuts texts, and what its word vectors say, for what is given on standard input.
import { readFileSync } from "node:fs";

const js = process.argv[2];
const cutters = await import(`${js}/sections/8_cut.js`), { Words } = await import(`${js}/sections/8_words.js`);
const { Random } = await import(`${js}/engine/random.js`);

const { data, texts, asked, analogies } = JSON.parse(readFileSync(0, "utf8"));
const words = new Words(data.vectors), rng = new Random(42);
const kinds = { characters: cutters.characters(data), bpe: cutters.bpe(data), wordpiece: cutters.wordpiece(data), terms: cutters.terms(words) };
const cut = Object.fromEntries(Object.entries(kinds).map(([kind, { cut }]) => [kind, texts.map(cut)]));
const sizes = Object.fromEntries(Object.entries(kinds).map(([kind, { size }]) => [kind, size]));
console.log(JSON.stringify({
  cut, sizes, neighbours: asked.map((word) => words.neighbours(word)), analogies: analogies.map((terms) => words.analogy(...terms)),
  units: asked.map((word) => [...words.unit(word)]), drawn: Array.from({ length: 40 }, () => rng.gauss(0, 0.08)),
}));
