// Letters and their ids, as reference/microgpt.py has them: sorted letters are 0, 1, …, and the id after the last is <BOS>.

export const BOS = "<BOS>";

// The letters of the names in the order of their code points, as Python sorts them.
export function alphabet(names) {
  return [...new Set(names.join(""))].sort((a, b) => a.codePointAt(0) - b.codePointAt(0));
}

export class Tokenizer {
  constructor(letters) {
    this.letters = letters;
    this.bos = letters.length;
    this.vocabSize = letters.length + 1;
    this.ids = new Map(letters.map((letter, id) => [letter, id]));
  }

  // The ids of a name between two <BOS>: "ab" -> [26, 0, 1, 26]. RangeError where a letter is unknown.
  encode(word) {
    const unknown = this.unknown(word);
    if (unknown.length) throw new RangeError(`the model knows no ${unknown.join(" ")}; it knows ${this.letters.join("")}.`);
    return [this.bos, ...Array.from(word, (letter) => this.ids.get(letter)), this.bos];
  }

  // The letters of a text that have no id.
  unknown(word) {
    return [...new Set(word)].filter((letter) => !this.ids.has(letter));
  }

  // What one id stands for.
  token(id) {
    return id === this.bos ? BOS : this.letters[id];
  }
}
