"""One step of a model as three small matrix operations.

A step has input rows (of the words' vectors) and output rows (the predicted word's and those of
the negative samples), every input row with every output row (Ji et al. 2016, "Parallelizing
Word2Vec in Shared and Distributed Memory"):

1. ``scores``: S = O Xᵀ;
2. ``errors``: the gradient of the loss by S, and the loss;
3. ``update``: O and X go one step down the gradient.

How many output rows there are and how wide a row is are constants of the compiled code: the output
rows' partial sums stay in registers, and each input row is read once per operation.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from textdl.embeddings.kernels import simd
from textdl.embeddings.state import ROW


def _operands(context: Any, builder: simd.Builder, signature: Any, arguments: Any) -> list[Any]:
    """The arguments, arrays as pointers to their data."""
    return [
        simd.pointer(context, builder, kind, value) if isinstance(kind, types.Array) else value
        for kind, value in zip(signature.args, arguments, strict=True)
    ]


def _output_rows(
    builder: simd.Builder, outputs: ir.Value, rows: ir.Value, count: int, dim: int
) -> list[ir.Value]:
    return [
        simd.row(builder, outputs, simd.element(builder, rows, simd.size(k)), dim)
        for k in range(count)
    ]


@intrinsic(prefer_literal=True)
def scores(
    typing, inputs, outputs, context_rows, contexts, output_rows, result, count, stride, dim
):
    """``result[k, b] = outputs[output_rows[k]] · inputs[context_rows[b]]``.

    Args:
        inputs, outputs: float32 ``[words, dim]``.
        context_rows: int32, of which the first ``contexts`` count.
        output_rows: int32 ``[count]``.
        result: float32 ``[count, stride]``.
        count, stride, dim: compile-time constants.
    """
    signature = types.void(
        inputs, outputs, context_rows, contexts, output_rows, result, count, stride, dim
    )
    n_out, pitch, width = count.literal_value, stride.literal_value, dim.literal_value

    def generate(context, builder, signature, arguments):
        x, o, ctx, n, rows, s, *_ = _operands(context, builder, signature, arguments)
        out = _output_rows(builder, o, rows, n_out, width)
        sums = [cgutils.alloca_once(builder, simd.VECTOR) for _ in out]
        with cgutils.for_range(builder, n) as b:
            x_row = simd.row(builder, x, simd.element(builder, ctx, b.index), width)
            for accumulator in sums:
                builder.store(simd.constant(0), accumulator)
            with cgutils.for_range(builder, simd.size(width // simd.LANES)) as d:
                offset = builder.mul(d.index, simd.size(simd.LANES))
                x_part = simd.load(builder, x_row, offset)
                for out_row, accumulator in zip(out, sums, strict=True):
                    o_part = simd.load(builder, out_row, offset)
                    partial = builder.load(accumulator)
                    builder.store(simd.multiply_add(builder, x_part, o_part, partial), accumulator)
            for k, accumulator in enumerate(sums):
                place = builder.add(simd.size(k * pitch), b.index)
                builder.store(
                    simd.total(builder, builder.load(accumulator)), builder.gep(s, [place])
                )
        return context.get_dummy_value()

    return signature, generate


@intrinsic(prefer_literal=True)
def errors(typing, result, columns, targets, lr, count, stride):
    """Replace each score s by the step it asks for, and return the summed loss (float32).

    A target t > 0 says that the pair is a true one, which counts t times: loss -t log σ(s), step
    lr·t·σ(-s). A target t < 0 says that it is noise: loss -|t| log σ(-s), step -lr·|t|·σ(s).
    With t = 0 a pair counts nothing.

    Args:
        result: float32 ``[count, stride]``, scores in, steps out.
        columns: how many columns count; up to the next multiple of 16 the others become 0.
        targets: float32 ``[count]``, one for each output row; if ``count`` is 1, ``[stride]``, one
            for each column.
        lr: float32.
        count, stride: compile-time constants.
    """
    signature = types.float32(result, columns, targets, lr, count, stride)
    n_out, pitch = count.literal_value, stride.literal_value

    def generate(context, builder, signature, arguments):
        s, n, goals, rate, *_ = _operands(context, builder, signature, arguments)
        lanes = ir.Constant(simd.INTS, list(range(simd.LANES)))
        last = simd.broadcast(builder, builder.trunc(n, simd.INT))
        speed = simd.broadcast(builder, rate)
        losses = cgutils.alloca_once_value(builder, simd.constant(0))
        groups = builder.udiv(builder.add(n, simd.size(simd.LANES - 1)), simd.size(simd.LANES))
        with cgutils.for_range(builder, groups) as group:
            first = builder.mul(group.index, simd.size(simd.LANES))
            column = simd.broadcast(builder, builder.trunc(first, simd.INT))
            used = builder.icmp_signed("<", builder.add(lanes, column), last)
            loss = builder.load(losses)
            for k in range(n_out):
                if n_out == 1:
                    target = simd.load(builder, goals, first)
                else:
                    target = simd.broadcast(builder, simd.element(builder, goals, simd.size(k)))
                target = builder.select(used, target, simd.constant(0))
                noise = builder.fcmp_ordered("<", target, simd.constant(0))
                weight = simd.unary(builder, "fabs", target)
                offset = builder.add(simd.size(k * pitch), first)
                score = simd.load(builder, s, offset)
                wrong = builder.select(noise, score, builder.fsub(simd.constant(0), score))
                wrong = builder.select(used, wrong, simd.constant(0))
                e = simd.exp(builder, simd.clamp(builder, wrong, 64))
                one_plus = builder.fadd(e, simd.constant(1))
                step = builder.fdiv(builder.fmul(builder.fmul(speed, target), e), one_plus)
                part = builder.fmul(weight, simd.log(builder, one_plus))
                # The logarithm looks at bits: it takes a nan for a number.
                part = builder.fadd(part, builder.fmul(e, simd.constant(0)))
                simd.store(builder, step, s, offset)
                loss = builder.fadd(loss, part)
            builder.store(loss, losses)
        return simd.total(builder, builder.load(losses))

    return signature, generate


@intrinsic(prefer_literal=True)
def update(typing, inputs, outputs, context_rows, contexts, output_rows, steps, count, stride, dim):
    """``O += G X`` and ``X += Gᵀ O``, G the steps, both from the O before.

    Context rows are taken in order: a word that stands twice in a window is moved by its first
    place before its second is looked at.

    Args:
        inputs, outputs: float32 ``[words, dim]``.
        context_rows: int32, of which the first ``contexts`` count.
        output_rows: int32 ``[count]``; a row may occur twice.
        steps: float32 ``[count, stride]``.
        count, stride, dim: compile-time constants.
    """
    signature = types.void(
        inputs, outputs, context_rows, contexts, output_rows, steps, count, stride, dim
    )
    n_out, pitch, width = count.literal_value, stride.literal_value, dim.literal_value

    def generate(context, builder, signature, arguments):
        x, o, ctx, n, rows, g, *_ = _operands(context, builder, signature, arguments)
        out = _output_rows(builder, o, rows, n_out, width)
        changes = [cgutils.alloca_once(builder, simd.VECTOR) for _ in out]
        with cgutils.for_range(builder, simd.size(width // simd.LANES)) as d:
            offset = builder.mul(d.index, simd.size(simd.LANES))
            o_parts = [simd.load(builder, out_row, offset) for out_row in out]
            for change in changes:
                builder.store(simd.constant(0), change)
            with cgutils.for_range(builder, n) as b:
                x_row = simd.row(builder, x, simd.element(builder, ctx, b.index), width)
                x_part = simd.load(builder, x_row, offset)
                moved = x_part
                for k, change in enumerate(changes):
                    place = builder.add(simd.size(k * pitch), b.index)
                    step = simd.broadcast(builder, simd.element(builder, g, place))
                    partial = builder.load(change)
                    builder.store(simd.multiply_add(builder, step, x_part, partial), change)
                    moved = simd.multiply_add(builder, step, o_parts[k], moved)
                simd.store(builder, moved, x_row, offset)
            for out_row, change in zip(out, changes, strict=True):
                # Read again: the same row may stand among the negatives twice.
                before = simd.load(builder, out_row, offset)
                simd.store(builder, builder.fadd(before, builder.load(change)), out_row, offset)
        return context.get_dummy_value()

    return signature, generate


@intrinsic(prefer_literal=True)
def gather(typing, matrix, rows, n, scale, hidden, before, dim):
    """``hidden = before = scale · Σ matrix[rows[:n]]``.

    Args:
        matrix: float32 ``[words, dim]``.
        rows: int32, of which the first ``n`` count.
        scale: float32.
        hidden, before: float32 ``[dim]``.
        dim: a compile-time constant.
    """
    signature = types.void(matrix, rows, n, scale, hidden, before, dim)
    width = dim.literal_value

    def generate(context, builder, signature, arguments):
        base, chosen, count, factor, h, copy, _ = _operands(context, builder, signature, arguments)
        factor = simd.broadcast(builder, factor)
        for columns in _strips(width):
            sums = [cgutils.alloca_once(builder, simd.VECTOR) for _ in columns]
            for accumulator in sums:
                builder.store(simd.constant(0), accumulator)
            with cgutils.for_range(builder, count) as i:
                place = simd.row(builder, base, simd.element(builder, chosen, i.index), width)
                for column, accumulator in zip(columns, sums, strict=True):
                    part = simd.load(builder, place, simd.size(column))
                    partial = builder.load(accumulator)
                    builder.store(builder.fadd(partial, part), accumulator)
            for column, accumulator in zip(columns, sums, strict=True):
                mean = builder.fmul(builder.load(accumulator), factor)
                simd.store(builder, mean, h, simd.size(column))
                simd.store(builder, mean, copy, simd.size(column))
        return context.get_dummy_value()

    return signature, generate


@intrinsic(prefer_literal=True)
def give_back(typing, matrix, rows, n, scale, hidden, before, dim):
    """``matrix[rows[:n]] += scale · (hidden - before)``; a row that stands there twice gets it
    twice. Arguments as for :func:`gather`."""
    signature = types.void(matrix, rows, n, scale, hidden, before, dim)
    width = dim.literal_value

    def generate(context, builder, signature, arguments):
        base, chosen, count, factor, h, copy, _ = _operands(context, builder, signature, arguments)
        factor = simd.broadcast(builder, factor)
        for columns in _strips(width):
            moves = []
            for column in columns:
                after = simd.load(builder, h, simd.size(column))
                change = builder.fsub(after, simd.load(builder, copy, simd.size(column)))
                moves.append(builder.fmul(change, factor))
            with cgutils.for_range(builder, count) as i:
                place = simd.row(builder, base, simd.element(builder, chosen, i.index), width)
                for column, move in zip(columns, moves, strict=True):
                    part = simd.load(builder, place, simd.size(column))
                    simd.store(builder, builder.fadd(part, move), place, simd.size(column))
        return context.get_dummy_value()

    return signature, generate


def _strips(width: int) -> list[range]:
    """The columns at which vectors begin, in strips that fit into registers."""
    strip = 8 * simd.LANES
    return [range(i, min(i + strip, width), simd.LANES) for i in range(0, width, strip)]


@intrinsic(prefer_literal=True)
def prefetch(typing, matrix, row, dim):
    """Have a row of a matrix under way to the cache before it is needed."""
    signature = types.void(matrix, row, dim)
    width = dim.literal_value

    def generate(context, builder, signature, arguments):
        base, index, *_ = _operands(context, builder, signature, arguments)
        start = simd.row(builder, base, index, width)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, simd.INT, simd.INT, simd.INT])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        for column in range(0, width, ROW):
            place = builder.bitcast(builder.gep(start, [simd.size(column)]), byte)
            for_writing, keep, data = simd.INT(1), simd.INT(3), simd.INT(1)
            builder.call(function, [place, for_writing, keep, data])
        return context.get_dummy_value()

    return signature, generate
