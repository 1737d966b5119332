// Attention over typed arrays, and its gradient. A row of qkv (T, 3D) is a token's query, key and value side by side.

import { softmax } from "./kernels.js";

// scores (T, A, P) = q · k / √K for every key up to the query, pattern = softmax(scores), z (T, D) = pattern · values.
export function attention({ qkv, scores, pattern, z }, T, { A, D, K, P }) {
  const root = Math.sqrt(K);
  for (let t = 0; t < T; t++) {
    for (let head = 0; head < A; head++) {
      const row = (t * A + head) * P, q = 3 * D * t + head * K;
      for (let s = 0; s <= t; s++) {
        let fit = 0;
        for (let j = 0, k = 3 * D * s + D + head * K; j < K; j++) fit += qkv[q + j] * qkv[k + j];
        scores[row + s] = fit / root;
      }
      softmax(pattern, scores, row, t + 1);
      for (let j = 0; j < K; j++) {
        let mean = 0;
        for (let s = 0; s <= t; s++) mean += pattern[row + s] * qkv[3 * D * s + 2 * D + head * K + j];
        z[t * D + head * K + j] = mean;
      }
    }
  }
}

// From d.z to d.pattern, d.scores and d.qkv: the gradients of the numbers of the same names.
export function attentionBackward({ qkv, pattern }, d, T, { A, D, K, P }) {
  const root = Math.sqrt(K);
  d.qkv.fill(0, 0, 3 * D * T);
  for (let t = 0; t < T; t++) {
    for (let head = 0; head < A; head++) {
      const row = (t * A + head) * P, q = 3 * D * t + head * K, z = t * D + head * K;
      let mean = 0;
      for (let s = 0; s <= t; s++) {
        const v = 3 * D * s + 2 * D + head * K, p = pattern[row + s];
        let change = 0;
        for (let j = 0; j < K; j++) {
          change += d.z[z + j] * qkv[v + j];
          d.qkv[v + j] += p * d.z[z + j];
        }
        d.pattern[row + s] = change;
        mean += p * change;
      }
      for (let s = 0; s <= t; s++) {
        const k = 3 * D * s + D + head * K, change = pattern[row + s] * (d.pattern[row + s] - mean);
        d.scores[row + s] = change;
        for (let j = 0; j < K; j++) {
          d.qkv[q + j] += (change / root) * qkv[k + j];
          d.qkv[k + j] += (change / root) * qkv[q + j];
        }
      }
    }
  }
}
