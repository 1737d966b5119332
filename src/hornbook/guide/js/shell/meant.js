// A name with letters that the model does not know: which, and the name that may have been meant.

import { button } from "./el.js";

// The same name in letters that the model knows: small or capital, without accents; null where there is none.
export function meant(tokenizer, word) {
  const plain = word.normalize("NFD").replace(/\p{M}/gu, "");
  return [word.toLowerCase(), plain, plain.toLowerCase(), word.toUpperCase()].find((one) => one && !tokenizer.unknown(one).length) ?? null;
}

// What is said of a word under its field: nothing where all letters are known; else which are not, and a button to
// `take` what was meant. `field` is marked as wrong or right.
export function refusal(app, field, word, take) {
  const { tokenizer } = app.model, unknown = tokenizer.unknown(word), better = unknown.length ? meant(tokenizer, word) : null;
  field.setAttribute("aria-invalid", String(unknown.length > 0));
  if (!unknown.length) return [];
  const known = `No ${unknown.join(" ")} in the vocabulary.`;
  return better ? [`${known} Did you mean `, button(better, () => { field.value = better; field.focus(); take(better); }), "?"] : [known];
}
