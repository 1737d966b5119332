// What forward() and loss() do, operation by operation, and what each gradient is: the words of the architecture.

// name: the number made. reads: the numbers it is made of. matrix: the weights in between. says, back: what happens
// forwards and backwards; words in [brackets] are terms of the glossary, [term|as it stands] in other words.
const BEFORE = [
  { id: "embed", title: "Token embedding", name: "embed", reads: [], matrix: "wte", says: "The [token]’s own row of wte: the [vector] that stands for it, its [embedding].",
    back: "These slopes are added to the token’s row of the gradient of wte; rows of tokens that are not in the name stay at 0." },
  { id: "pos_embed", title: "Position embedding", name: "pos_embed", reads: [], matrix: "wpe", says: "The position’s row of wpe, so that the model knows how far into the name it is.",
    back: "The same slopes go into the position’s row of the gradient of wpe." },
  { id: "sum", title: "Add", name: "sum", reads: ["embed", "pos_embed"], says: "Token and position are added, number by number: this begins the [residual stream].",
    back: "Back through the norm. A sum hands its slope to both that were added." },
  { id: "embed_norm", title: "RMSNorm", name: "embed_norm", reads: ["sum"], says: "[RMSNorm]: divided by the root of the mean of the squares, so that sizes stay in bounds.",
    back: "Two ways come together: around the attention as it is, and through its norm." },
];
const LAYER = [
  { id: "norm1", title: "RMSNorm before attention", name: "norm1", reads: ["below"], says: "A copy at a fixed size, for [attention] to read. The stream itself goes around: the [residual connection].",
    back: "Queries, keys and values were all made from these numbers: three sums, added." },
  { id: "q", title: "Queries", name: "attn.q", reads: ["norm1"], matrix: "attn.wq", says: "The [query], what this position looks for: a [matrix] product with wq.",
    back: "Each score’s slope times the key it met, divided by √K." },
  { id: "k", title: "Keys", name: "attn.k", reads: ["norm1"], matrix: "attn.wk", says: "The [key], what this position is found by. It is kept for all later positions.",
    back: "Each later query that met this key adds its part." },
  { id: "v", title: "Values", name: "attn.v", reads: ["norm1"], matrix: "attn.wv", says: "The [value], what this position gives to those that look at it. It is kept as well.",
    back: "Each later position that looked here adds its slope, by how much it looked." },
  { id: "heads", title: "Split into heads", name: "heads", reads: [], says: "Query, key and value are cut into equal parts, one for each [head]. Nothing is computed; each head has its own part from here on.",
    back: "The parts of all heads lie side by side again." },
  { id: "scores", title: "Scores", name: "attn.scores", reads: ["attn.q", "attn.keys"], says: "In each head, this query times the key of every position up to here, divided by √K: how well they fit.",
    back: "Back through the [softmax]: weight times (own slope − the weighted mean of the slopes)." },
  { id: "pattern", title: "Softmax", name: "attn.pattern", reads: ["attn.scores"], says: "[softmax|Softmax] makes the scores of a head into weights above 0 that add up to 1.",
    back: "The slope of what was gathered times the value it would have gathered more of." },
  { id: "z", title: "Weighted sum of values", name: "attn.z", reads: ["attn.pattern", "attn.values"], says: "Each head takes the mean of the values, weighted: what this position gathered.",
    back: "Each number went into every output of wo: a sum down its column." },
  { id: "out", title: "Output of attention", name: "attn.out", reads: ["attn.z"], matrix: "attn.wo", says: "The heads’ parts side by side, mixed by wo: what attention has to add.",
    back: "A sum passes its slope on as it is." },
  { id: "resid_mid", title: "Add: around attention", name: "resid_mid", reads: ["attn.out", "below"], says: "Added to the stream that went around: the [residual connection].",
    back: "Two ways come together: around the MLP as it is, and through its norm." },
  { id: "norm2", title: "RMSNorm before the MLP", name: "norm2", reads: ["resid_mid"], says: "[RMSNorm] again: a copy at a fixed size for the [MLP].",
    back: "Each number went into every neuron: a sum down its column of fc1." },
  { id: "pre", title: "MLP: fc1", name: "mlp.pre", reads: ["norm2"], matrix: "mlp.fc1", says: "Four times as many numbers, the neurons: each a sum of products with one row of fc1.",
    back: "Where a neuron was off, its slope is 0: nothing it did could matter." },
  { id: "post", title: "ReLU", name: "mlp.post", reads: ["mlp.pre"], says: "[ReLU]: what is below 0 becomes 0. Neurons are on or off.",
    back: "Each neuron went into every output of fc2: a sum down its column." },
  { id: "mlp_out", title: "MLP: fc2", name: "mlp.out", reads: ["mlp.post"], matrix: "mlp.fc2", says: "Back to the width of the stream: what the [MLP] has to add.",
    back: "A sum passes its slope on as it is." },
  { id: "resid_post", title: "Add: around the MLP", name: "resid_post", reads: ["mlp.out", "resid_mid"], says: "Added to the stream: what the layer leaves.",
    back: "Each number went into everything behind the layer: the slopes of all of it, added." },
];
const AFTER = [
  { id: "logits", title: "Logits", name: "logits", reads: ["last"], matrix: "lm_head", says: "One [logit] for each token: how well its row of lm_head fits the stream.",
    back: "Probability less 1 for the letter that came, probability for the others: this drives all learning." },
  { id: "probabilities", title: "Softmax", name: "probabilities", reads: ["logits"], says: "[softmax|Softmax] makes them probabilities of what comes next.",
    back: "Only the probability of what really came next is in the loss; the others’ slopes are 0." },
  { id: "losses", title: "Loss here", name: "losses", reads: [], says: "−ln of the probability of what really came next: the [loss] of each position, in [nat|nats].",
    back: "Each position has the same share in the mean." },
  { id: "loss", title: "Loss", name: "loss", reads: ["losses"], says: "The mean over all positions of the name: the one number that training makes smaller.",
    back: "Backward begins here: if the loss grew by one, it would grow by one. From here the [chain rule] goes from operation to operation." },
];

// All operations in the order in which they run, with full names; `layer` is its number, or null outside the layers.
export function operations(L) {
  const layers = Array.from({ length: L }, (_, i) => LAYER.map((operation) => placed(operation, i)));
  return [...BEFORE.map((operation) => placed(operation, null)), ...layers.flat(), ...AFTER.map((operation) => ({ ...placed(operation, null), reads: operation.reads.map((name) => named(name, null, L)) }))];
}

function placed(operation, layer) {
  const { name, reads, matrix } = operation, prefix = layer === null ? "" : `layers.${layer}.`;
  return { ...operation, layer, name: prefix + name, reads: reads.map((one) => named(one, layer, 0)), matrix: matrix ? prefix + matrix : null };
}

function named(name, layer, L) {
  if (name === "below") return layer ? `layers.${layer - 1}.resid_post` : "embed_norm";
  if (name === "last") return L ? `layers.${L - 1}.resid_post` : "embed_norm";
  return layer === null ? name : `layers.${layer}.${name}`;
}

// A sentence with its [terms] as nodes that explain themselves.
export function sentence(app, text) {
  return text.split(/\[([^\]]+)\]/).map((part, i) => (i % 2 ? app.term(...part.split("|")) : part));
}
