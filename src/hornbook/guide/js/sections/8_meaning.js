// Section 8: text cut in four ways, a token's row, one training step that moves the rows used, and words by their meaning.

import { el } from "../shell/el.js";
import { analogy } from "./8_analogy.js";
import { neighbours } from "./8_neighbours.js";
import { step } from "./8_step.js";
import { tokens } from "./8_tokens.js";
import { Words } from "./8_words.js";

const TERMS = {
  BPE: "Byte-pair encoding: text begins as bytes, and the pair seen most often in the training text becomes one token, again and again.",
  WordPiece: "Words are cut into the longest pieces of a vocabulary, from the left; pieces inside a word begin with ##. BERT's tokenizer.",
  "word vector": "The vector that stands for a word. Words used alike come to lie in like directions.",
  word2vec: "A model that learns word vectors by telling the words that stand near a word from words drawn at random.",
  cosine: "How alike the directions of two vectors are, from −1 to 1: their dot product when both have length 1.",
  "dot product": "Two vectors multiplied number by number, and the products added up.",
  analogy: "a is to b as what is to c? Asked of word vectors by adding and subtracting: king − man + woman.",
};

export const section = { id: "meaning", title: "From characters to meaning", terms: TERMS, mount };

function mount(root, app) {
  const { data } = app, words = new Words(data.meaning.vectors), list = wordList(root, words);
  Object.assign(data.sources, data.meaning.sources);
  const code = app.code("bpe.encode", "wordpiece.cut", "microgpt.adam", "distances.cosine", "distances.unit");
  root.append(el("p", {}, "Longer texts than names are cut into longer tokens, but what follows is the same: every ", app.term("token id"), " picks a row of a table, training moves the rows that were used,"
    + " and in the end rows that are used alike are alike. That is where meaning comes from."), list,
  tokens(app, words, code), step(app, code), neighbours(app, words, list.id, code), analogy(app, words, list.id, code), about(app, words), code.element);
}

// All words as suggestions for the fields that want one, made when the first of them is gone to.
function wordList(root, words) {
  const list = el("datalist", { id: "meaning-words" });
  root.addEventListener("focusin", ({ target }) => { if (target.list === list && !list.firstChild) list.append(...words.words.map((word) => el("option", { value: word }))); });
  return list;
}

function about(app, words) {
  const { about: made, dimensions } = app.data.meaning.vectors, many = (n) => n.toLocaleString("en");
  const tasks = Object.entries(made.tasks).map(([task, [value, cases]], i) => {
    const [what, meaning] = { men: ["pairs of MEN scored by people (Spearman)", "how well the cosines order pairs as people do: Spearman's rank correlation"], analogies: ["of Google's analogies (share solved)", "for how many analogies the missing word comes first"] }[task];
    return [i ? "; " : "", app.shown({ name: `score of ${task}`, value, meaning: `${meaning}; measured when the vectors were made`, lines: [] }, 3), ` on ${cases} ${what}`];
  });
  return el("p", { class: "remark" }, `The vectors: ${many(words.words.length)} words of ${dimensions} numbers, each kept as a byte, from hornbook's word2vec on ${made.texts} English ${made.corpus}: `
    + `${many(made.tokens)} words, ${made.epochs} times, window ${made.window}, seed ${made.seed}, ${made.made}. Measured: `, tasks, `. The vocabularies above: learnt from ${app.data.meaning.corpus}.`);
}
