// Python's random numbers: the Mersenne Twister (Matsumoto & Nishimura 1998) as CPython's `random` seeds and uses it.

const N = 624, M = 397;

// `random`, `getrandbits`, `shuffle` and `choices` give CPython's numbers to the last bit. `gauss` does so where the
// browser's logarithm rounds as the C library's: of twenty numbers nineteen, the other off by its last bit.
export class Random {
  // `seed` is a whole number from 0 to 2 ** 53, read as CPython reads it: 32 bits at a time, lowest first.
  constructor(seed) {
    this.words = new Uint32Array(N);
    this.at = N;
    this.next = null; // the second number of a pair that gauss made
    initByArray(this.words, seed < 2 ** 32 ? [seed] : [seed % 2 ** 32, Math.floor(seed / 2 ** 32)]);
  }

  // Another stream that goes on from here with the same numbers.
  copy() {
    const other = new Random(0);
    other.words.set(this.words);
    other.at = this.at;
    other.next = this.next;
    return other;
  }

  // 1 to 32 random bits, as a whole number.
  getrandbits(bits) {
    if (this.at === N) { twist(this.words); this.at = 0; }
    let y = this.words[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> (32 - bits);
  }

  // A number from 0 up to 1, in steps of 2 ** -53.
  random() {
    const high = this.getrandbits(27), low = this.getrandbits(26);
    return (high * 67108864 + low) / 9007199254740992;
  }

  // A whole number below n, each as likely: bits are drawn again until they are below n.
  below(n) {
    const bits = 32 - Math.clz32(n);
    let r = this.getrandbits(bits);
    while (r >= n) r = this.getrandbits(bits);
    return r;
  }

  // Fisher & Yates, in place, from the last place down.
  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }

  // A number of N(mean, deviation²), by Box & Muller 1958: they come in pairs, and the second waits in `next`.
  gauss(mean, deviation) {
    let z = this.next;
    this.next = null;
    if (z === null) {
      const angle = this.random() * 2 * Math.PI, radius = Math.sqrt(-2 * Math.log(1 - this.random()));
      z = Math.cos(angle) * radius;
      this.next = Math.sin(angle) * radius;
    }
    return mean + z * deviation;
  }

  // One draw by weights, taken apart: the first index whose running total passes `random` times the whole total.
  draw(weights) {
    let total = 0;
    const cumulative = Array.from(weights, (weight) => (total += weight));
    const random = this.random(), place = random * total;
    const found = cumulative.slice(0, -1).findIndex((sum) => place < sum);
    return { index: found < 0 ? cumulative.length - 1 : found, random, place, cumulative };
  }

  // random.choices(population, weights)[0]
  choices(population, weights) {
    return population[this.draw(weights).index];
  }
}

function initByArray(words, key) {
  words[0] = 19650218;
  for (let i = 1; i < N; i++) words[i] = Math.imul(1812433253, words[i - 1] ^ (words[i - 1] >>> 30)) + i;
  let i = 1, j = 0;
  const mix = (factor) => Math.imul(words[i - 1] ^ (words[i - 1] >>> 30), factor);
  const onwards = () => { if (++i === N) { words[0] = words[N - 1]; i = 1; } };
  for (let k = Math.max(N, key.length); k > 0; k--) {
    words[i] = (words[i] ^ mix(1664525)) + key[j] + j;
    onwards();
    j = (j + 1) % key.length;
  }
  for (let k = N - 1; k > 0; k--) {
    words[i] = (words[i] ^ mix(1566083941)) - i;
    onwards();
  }
  words[0] = 0x80000000;
}

function twist(words) {
  for (let i = 0; i < N; i++) {
    const y = (words[i] & 0x80000000) | (words[(i + 1) % N] & 0x7fffffff);
    words[i] = words[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
  }
}
