// Word vectors to ask: neighbours by cosine, what a cosine is the sum of, and analogies, as hornbook.vectors has them.

export class Words {
  // `words` between blanks, `rows` their vectors of `dimensions` bytes −127 … 127 each, in base64.
  constructor({ words, rows, dimensions }) {
    this.words = words.split(" ");
    this.rows = new Map(this.words.map((word, row) => [word, row]));
    this.D = dimensions;
    this.bytes = Int8Array.from(atob(rows), (letter) => letter.charCodeAt(0));
    this.units = Float64Array.from(this.bytes);
    for (let row = 0; row < this.words.length; row++) scale(this.units.subarray(row * dimensions, (row + 1) * dimensions));
  }

  // A word's row, as it stands or else in lower case.
  row(word) { return this.rows.get(word) ?? this.rows.get(word.toLowerCase()); }
  has(word) { return this.row(word) !== undefined; }

  // v / ‖v‖
  unit(word) {
    const row = this.row(word);
    return this.units.subarray(row * this.D, (row + 1) * this.D);
  }

  cosine(a, b) { return dot(this.unit(a), this.unit(b)); }

  // The k words nearest to a vector of length 1, best first, without some: [{word, cosine}].
  nearest(unit, k, without = []) {
    const left = new Set(without.map((word) => this.row(word)));
    return this.words.map((word, row) => ({ word, row, cosine: dot(unit, this.units.subarray(row * this.D, (row + 1) * this.D)) }))
      .filter(({ row }) => !left.has(row)).sort((a, b) => b.cosine - a.cosine || a.row - b.row).slice(0, k);
  }

  neighbours(word, k = 10) { return this.nearest(this.unit(word), k, [word]); }

  // a is to b as which word is to c? The words nearest to a − b + c, of vectors of length 1 (3CosAdd): the candidates with
  // the part of each term, which add up to the cosine, and the best of all, the question's own words among them.
  analogy(a, b, c, k = 5) {
    const terms = [a, b, c], signs = [1, -1, 1], sum = new Float64Array(this.D);
    terms.forEach((word, i) => this.unit(word).forEach((x, j) => { sum[j] += signs[i] * x; }));
    const length = Math.sqrt(dot(sum, sum));
    if (!(length > 1e-6)) throw new RangeError("the terms cancel out: nothing is left that a word could be near to.");
    const unit = sum.map((x) => x / length);
    const parts = (word) => terms.map((term, i) => ({ sign: signs[i], term, cosine: this.cosine(word, term), part: (signs[i] * this.cosine(word, term)) / length }));
    return { length, candidates: this.nearest(unit, k, terms).map((one) => ({ ...one, parts: parts(one.word) })), unrestricted: this.nearest(unit, 1)[0] };
  }

  // Words that begin like an unknown one, the commonest first; else those that share its first two letters.
  like(word, k = 6) {
    const begins = (text) => this.words.filter((known) => known.startsWith(text)).slice(0, k), small = word.toLowerCase();
    for (let many = small.length; many > 0; many--) if (begins(small.slice(0, many)).length) return begins(small.slice(0, many));
    return [];
  }
}

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function scale(vector) {
  const length = Math.sqrt(dot(vector, vector));
  for (let i = 0; i < vector.length; i++) vector[i] /= length;
}
