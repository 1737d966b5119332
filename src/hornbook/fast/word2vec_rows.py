"""What word2vec does to one row of a table, compiled: copy it, add to it, multiply it, ask for it."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from hornbook.fast.word2vec_loss import compiled


@compiled
def copy(row, to):
    """to = row, by a loop: an assignment of slices takes three times as long."""
    for d in range(len(row)):
        to[d] = row[d]


@compiled
def fill(to, x):
    for d in range(len(to)):
        to[d] = x


@compiled
def add(row, share, to):
    """to += share · row."""
    for d in range(len(row)):
        to[d] += share * row[d]


@compiled
def dot(x, y):
    total = x[0] - x[0]
    for d in range(len(x)):
        total += x[d] * y[d]
    return total


@intrinsic
def prefetch(typing, table, row, column):
    """Ask for the cache line of table[row, column], without waiting for it."""

    def code(context, builder, signature, args):
        array = context.make_array(signature.args[0])(context, builder, args[0])
        index = builder.add(builder.mul(args[1], cgutils.unpack_tuple(builder, array.shape, 2)[1]), args[2])
        pointer = builder.bitcast(builder.gep(array.data, [index]), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(table, types.intp, types.intp), code
