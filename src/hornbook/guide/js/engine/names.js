// The names as the page carries them: sorted ones front-coded, each a digit of how many letters it shares with the one before.

import { Random } from "./random.js";

// The list in {names, folded, first}. `first` are the names in the order of training, as far as it was trained; the list is
// one whose shuffle begins with them.
export function listOf({ names, folded, first = null }, seed = 42) {
  const rest = folded ? unfold(names) : readNames(names);
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

// One name a line, as Python reads a file of names: without blanks around it, and no empty ones.
export function readNames(text) {
  return text.split(/\r\n|\r|\n/).map((line) => line.trim()).filter(Boolean);
}
