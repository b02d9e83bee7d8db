"""Dot products of small integers.

Numba multiplies eight int8 with eight int16 at a time, which keeps the processor busy before the
memory is. Spelled out in LLVM's vectors, the same products come 32 at a time.
"""

from __future__ import annotations

from llvmlite import binding, ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 32
"""So many numbers are read at a time, the last of a row from the next row."""

_BYTE, _SHORT, _INT, _SIZE = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_HAS_PAIRS = binding.get_host_cpu_features().get("avx512bw")
_SUMS = ir.VectorType(_INT, LANES // 2)


@intrinsic
def product(typing, codes, first, query, dim):
    """``codes[first:first + dim] @ query[:dim]`` as int32, of contiguous int8 and int16.

    Behind ``dim`` the query has zeros up to a multiple of :data:`LANES`, and the codes have as many
    numbers, whichever.
    """

    def generate(context, builder, signature, arguments):
        data, vector = (
            cgutils.create_struct_proxy(kind)(context, builder, value=arguments[i]).data
            for kind, i in ((codes, 0), (query, 2))
        )
        place, width = (
            context.cast(builder, arguments[i], kind, types.intp)
            for kind, i in ((first, 1), (dim, 3))
        )
        line = builder.gep(data, [place])
        total = cgutils.alloca_once_value(builder, ir.Constant(_SUMS, [0] * (LANES // 2)))
        zero, step = _SIZE(0), _SIZE(LANES)
        with cgutils.for_range_slice(builder, zero, width, step, inc=True) as (k, _):
            a = builder.sext(_load(builder, line, k, _BYTE), ir.VectorType(_SHORT, LANES))
            b = _load(builder, vector, k, _SHORT)
            builder.store(builder.add(builder.load(total), _pairs(builder, a, b)), total)
        kind = ir.FunctionType(_INT, [_SUMS])
        name = f"llvm.vector.reduce.add.v{LANES // 2}i32"
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.call(reduce, [builder.load(total)])

    return types.int32(codes, first, query, dim), generate


def _load(builder, base, place, number):
    vector = ir.VectorType(number, LANES)
    there = builder.bitcast(builder.gep(base, [place]), vector.as_pointer())
    return builder.load(there, align=1)


def _pairs(builder, a, b):
    """The sum of every two neighbouring products, which is one instruction on x86 processors that
    LLVM does not find by itself."""
    if not _HAS_PAIRS:
        one, two = (builder.mul(_half(builder, a, i), _half(builder, b, i)) for i in (0, 1))
        return builder.add(one, two)
    kind = ir.FunctionType(_SUMS, [a.type, a.type])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.pmaddw.d.512")
    return builder.call(function, [a, b])


def _half(builder, vector, first):
    """Every other number from ``first`` on, as int32."""
    mask = ir.Constant(_SUMS, list(range(first, LANES, 2)))
    nothing = ir.Constant(vector.type, ir.Undefined)
    return builder.sext(builder.shuffle_vector(vector, nothing, mask), _SUMS)
