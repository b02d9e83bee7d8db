"""GloVe: AdaGrad steps over rows of co-occurrence counts.

What is known of a word is one record of four rows of floats: its vector w and the sums of squared
steps that AdaGrad keeps of it, its vector as context c and the sums of that. The biases are in the
vectors: w ends in (b, 1) and c in (1, b), whose ones never move, so that w·c holds both. A record
lies in one piece, and a step reads and writes each of its cache lines once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from textdl.embeddings.kernels import simd
from textdl.embeddings.kernels.random import GOLDEN, high, mix

CACHE_LINE = 16  # floats
SCRATCH = 1024  # cells whose logarithms are computed at once; a multiple of simd.LANES


@intrinsic
def targets(typing, counts, weights, n, log_x_max, alpha):
    """Replace ``counts[:n]`` by their logarithms, and write min(1, (count / x_max)^alpha) to
    ``weights[:n]``; float32, rounded up to whole vectors."""
    signature = types.void(counts, weights, n, log_x_max, alpha)

    def generate(context, builder, signature, arguments):
        kinds = signature.args
        x, f = (simd.pointer(context, builder, kinds[k], arguments[k]) for k in range(2))
        top, power = (simd.broadcast(builder, argument) for argument in arguments[3:])
        groups = builder.sdiv(
            builder.add(arguments[2], simd.size(simd.LANES - 1)), simd.size(simd.LANES)
        )
        with cgutils.for_range(builder, groups) as group:
            offset = builder.mul(group.index, simd.size(simd.LANES))
            logarithm = simd.log(builder, simd.load(builder, x, offset))
            simd.store(builder, logarithm, x, offset)
            share = builder.fmul(builder.fsub(logarithm, top), power)
            zero, least = simd.constant(0), simd.constant(-80)
            share = builder.select(builder.fcmp_ordered("<", share, zero), share, zero)
            share = builder.select(builder.fcmp_ordered(">", share, least), share, least)
            simd.store(builder, simd.exp(builder, share), f, offset)
        return context.get_dummy_value()

    return signature, generate


@intrinsic(prefer_literal=True)
def predict(typing, records, word, other, dim, width):
    """``w[word] · c[other]``, biases included; float32."""
    signature = types.float32(records, word, other, dim, width)
    columns = width.literal_value

    def generate(context, builder, signature, arguments):
        base = simd.pointer(context, builder, signature.args[0], arguments[0])
        w = simd.row(builder, base, arguments[1], 4 * columns)
        c = builder.gep(
            simd.row(builder, base, arguments[2], 4 * columns), [simd.size(2 * columns)]
        )
        return simd.total(builder, _product(builder, w, c, columns))

    return signature, generate


@intrinsic(prefer_literal=True)
def lengths(typing, records, word, other, dim, width):
    """``|w[word]|² + |c[other]|²``, with the biases and ones; float32."""
    signature = types.float32(records, word, other, dim, width)
    columns = width.literal_value

    def generate(context, builder, signature, arguments):
        base = simd.pointer(context, builder, signature.args[0], arguments[0])
        w = simd.row(builder, base, arguments[1], 4 * columns)
        c = builder.gep(
            simd.row(builder, base, arguments[2], 4 * columns), [simd.size(2 * columns)]
        )
        squares = [_product(builder, x, x, columns) for x in (w, c)]
        return simd.total(builder, builder.fadd(*squares))

    return signature, generate


def _product(builder: simd.Builder, a: ir.Value, b: ir.Value, columns: int) -> ir.Value:
    partial = cgutils.alloca_once(builder, simd.VECTOR)
    builder.store(simd.constant(0), partial)
    with cgutils.for_range(builder, simd.size(columns // simd.LANES)) as d:
        offset = builder.mul(d.index, simd.size(simd.LANES))
        parts = simd.load(builder, a, offset), simd.load(builder, b, offset)
        builder.store(simd.multiply_add(builder, *parts, builder.load(partial)), partial)
    return builder.load(partial)


@intrinsic(prefer_literal=True)
def step(typing, records, word, other, error, lr, clip, dim, width):
    """One AdaGrad step of ``w[word]`` and ``c[other]``.

    The gradient is ``error`` times the other vector, each number of it brought within ±``clip``;
    t = lr·gradient; x falls by t / √s, then s grows by t².

    Args:
        records: float32 ``[words, 4, width]``.
        word, other: int32.
        error, lr, clip: float32.
        dim, width: compile-time constants.
    """
    signature = types.void(records, word, other, error, lr, clip, dim, width)
    columns, bias = width.literal_value, dim.literal_value

    def generate(context, builder, signature, arguments):
        base = simd.pointer(context, builder, signature.args[0], arguments[0])
        error, lr, limit = (simd.broadcast(builder, value) for value in arguments[3:6])
        least = builder.fsub(simd.constant(0), limit)
        w = simd.row(builder, base, arguments[1], 4 * columns)
        c = builder.gep(
            simd.row(builder, base, arguments[2], 4 * columns), [simd.size(2 * columns)]
        )

        def move(x_row, x, other, offset, rate):
            sums_row = builder.gep(x_row, [simd.size(columns)])
            sums = simd.load(builder, sums_row, offset)
            g = builder.fmul(error, other)
            g = builder.select(builder.fcmp_ordered("<", g, limit), g, limit)
            g = builder.select(builder.fcmp_ordered(">", g, least), g, least)
            t = builder.fmul(rate, g)
            scale = _inverse_root(builder, sums)
            moved = builder.fsub(x, builder.fmul(t, scale, flags=simd.RELAXED), flags=simd.RELAXED)
            simd.store(builder, moved, x_row, offset)
            simd.store(builder, simd.multiply_add(builder, t, t, sums), sums_row, offset)

        def both(offset, w_rate, c_rate):
            w_part, c_part = simd.load(builder, w, offset), simd.load(builder, c, offset)
            move(w, w_part, c_part, offset, w_rate)
            move(c, c_part, w_part, offset, c_rate)

        plain = bias // simd.LANES
        with cgutils.for_range(builder, simd.size(plain)) as d:
            both(builder.mul(d.index, simd.size(simd.LANES)), lr, lr)
        for block in range(plain, columns // simd.LANES):
            lanes = range(block * simd.LANES, (block + 1) * simd.LANES)
            rates = []
            for still in (bias + 1, bias):
                moving = [float(lane <= bias + 1 and lane != still) for lane in lanes]
                rates.append(builder.fmul(lr, ir.Constant(simd.VECTOR, moving)))
            both(simd.size(block * simd.LANES), *rates)
        return context.get_dummy_value()

    return signature, generate


def _inverse_root(builder: simd.Builder, x: ir.Value) -> ir.Value:
    """1/√x, where the processor has it from an estimate to 2⁻¹⁴ and a step of Newton's method."""
    kind = ir.FunctionType(simd.VECTOR, [simd.VECTOR])
    if simd.LANES != 16:
        name = f"llvm.sqrt.v{simd.LANES}f32"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.fdiv(simd.constant(1), builder.call(function, [x]))
    mask = ir.IntType(16)
    kind = ir.FunctionType(simd.VECTOR, [simd.VECTOR, simd.VECTOR, mask])
    name = "llvm.x86.avx512.rsqrt14.ps.512"
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    y = builder.call(function, [x, simd.constant(0), mask(0xFFFF)])
    half = builder.fmul(x, simd.constant(-0.5))
    slope = simd.multiply_add(builder, builder.fmul(half, y), y, simd.constant(1.5))
    return builder.fmul(y, slope)


