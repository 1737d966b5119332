// The loops under the GPT of typed arrays: matrix products two tokens by four outputs at a time, norms, softmax, Adam.

// Rows are tokens: x (T, n_in), y (T, n_out), w (n_out, n_in). Tokens are taken in pairs, so arrays hold one row more
// than the longest text; what is computed for that row is never read.

// y = x wᵀ
export function linear(y, w, x, T, nOut, nIn) {
  const fours = nOut & ~3;
  for (let t = 0; t < T; t += 2) {
    const x0 = t * nIn, x1 = x0 + nIn, y0 = t * nOut, y1 = y0 + nOut;
    for (let o = 0; o < fours; o += 4) {
      const r0 = o * nIn, r1 = r0 + nIn, r2 = r1 + nIn, r3 = r2 + nIn;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let i = 0; i < nIn; i++) {
        const a = x[x0 + i], b = x[x1 + i], w0 = w[r0 + i], w1 = w[r1 + i], w2 = w[r2 + i], w3 = w[r3 + i];
        a0 += w0 * a; a1 += w1 * a; a2 += w2 * a; a3 += w3 * a;
        b0 += w0 * b; b1 += w1 * b; b2 += w2 * b; b3 += w3 * b;
      }
      y[y0 + o] = a0; y[y0 + o + 1] = a1; y[y0 + o + 2] = a2; y[y0 + o + 3] = a3;
      y[y1 + o] = b0; y[y1 + o + 1] = b1; y[y1 + o + 2] = b2; y[y1 + o + 3] = b3;
    }
    for (let o = fours; o < nOut; o++) {
      let a0 = 0, b0 = 0;
      for (let i = 0, r = o * nIn; i < nIn; i++, r++) { a0 += w[r] * x[x0 + i]; b0 += w[r] * x[x1 + i]; }
      y[y0 + o] = a0; y[y1 + o] = b0;
    }
  }
}

// The gradient in x: dx = dy w.
export function linearBackwardX(dx, w, dy, T, nOut, nIn) {
  const fours = nIn & ~3;
  for (let t = 0; t < T; t += 2) {
    const x0 = t * nIn, x1 = x0 + nIn, y0 = t * nOut, y1 = y0 + nOut;
    for (let i = 0; i < fours; i += 4) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let o = 0, r = i; o < nOut; o++, r += nIn) {
        const a = dy[y0 + o], b = dy[y1 + o], w0 = w[r], w1 = w[r + 1], w2 = w[r + 2], w3 = w[r + 3];
        a0 += w0 * a; a1 += w1 * a; a2 += w2 * a; a3 += w3 * a;
        b0 += w0 * b; b1 += w1 * b; b2 += w2 * b; b3 += w3 * b;
      }
      dx[x0 + i] = a0; dx[x0 + i + 1] = a1; dx[x0 + i + 2] = a2; dx[x0 + i + 3] = a3;
      dx[x1 + i] = b0; dx[x1 + i + 1] = b1; dx[x1 + i + 2] = b2; dx[x1 + i + 3] = b3;
    }
    for (let i = fours; i < nIn; i++) {
      let a0 = 0, b0 = 0;
      for (let o = 0, r = i; o < nOut; o++, r += nIn) { a0 += dy[y0 + o] * w[r]; b0 += dy[y1 + o] * w[r]; }
      dx[x0 + i] = a0; dx[x1 + i] = b0;
    }
  }
}

// The gradient in w: dw = dyᵀ x, summed over the T tokens.
export function linearBackwardW(dw, dy, x, T, nOut, nIn) {
  const pairs = nOut & ~1, fours = nIn & ~3;
  for (let i = 0; i < fours; i += 4) {
    for (let o = 0; o < pairs; o += 2) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let t = 0, y = o, r = i; t < T; t++, y += nOut, r += nIn) {
        const a = dy[y], b = dy[y + 1], x0 = x[r], x1 = x[r + 1], x2 = x[r + 2], x3 = x[r + 3];
        a0 += x0 * a; a1 += x1 * a; a2 += x2 * a; a3 += x3 * a;
        b0 += x0 * b; b1 += x1 * b; b2 += x2 * b; b3 += x3 * b;
      }
      const r0 = o * nIn + i, r1 = r0 + nIn;
      dw[r0] = a0; dw[r0 + 1] = a1; dw[r0 + 2] = a2; dw[r0 + 3] = a3;
      dw[r1] = b0; dw[r1 + 1] = b1; dw[r1 + 2] = b2; dw[r1 + 3] = b3;
    }
    for (let o = pairs; o < nOut; o++) {
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      for (let t = 0, y = o, r = i; t < T; t++, y += nOut, r += nIn) {
        const a = dy[y];
        a0 += x[r] * a; a1 += x[r + 1] * a; a2 += x[r + 2] * a; a3 += x[r + 3] * a;
      }
      const r0 = o * nIn + i;
      dw[r0] = a0; dw[r0 + 1] = a1; dw[r0 + 2] = a2; dw[r0 + 3] = a3;
    }
  }
  for (let i = fours; i < nIn; i++) {
    for (let o = 0; o < nOut; o++) {
      let sum = 0;
      for (let t = 0, y = o, r = i; t < T; t++, y += nOut, r += nIn) sum += dy[y] * x[r];
      dw[o * nIn + i] = sum;
    }
  }
}

// y = x · scale, scale = (mean of x² + 1e-5) ** −0.5 of each row.
export function rmsnorm(y, scales, x, T, D) {
  for (let t = 0, r = 0; t < T; t++, r += D) {
    let squares = 0;
    for (let i = r; i < r + D; i++) squares += x[i] * x[i];
    const scale = 1 / Math.sqrt(squares / D + 1e-5);
    scales[t] = scale;
    for (let i = r; i < r + D; i++) y[i] = x[i] * scale;
  }
}

// dx = base + scale · (dy − y · mean of dy·y): what the norm passes back, on top of `base`.
export function rmsnormBackward(dx, base, dy, y, scales, T, D) {
  for (let t = 0, r = 0; t < T; t++, r += D) {
    let along = 0;
    for (let i = r; i < r + D; i++) along += dy[i] * y[i];
    along /= D;
    for (let i = r; i < r + D; i++) dx[i] = base[i] + scales[t] * (dy[i] - y[i] * along);
  }
}

// to[at …] = softmax(from[at …]), `count` numbers.
export function softmax(to, from, at, count) {
  let largest = from[at], total = 0;
  for (let i = at + 1; i < at + count; i++) if (from[i] > largest) largest = from[i];
  for (let i = at; i < at + count; i++) total += to[i] = Math.exp(from[i] - largest);
  for (let i = at; i < at + count; i++) to[i] /= total;
}

// Kingma & Ba 2015, over all parameters at once: x −= rate · m̂ / (√v̂ + ε). `step` counts from 1.
export function adam(x, gradient, m, v, step, rate, { beta1, beta2, epsilon }) {
  const mRate = rate / (1 - beta1 ** step), vScale = 1 / (1 - beta2 ** step), rest1 = 1 - beta1, rest2 = 1 - beta2;
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i], mean = beta1 * m[i] + rest1 * g, square = beta2 * v[i] + rest2 * (g * g);
    m[i] = mean;
    v[i] = square;
    x[i] -= (mRate * mean) / (Math.sqrt(square * vScale) + epsilon);
  }
}
