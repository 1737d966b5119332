// Text to tokens as hornbook.Tokenizer cuts it: characters, byte-level BPE, WordPiece, and whole words.

const PRINTED = [[33, 126], [161, 172], [174, 255]]; // GPT-2 numbers the bytes that print first, then the others
const WORD = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const MARK = /[!-/:-@[-`{-~\p{P}]|[^!-/:-@[-`{-~\p{P}\p{White_Space}]+/gu; // a mark stands alone, white space goes
const TERM = /[\p{L}\p{N}_]+(?:['’][\p{L}\p{N}_]+)*/gu;
const LONGEST = 100; // characters; a longer word is unknown to WordPiece as a whole

const whole = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");
const numbered = (tokens, first) => new Map(tokens.map((token, i) => [token, first + i]));

// Every cutter is {size, cut(text)}; cut gives [{id, text}] with null as the text of what is unknown.
export function characters({ characters: letters, specials }) {
  const ids = numbered([...letters], specials.length), unk = specials.indexOf("<UNK>");
  const cut = (text) => Array.from(whole(text), (letter) => ({ id: ids.get(letter) ?? unk, text: ids.has(letter) ? letter : null }));
  return { size: specials.length + ids.size, cut };
}

export function bpe({ merges, specials }) {
  const first = PRINTED.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i));
  const bytes = [...first, ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !first.includes(byte))];
  const spelt = bytes.map((byte) => [byte]), ranks = new Map(), at = specials.length, idOf = new Map(bytes.map((byte, i) => [byte, at + i]));
  for (let k = 0; k < merges.length; k += 2) {
    const [left, right] = [merges[k], merges[k + 1]];
    ranks.set(`${left} ${right}`, at + 256 + k / 2);
    spelt.push([...spelt[left - at], ...spelt[right - at]]);
  }
  const encoder = new TextEncoder();
  const cut = (text) => (whole(text).match(WORD) ?? []).flatMap((word) => merged(Array.from(encoder.encode(word), (byte) => idOf.get(byte)), ranks))
    .map((id) => ({ id, text: decoded(spelt[id - at]) }));
  return { size: at + spelt.length, cut };
}

// The earliest learnt merge that fits goes first, everywhere in the word, until none fits.
function merged(ids, ranks) {
  for (;;) {
    const fits = ids.slice(1).map((id, i) => ranks.get(`${ids[i]} ${id}`) ?? Infinity), made = Math.min(...fits);
    if (made === Infinity) return ids;
    const out = [];
    for (let i = 0; i < ids.length; i++) {
      if (i + 1 < ids.length && ranks.get(`${ids[i]} ${ids[i + 1]}`) === made) { out.push(made); i++; } else out.push(ids[i]);
    }
    ids = out;
  }
}

// Bytes that make no character are written \xe2, as Python does.
function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return bytes.map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join("");
  }
}

export function wordpiece({ pieces, specials }) {
  const ids = numbered(pieces.split(" "), specials.length), unk = specials.indexOf("<UNK>");
  const cut = (text) => (whole(text).match(MARK) ?? []).flatMap((word) => longestPieces([...word], ids) ?? [{ id: unk, text: null }]);
  return { size: specials.length + ids.size, cut };
}

// The longest piece that begins the word, then the longest that goes on; null where there is none.
function longestPieces(letters, ids) {
  const found = [];
  for (let start = 0, end; start < letters.length; start = end) {
    const piece = () => (start ? "##" : "") + letters.slice(start, end).join("");
    for (end = letters.length; end > start && !ids.has(piece()); end--);
    if (end === start || letters.length > LONGEST) return null;
    found.push({ id: ids.get(piece()), text: piece() });
  }
  return found;
}

// Lower-cased words without marks, by their rows in a table of word vectors.
export function terms(words) {
  const cut = (text) => (whole(text).toLowerCase().match(TERM) ?? []).map((word) => ({ id: words.row(word) ?? null, text: words.has(word) ? word : null, word }));
  return { size: words.words.length, cut };
}
