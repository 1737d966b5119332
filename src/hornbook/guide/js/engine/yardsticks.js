// Losses to compare with: of guessing, and of counting what follows the last 0, 1 and 2 letters.

// {label: nats}: Σ −log(count with the letter / count of the letters before it) / letters, counted and scored on the names.
export function yardsticks(names, vocabSize) {
  const losses = { [`ln ${vocabSize}`]: Math.log(vocabSize) };
  ["unigram", "bigram", "trigram"].forEach((label, n) => {
    const grams = new Map(), contexts = new Map(), count = (table, key) => table.set(key, (table.get(key) ?? 0) + 1);
    for (const word of names) {
      const letters = ["", ...word, ""]; // "" is <BOS>: no letter is
      for (let i = 1; i < letters.length; i++) {
        const context = JSON.stringify(letters.slice(Math.max(0, i - n), i));
        count(grams, `${context}${letters[i]}`);
        count(contexts, context);
      }
    }
    let nats = 0, total = 0;
    for (const [gram, k] of grams) {
      nats -= k * Math.log(k / contexts.get(gram.slice(0, gram.lastIndexOf("]") + 1)));
      total += k;
    }
    losses[label] = nats / total;
  });
  return losses;
}