@intrinsic(prefer_literal=True)
def prefetch(typing, records, word, width):
    """Have a word's record under way to the cache before it is needed."""
    signature = types.void(records, word, width)
    columns = width.literal_value

    def generate(context, builder, signature, arguments):
        base = simd.pointer(context, builder, signature.args[0], arguments[0])
        start = simd.row(builder, base, arguments[1], 4 * columns)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, simd.INT, simd.INT, simd.INT])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for column in range(0, 4 * columns, CACHE_LINE):
            place = builder.bitcast(builder.gep(start, [simd.size(column)]), byte)
            builder.call(function, [place, simd.INT(1), simd.INT(3), simd.INT(1)])
        return context.get_dummy_value()

    return signature, generate


@njit(inline="always")
def is_held_out(row, column, stream, share):
    """Whether a cell is held out: a function of the cell, ``share`` in units of 2⁻³²."""
    cell = (np.uint64(row) << np.uint64(32)) | np.uint64(column)
    return high(mix(stream + cell * GOLDEN)) < share


@cache
def glove_kernel(dim: int, width: int, learning: bool) -> Callable[..., Any]:
    """The kernel compiled for vectors of ``dim`` numbers in rows of ``width`` floats; with
    ``learning`` it makes steps on the cells that are not held out, without it sums the loss of
    those that are."""

    @njit(nogil=True, cache=True)
    def train(
        records, offsets, columns, values, low, high_row, symmetric, log_x_max, alpha, lr, clip,
        stream, share,
    ):  # fmt: skip
        """One pass over the cells of rows ``low`` to ``high_row``.

        Args:
            records: float32 ``[words, 4, width]``, changed in place.
            offsets, columns, values: the counts; if ``symmetric``, a cell (i, j) with j < i stands
                for (j, i) too, and both make a step.
            log_x_max, alpha, lr, clip: float32.
            stream, share: which cells are held out.

        Returns:
            the summed loss, that of predicting each logarithm one too far from 0, and over how
            many cells.
        """
        chosen = np.empty(SCRATCH + 1, np.int32)
        logs = np.ones(SCRATCH, np.float32)
        weights = np.empty(SCRATCH, np.float32)
        loss, ignorant, cells = 0.0, 0.0, 0
        for row in range(low, high_row):
            word = np.int32(row)
            k, end = offsets[row], offsets[row + 1]
            while k < end:
                n = 0
                while k < end and n < SCRATCH:
                    if is_held_out(row, columns[k], stream, share) != learning:
                        chosen[n] = columns[k]
                        logs[n] = values[k]
                        n += 1
                    k += 1
                targets(logs, weights, n, log_x_max, alpha)
                chosen[n] = word
                for i in range(n):
                    other, log, weight = chosen[i], logs[i], weights[i]
                    sides = 1
                    if learning:
                        prefetch(records, chosen[i + 1], width)
                    difference = predict(records, word, other, dim, width) - log
                    squares = np.float64(difference) * difference
                    if symmetric and other != word:
                        sides = 2
                        mirrored = predict(records, other, word, dim, width) - log
                        squares += np.float64(mirrored) * mirrored
                        if learning:
                            length = lengths(records, other, word, dim, width)
                            damped = weight / (np.float32(1) + lr * weight * length)
                            error = damped * mirrored
                            step(records, other, word, error, lr, clip, dim, width)
                    if learning:
                        length = lengths(records, word, other, dim, width)
                        damped = weight / (np.float32(1) + lr * weight * length)
                        step(records, word, other, damped * difference, lr, clip, dim, width)
                    loss += 0.5 * weight * squares
                    ignorant += 0.5 * weight * sides * (np.abs(np.float64(log)) + 1) ** 2
                    cells += sides
        return loss, ignorant, cells

    return train
