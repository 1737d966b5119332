"""Eight float64 numbers at a time inside Numba functions: what the loops of microgpt's fast form are written in.

A value of type `Lanes` is an LLVM vector, which becomes one AVX-512, two AVX2 or four NEON registers. Memory is a
one-dimensional float64 array, a place in it an index. Nothing is checked; negative indices do not count from the end.
Compiled callers are cached by the date of their own file: after editing this one, delete src/hornbook/fast/__pycache__.
"""

import math
import operator

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

WIDTH = 8
INT = ir.IntType(64)
FLOATS = ir.VectorType(ir.DoubleType(), WIDTH)
INTS = ir.VectorType(INT, WIDTH)


class Lanes(types.Type):
    """The Numba type of eight float64 numbers."""

    def __init__(self):
        super().__init__(name="Lanes")


lanes = Lanes()


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, FLOATS)


def _constant(x):
    return ir.Constant(FLOATS, [float(x)] * WIDTH)


def _repeat(builder, x, vector):
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), x, ir.Constant(ir.IntType(32), 0))
    return _shuffle(builder, first, first, [0] * WIDTH)


def _shuffle(builder, a, b, picks):
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), picks))


def _llvm(builder, name, *args):
    signature = ir.FunctionType(FLOATS, [FLOATS] * len(args))
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, f"llvm.{name}.v{WIDTH}f64"), args)


def _pointer(context, builder, memory_type, memory, index):
    return builder.gep(context.make_array(memory_type)(context, builder, memory).data, [index])


def _vector(context, builder, memory_type, memory, index):
    return builder.bitcast(_pointer(context, builder, memory_type, memory, index), FLOATS.as_pointer())


@intrinsic
def load(typing, memory, index):
    """The eight numbers at memory[index : index + 8]."""

    def code(context, builder, signature, args):
        return builder.load(_vector(context, builder, signature.args[0], *args), align=8)

    return lanes(memory, types.intp), code


@intrinsic
def store(typing, memory, index, numbers):
    """memory[index : index + 8] = numbers."""

    def code(context, builder, signature, args):
        builder.store(args[2], _vector(context, builder, signature.args[0], *args[:2]), align=8)
        return context.get_dummy_value()

    return types.void(memory, types.intp, lanes), code


@intrinsic
def spread(typing, memory, index):
    """memory[index], eight times."""

    def code(context, builder, signature, args):
        return _repeat(builder, builder.load(_pointer(context, builder, signature.args[0], *args)), FLOATS)

    return lanes(memory, types.intp), code


@intrinsic
def every(typing, x):
    """The number x, eight times."""
    return lanes(types.float64), lambda context, builder, signature, args: _repeat(builder, args[0], FLOATS)


@intrinsic
def multiply_add(typing, a, b, c):
    """a · b + c, rounded once where the machine can."""
    return lanes(lanes, lanes, lanes), lambda context, builder, signature, args: _llvm(builder, "fmuladd", *args)


@intrinsic
def sqrt(typing, x):
    return lanes(lanes), lambda context, builder, signature, args: _llvm(builder, "sqrt", *args)


@intrinsic
def maximum(typing, a, b):
    """The larger of each pair; b where either is no number."""

    def code(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return lanes(lanes, lanes), code


@intrinsic
def where_positive(typing, x, numbers):
    """Numbers where x > 0, else 0."""

    def code(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered(">", args[0], _constant(0)), args[1], _constant(0))

    return lanes(lanes, lanes), code


@intrinsic
def from_lane(typing, first, numbers, others):
    """Numbers in the lanes first, first + 1, …, others in the lanes before."""

    def code(context, builder, signature, args):
        lane = ir.Constant(INTS, list(range(WIDTH)))
        return builder.select(builder.icmp_signed(">=", lane, _repeat(builder, args[0], INTS)), *args[1:])

    return lanes(types.intp, lanes, lanes), code


@intrinsic
def exp(typing, x):
    """eˣ for x ≤ 0, within 2 units in the last place; 0 below −700.

    x = k ln 2 + r with |r| ≤ ln 2 / 2; eʳ by its Taylor polynomial of degree 12, then k added to the exponent's bits.
    """
    LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # k · high is exact

    def code(context, builder, signature, args):
        k = _llvm(builder, "rint", builder.fmul(args[0], _constant(1 / math.log(2))))
        r = _llvm(builder, "fmuladd", k, _constant(-LN2_HIGH), args[0])
        r = _llvm(builder, "fmuladd", k, _constant(-LN2_LOW), r)
        power = _constant(1 / math.factorial(12))
        for n in reversed(range(12)):
            power = _llvm(builder, "fmuladd", power, r, _constant(1 / math.factorial(n)))
        shift = builder.shl(builder.fptosi(k, INTS), ir.Constant(INTS, [52] * WIDTH))
        scaled = builder.bitcast(builder.add(builder.bitcast(power, INTS), shift), FLOATS)
        return builder.select(builder.fcmp_ordered("<", args[0], _constant(-700)), _constant(0), scaled)

    return lanes(lanes), code


@intrinsic
def transpose8(typing, memory, source, source_width, target, target_width):
    """Write the 8 × 8 block at `source` to `target` with rows and columns exchanged; widths are those of whole rows.

    Three rounds exchange one bit of the row's number with the same bit of the column's.
    """

    def code(context, builder, signature, args):
        def row(start, width, i):
            index = builder.add(start, builder.mul(width, ir.Constant(INT, i)))
            return _vector(context, builder, signature.args[0], args[0], index)

        rows = [builder.load(row(args[1], args[2], i), align=8) for i in range(WIDTH)]
        for bit in (4, 2, 1):
            for i in (i for i in range(WIDTH) if not i & bit):
                a, b = rows[i], rows[i | bit]
                rows[i] = _shuffle(builder, a, b, [WIDTH + k - bit if k & bit else k for k in range(WIDTH)])
                rows[i | bit] = _shuffle(builder, a, b, [WIDTH + k if k & bit else k + bit for k in range(WIDTH)])
        for i, numbers in enumerate(rows):
            builder.store(numbers, row(args[3], args[4], i), align=8)
        return context.get_dummy_value()

    return types.void(memory, *[types.intp] * 4), code


def _operator(symbol, instruction):
    @intrinsic
    def with_lanes(typing, a, b):
        def code(context, builder, signature, args):
            return getattr(builder, instruction)(*args, flags=("contract",))  # may become a multiply_add

        return lanes(lanes, lanes), code

    @overload(symbol)
    def of_lanes(a, b):
        if a is lanes and b is lanes:
            return lambda a, b: with_lanes(a, b)
        if a is lanes and isinstance(b, types.Float):
            return lambda a, b: with_lanes(a, every(b))
        return None


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")
