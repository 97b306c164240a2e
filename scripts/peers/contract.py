"""The two files of chapters/CONTRACT.md for the peers beside this file: reads the problem, writes the trace.

A peer is a function `train(problem, run)` that loops over `run.steps` and calls `run.record` in each. It is called
twice: once to record every step, and once, for a tenth of a second or a few steps, against the clock; then `record`
does nothing, so that reading numbers out of tensors or sessions is not part of the time.
"""

import argparse
import importlib
import json
import os
import platform
import statistics
import struct
import sys
import time

EX_USAGE, EX_DATAERR, EX_UNAVAILABLE = 64, 65, 69


def fail(status, message):
    """Ends the program with one line on standard error."""
    print(f"{os.path.basename(sys.argv[0])}: {message}", file=sys.stderr)
    sys.exit(status)


def need(package):
    """The package, imported; where it is missing the program ends and says how to install it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        mend = f"{sys.executable} -m pip install {package}"
        fail(EX_UNAVAILABLE, f"cannot import {package} ({error}); install it with: {mend}")


# What the optimizers of chapters/CONTRACT.md are made of.
MOMENTUM, BETAS, DECAY, EPSILON, INITIAL_ACCUMULATOR = 0.9, (0.9, 0.999), 0.99, 1e-18, 0.1


class Problem:
    """PROBLEM.json: dtype, loss, learningRate, optimizer, steps, w0, b0, points as attributes, and the lists x and y."""

    optimizer = "gradient-descent"  # where the file does not say

    def __init__(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                self.__dict__.update(json.load(file))
            if self.format != "workbench-problem-1":
                raise ValueError(f"format is {self.format!r}, needed is 'workbench-problem-1'")
            if not hasattr(self, "x"):
                self.x, self.y = self._read_columns(os.path.join(os.path.dirname(path), self.columns))
            if not len(self.x) == len(self.y) == self.points:
                raise ValueError(f"points is {self.points}, x has {len(self.x)} and y {len(self.y)} values")
        except (OSError, ValueError, AttributeError) as error:
            fail(EX_DATAERR, f"{path}: {error}")

    def _read_columns(self, path):
        """The n values of x, then the n of y, raw little-endian float64; as memory that NumPy takes as it is."""
        with open(path, "rb") as file:
            data = file.read()
        n = self.points
        if len(data) != 16 * n:
            raise ValueError(f"{path} has {len(data)} bytes, {n} points need {16 * n}")
        if sys.byteorder == "little":
            values = memoryview(data).cast("d")
            return values[:n], values[n:]
        values = struct.unpack(f"<{2 * n}d", data)
        return values[:n], values[n:]


class Run:
    """One pass through the problem."""

    def __init__(self, problem, seconds=None):
        self.problem = problem
        self.seconds = seconds
        self.recording = seconds is None
        self.rows = []
        self.microseconds_per_step = None

    @property
    def steps(self):
        """The numbers of the steps, from 1."""
        return iter(range(1, self.problem.steps + 1)) if self.recording else self._steps_against_the_clock()

    def _steps_against_the_clock(self):
        """Batches that take a millisecond or more, after one to warm up; the median batch counts."""
        yield 1
        batch, times, start = 1, [], time.perf_counter()
        while not times or time.perf_counter() - start < self.seconds:
            before = time.perf_counter()
            yield from range(batch)
            elapsed = time.perf_counter() - before
            if elapsed < 0.001:
                batch *= 2
            else:
                times.append(elapsed / batch)
        self.microseconds_per_step = 1e6 * statistics.median(times)

    def record(self, loss, dw, db, w, b):
        """Takes down one step: loss and gradients before the update, parameters after it; arrays of one element."""
        if self.recording:
            self.rows.append([value.item() for value in (loss, dw, db, w, b)])


def trace_text(name, problem, versions, rows, microseconds_per_step):
    """The trace as text; repr gives the shortest decimal that reads back as the same float64."""
    lines = ["# workbench-trace-1", f"# approach: {name}", f"# fingerprint: {problem.fingerprint}"]
    lines += [f"# dtype: {problem.dtype}"]
    lines += [f"# version: {version}" for version in versions]
    lines += [f"# microsecondsPerStep: {microseconds_per_step:.6g}"]
    lines += ["\t".join(["step", "loss", "dw", "db", "w", "b"])]
    lines += ["\t".join([str(step), *map(repr, row)]) for step, row in enumerate(rows, start=1)]
    return "\n".join(lines + [f"# end: {len(rows)}", ""])


def write(text, path):
    """Writes the file as a whole or not at all: beside its place first, then renamed."""
    partial = f"{path}.partial-{os.getpid()}"
    try:
        try:
            with open(partial, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(partial, path)
        except BaseException:
            if os.path.exists(partial):
                os.remove(partial)
            raise
    except OSError as error:
        fail(EX_UNAVAILABLE, f"{path}: cannot be written: {error.strerror}")


def solve(name, versions, train, optimizers=(), set_threads=None):
    """The program: solves the problem of --problem with `train`, which knows plain gradient descent and `optimizers`, and
    writes the trace to --trace. Where `set_threads` is there, --threads says on how many threads."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--problem", required=True, metavar="PROBLEM.json")
    parser.add_argument("--trace", required=True, metavar="TRACE.tsv")
    if set_threads:
        parser.add_argument("--threads", type=int, choices=range(1, 257), default=1, metavar="N")
    parser.error = lambda message: fail(EX_USAGE, message)
    arguments = parser.parse_args()

    problem = Problem(arguments.problem)
    offered = dict.fromkeys(["gradient-descent", *optimizers])
    if problem.optimizer not in offered:
        fail(EX_USAGE, f"{name} does not offer {problem.optimizer}; it offers {', '.join(offered)}")
    if set_threads:
        set_threads(arguments.threads)
        name += f", {arguments.threads} threads" if arguments.threads > 1 else ""
    recorded, timed = Run(problem), Run(problem, seconds=0.1)
    train(problem, recorded)
    train(problem, timed)
    versions = [*versions, f"Python {platform.python_version()}"]
    write(trace_text(name, problem, versions, recorded.rows, timed.microseconds_per_step), arguments.trace)
