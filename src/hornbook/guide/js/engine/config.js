// Sizes of the model and how it is trained, under the names of reference/microgpt.py, and the shapes that follow.

export const CONFIG = Object.freeze({
  n_layer: 1, n_embd: 16, n_head: 4, block_size: 16, init_std: 0.08,
  steps: 1000, learning_rate: 0.01, beta1: 0.85, beta2: 0.99, epsilon: 1e-8,
});

// {name: [rows, columns]} of every matrix of weights, in the order in which they are drawn.
export function shapesOf(vocabSize, config) {
  const D = config.n_embd, shapes = { wte: [vocabSize, D], wpe: [config.block_size, D], lm_head: [vocabSize, D] };
  for (let i = 0; i < config.n_layer; i++) {
    for (const part of ["wq", "wk", "wv", "wo"]) shapes[`layers.${i}.attn.${part}`] = [D, D];
    shapes[`layers.${i}.mlp.fc1`] = [4 * D, D];
    shapes[`layers.${i}.mlp.fc2`] = [D, 4 * D];
  }
  return shapes;
}
