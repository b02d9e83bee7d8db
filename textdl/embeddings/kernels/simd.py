"""Vectors of floats in Numba: the few LLVM instructions that the block kernels are made of.

Numba vectorises a loop as it sees fit, and it does not keep a tile of accumulators in registers
across two nested loops, which is what makes a small matrix product fast. So the kernels' inner
blocks are spelled out in LLVM's intermediate representation with these helpers. LLVM splits a
vector that is wider than the machine's registers, so all of it runs on any processor.
"""

from __future__ import annotations

from typing import Any

from llvmlite import binding, ir
from numba.core import cgutils, types

LANES = 16 if binding.get_host_cpu_features().get("avx512f") else 8
"""Floats in a vector."""

FLOAT, INT = ir.FloatType(), ir.IntType(32)
SIZE = ir.IntType(64)
VECTOR, INTS = ir.VectorType(FLOAT, LANES), ir.VectorType(INT, LANES)
# Sums may be reordered and contracted to fused multiply-adds; infinities and nans stay defined.
RELAXED = ("contract", "reassoc", "nsz")

Builder = ir.IRBuilder
Value = ir.Value


def constant(value: float) -> Value:
    """A vector of one float."""
    return ir.Constant(VECTOR, [float(value)] * LANES)


def ints(value: int) -> Value:
    """A vector of one int32."""
    return ir.Constant(INTS, [value] * LANES)


def size(value: int) -> Value:
    """An index."""
    return ir.Constant(SIZE, value)


def pointer(context: Any, builder: Builder, kind: types.Type, array: Value) -> Value:
    """Where an array's data begins."""
    return cgutils.create_struct_proxy(kind)(context, builder, value=array).data


def element(builder: Builder, base: Value, index: Value) -> Value:
    """``base[index]``."""
    return builder.load(builder.gep(base, [index]))


def row(builder: Builder, matrix: Value, index: Value, width: int) -> Value:
    """Where row ``index`` (int32) of a matrix with ``width`` columns begins."""
    return builder.gep(matrix, [builder.mul(builder.sext(index, SIZE), size(width))])


def load(builder: Builder, base: Value, offset: Value) -> Value:
    """``base[offset:offset + LANES]``."""
    place = builder.bitcast(builder.gep(base, [offset]), VECTOR.as_pointer())
    return builder.load(place, align=4)


def store(builder: Builder, vector: Value, base: Value, offset: Value) -> None:
    """``base[offset:offset + LANES] = vector``."""
    place = builder.bitcast(builder.gep(base, [offset]), VECTOR.as_pointer())
    builder.store(vector, place, align=4)


def broadcast(builder: Builder, scalar: Value) -> Value:
    """A vector of one number that is known at run time only."""
    kind = ir.VectorType(scalar.type, LANES)
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, scalar, INT(0))
    return builder.shuffle_vector(first, nothing, ints(0))


def multiply_add(builder: Builder, a: Value, b: Value, c: Value) -> Value:
    """``a * b + c``."""
    return builder.fadd(builder.fmul(a, b, flags=RELAXED), c, flags=RELAXED)


def polynomial(builder: Builder, x: Value, coefficients: list[float]) -> Value:
    """``c[0] + c[1] x + c[2] x² + …`` by Horner's rule."""
    result = constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = multiply_add(builder, result, x, constant(coefficient))
    return result


def total(builder: Builder, vector: Value) -> Value:
    """The sum of the lanes."""
    name = f"llvm.vector.reduce.fadd.v{LANES}f32"
    kind = ir.FunctionType(FLOAT, [FLOAT, VECTOR])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, [FLOAT(0.0), vector], fastmath=RELAXED)


def unary(builder: Builder, name: str, vector: Value) -> Value:
    """One of LLVM's intrinsic functions of a float vector, by name."""
    kind = ir.FunctionType(VECTOR, [VECTOR])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f32")
    return builder.call(function, [vector])


def clamp(builder: Builder, vector: Value, limit: float) -> Value:
    """Every lane brought between ``-limit`` and ``limit``; nan stays nan."""
    for sign, bound in ((">", limit), ("<", -limit)):
        outside = builder.fcmp_ordered(sign, vector, constant(bound))
        vector = builder.select(outside, constant(bound), vector)
    return vector


def exp(builder: Builder, x: Value) -> Value:
    """e to the x for \\|x\\| ≤ 80, to about 1e-6: 2 to the integer part of x·log₂e is written into
    the exponent's bits, 2 to the rest is a Taylor polynomial."""
    scaled = builder.fmul(x, constant(1.4426950408889634))
    whole = unary(builder, "rint", scaled)
    rest = builder.fsub(scaled, whole)
    taylor = [
        1.0,
        0.69314718056,
        0.24022650696,
        0.05550410866,
        0.00961812911,
        0.00133335581,
        1.54035e-4,
    ]
    exponent = builder.shl(builder.add(builder.fptosi(whole, INTS), ints(127)), ints(23))
    return builder.fmul(polynomial(builder, rest, taylor), builder.bitcast(exponent, VECTOR))


def log(builder: Builder, x: Value) -> Value:
    """The natural logarithm for finite, normal x > 0, to about 1e-7: the exponent's bits, and for
    the mantissa m the series of 2 artanh((m - 1) / (m + 1))."""
    bits = builder.bitcast(x, INTS)
    exponent = builder.sub(builder.ashr(bits, ints(23)), ints(127))
    mantissa = builder.bitcast(
        builder.or_(builder.and_(bits, ints(0x7FFFFF)), ints(0x3F800000)), VECTOR
    )
    large = builder.fcmp_ordered(">", mantissa, constant(1.4142135))
    mantissa = builder.select(large, builder.fmul(mantissa, constant(0.5)), mantissa)
    exponent = builder.add(exponent, builder.zext(large, INTS))
    one = constant(1)
    ratio = builder.fdiv(builder.fsub(mantissa, one), builder.fadd(mantissa, one))
    square = builder.fmul(ratio, ratio)
    series = polynomial(builder, square, [2.0, 2 / 3, 2 / 5, 2 / 7, 2 / 9])
    return multiply_add(
        builder,
        builder.sitofp(exponent, VECTOR),
        constant(0.6931471805599453),
        builder.fmul(ratio, series),
    )
