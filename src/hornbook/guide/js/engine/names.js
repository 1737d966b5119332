// The names as the page carries them: sorted ones front-coded, each a digit of how many letters it shares with the one before.

import { Random } from "./random.js";

// The list in {names, folded, first}. `first` are the names in the order of training, as far as it was trained; the list is
// one whose shuffle begins with them.
export function listOf({ names, folded, first = null }, seed = 42) {
  const rest = folded ? unfold(names) : names.split("\n");
  if (!first) return rest;
  const all = [...first, ...rest], places = new Random(seed).shuffle([...all.keys()]), list = [];
  all.forEach((name, i) => { list[places[i]] = name; });
  return list;
}

// "0ada1lan" -> ["ada", "alan"]; the number of shared letters is one digit in base 36, capital where it is a letter.
export function unfold(text) {
  let before = "";
  return text.match(/[0-9A-Z][^0-9A-Z]*/g)?.map((part) => (before = before.slice(0, parseInt(part[0], 36)) + part.slice(1))) ?? [];
}

// What str.splitlines ends a line with, and what str.strip takes off: more than a browser does.
const ENDS = /\r\n|[\n-\r\x1c-\x1e\x85\u2028\u2029]/;
const AROUND = /^[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

// One name a line, as Python reads a file of names: without blanks around it, and no empty ones.
export function readNames(text) {
  return text.split(ENDS).map((line) => line.replace(AROUND, "")).filter(Boolean);
}

// The text of a file, as Python reads it: without a byte-order mark. RangeError where the bytes are no UTF-8.
export function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError("this is no text in UTF-8; save it in that encoding (Unicode) and choose it again.");
  }
}
