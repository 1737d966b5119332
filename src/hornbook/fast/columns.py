"""Arithmetic of matrices whose columns are tokens, compiled: products, norms, softmax, and their ways back.

Every matrix lies in one flat `memory`, row after row, at the address given. Of activations, (rows, W), a row is one
number of every token and a column is one token, so that eight tokens go through each line at once. `at` holds the
addresses and sizes, see `microgpt_layout.layout`. Columns from N on hold leftovers; no sum runs over them.
Compiled callers are cached by the date of their own file: after editing this one, delete src/hornbook/fast/__pycache__.
"""

from numba import njit

from hornbook.fast.lanes import every, exp, load, maximum, multiply_add, spread, sqrt, store, transpose8

compiled = njit(error_model="numpy", cache=True, nogil=True)
inlined = njit(error_model="numpy", inline="always")  # for what is too short to be called


@compiled
def keep(memory, index, numbers, more):
    """Store the numbers, or add them to what is there."""
    store(memory, index, numbers + load(memory, index) if more else numbers)


@compiled
def keep4(memory, index, width, s0, s1, s2, s3, more):
    keep(memory, index, s0, more)
    keep(memory, index + width, s1, more)
    keep(memory, index + 2 * width, s2, more)
    keep(memory, index + 3 * width, s3, more)


@compiled
def product(memory, a, a_down, a_right, b, b_width, c, c_width, rows, inner, columns, more):
    """C = A B, (rows, inner) · (inner, columns), or C += A B where `more`.

    A's numbers lie `a_down` and `a_right` apart, so that its transpose needs no copy.
    """
    for n in range(0, columns, 8):
        r = 0
        while r + 8 <= rows:
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = every(0.0)
            i, j, down = a + r * a_down, b + n, a_down
            for _ in range(inner):
                x = load(memory, j)
                s0 = multiply_add(spread(memory, i), x, s0)
                s1 = multiply_add(spread(memory, i + down), x, s1)
                s2 = multiply_add(spread(memory, i + 2 * down), x, s2)
                s3 = multiply_add(spread(memory, i + 3 * down), x, s3)
                s4 = multiply_add(spread(memory, i + 4 * down), x, s4)
                s5 = multiply_add(spread(memory, i + 5 * down), x, s5)
                s6 = multiply_add(spread(memory, i + 6 * down), x, s6)
                s7 = multiply_add(spread(memory, i + 7 * down), x, s7)
                i, j = i + a_right, j + b_width
            keep4(memory, c + r * c_width + n, c_width, s0, s1, s2, s3, more)
            keep4(memory, c + (r + 4) * c_width + n, c_width, s4, s5, s6, s7, more)
            r += 8
        while r + 4 <= rows:
            s0 = s1 = s2 = s3 = every(0.0)
            i, j, down = a + r * a_down, b + n, a_down
            for _ in range(inner):
                x = load(memory, j)
                s0 = multiply_add(spread(memory, i), x, s0)
                s1 = multiply_add(spread(memory, i + down), x, s1)
                s2 = multiply_add(spread(memory, i + 2 * down), x, s2)
                s3 = multiply_add(spread(memory, i + 3 * down), x, s3)
                i, j = i + a_right, j + b_width
            keep4(memory, c + r * c_width + n, c_width, s0, s1, s2, s3, more)
            r += 4
        while r < rows:
            s0 = every(0.0)
            i, j = a + r * a_down, b + n
            for _ in range(inner):
                s0 = multiply_add(spread(memory, i), load(memory, j), s0)
                i, j = i + a_right, j + b_width
            keep(memory, c + r * c_width + n, s0, more)
            r += 1


@inlined
def rounded(n):
    """The next multiple of 8."""
    return (n + 7) // 8 * 8


@compiled
def transpose(memory, x, x_width, y, y_width, rows, columns):
    """Y = Xᵀ, in blocks of 8 × 8; both have room for whole blocks."""
    for r in range(0, rows, 8):
        for c in range(0, columns, 8):
            transpose8(memory, x + r * x_width + c, x_width, y + c * y_width + r, y_width)


@inlined
def linear(memory, at, N, weight, n_out, n_in, x, y):
    """Y = W X."""
    product(memory, weight, rounded(n_in), 1, x, at.W, y, at.W, n_out, n_in, N, False)


@inlined
def linear_backward(memory, at, N, weight, n_out, n_in, x, dy, dx, more):
    """dW = dY Xᵀ, or dW += dY Xᵀ where `more`; dX = Wᵀ dY."""
    width = rounded(n_in)
    transpose(memory, x, at.W, at.transposed, width, n_in, N)
    product(memory, dy, at.W, 1, at.transposed, width, at.gradients + weight, width, n_out, N, n_in, more)
    product(memory, weight, 1, width, dy, at.W, dx, at.W, n_in, n_out, N, False)


@compiled
def rmsnorm(memory, at, N, x, y, scale):
    """y = x · scale, scale = (mean x² + 1e-5)^−½ of each column."""
    for n in range(0, N, 8):
        squares = every(0.0)
        for i in range(x + n, x + n + at.D * at.W, at.W):
            squares = multiply_add(load(memory, i), load(memory, i), squares)
        s = every(1.0) / sqrt(multiply_add(squares, every(1 / at.D), every(1e-5)))
        store(memory, scale + n, s)
        for i in range(n, n + at.D * at.W, at.W):
            store(memory, y + i, load(memory, x + i) * s)


@compiled
def rmsnorm_backward(memory, at, N, dy, y, scale, dx):
    """dx += scale · (dy − y · mean(dy · y))."""
    for n in range(0, N, 8):
        dot = every(0.0)
        for i in range(n, n + at.D * at.W, at.W):
            dot = multiply_add(load(memory, dy + i), load(memory, y + i), dot)
        dot, s = dot * (1 / at.D), load(memory, scale + n)
        for i in range(n, n + at.D * at.W, at.W):
            store(memory, dx + i, load(memory, dx + i) + (load(memory, dy + i) - load(memory, y + i) * dot) * s)


@inlined
def add(memory, at, N, x, y):
    """y += x."""
    for r in range(0, at.D * at.W, at.W):
        for i in range(r, r + N, 8):
            store(memory, y + i, load(memory, y + i) + load(memory, x + i))


@compiled
def softmax(memory, x, width, rows):
    """Each of eight columns becomes exp(x) / Σ exp(x)."""
    largest = every(-1e300)
    for i in range(x, x + rows * width, width):
        largest = maximum(largest, load(memory, i))
    shares(memory, x, width, rows, largest, 1.0)


@compiled
def shares(memory, x, width, rows, largest, scale):
    """Each of eight columns becomes exp(scale · x) / Σ exp(scale · x), told its largest x so that nothing overflows."""
    total = every(0.0)
    for i in range(x, x + rows * width, width):
        power = exp((load(memory, i) - largest) * scale)
        total = total + power
        store(memory, i, power)
    inverse = every(1.0) / total
    for i in range(x, x + rows * width, width):
        store(memory, i, load(memory, i) * inverse)
