"""The part of NumPy or PyTorch in `workbench bench --operations`: answers requests on standard input with times.

After starting it prints `hello`, its name and what it calculates with, separated by tabs. Then each line of standard
input is a request, `operation dtype size form seconds`, answered by `ok NANOSECONDS CHECKSUM` or `none REASON`. The
operations, their data and the way of measuring are those of Benchmarks/operations.
"""

import argparse
import ctypes
import glob
import os
import statistics
import sys
import time
import timeit

from contract import EX_USAGE, fail, need

# Statements, for a result that is there already and for a new one. x and y have `size` elements, a and b are
# matrices of size × size, o is the result.
NUMPY = {
    "add": ("np.add(x, y, out=o)", "x + y"),
    "mul": ("np.multiply(x, y, out=o)", "x * y"),
    "exp": ("np.exp(x, out=o)", "np.exp(x)"),
    "log": ("np.log(x, out=o)", "np.log(x)"),
    "tanh": ("np.tanh(x, out=o)", "np.tanh(x)"),
    "sin": ("np.sin(x, out=o)", "np.sin(x)"),
    "sum": ("np.sum(a, out=o)", "a.sum()"),
    "sum-rows": ("np.sum(a, axis=1, out=o)", "a.sum(axis=1)"),
    "sum-columns": ("np.sum(a, axis=0, out=o)", "a.sum(axis=0)"),
    "transpose-copy": ("np.copyto(o, a.T)", "a.T.copy()"),
    "add-row": ("np.add(a, x, out=o)", "a + x"),
    "add-column": ("np.add(a, c, out=o)", "a + c"),
    "add-scalar": ("np.add(a, 1.5, out=o)", "a + 1.5"),
    "matmul": ("np.matmul(a, b, out=o)", "a @ b"),
}
TORCH = {
    "add": ("torch.add(x, y, out=o)", "x + y"),
    "mul": ("torch.mul(x, y, out=o)", "x * y"),
    "exp": ("torch.exp(x, out=o)", "torch.exp(x)"),
    "log": ("torch.log(x, out=o)", "torch.log(x)"),
    "tanh": ("torch.tanh(x, out=o)", "torch.tanh(x)"),
    "sin": ("torch.sin(x, out=o)", "torch.sin(x)"),
    "sum": ("torch.sum(a, dim=(0, 1), out=o)", "a.sum()"),
    "sum-rows": ("torch.sum(a, dim=1, out=o)", "a.sum(dim=1)"),
    "sum-columns": ("torch.sum(a, dim=0, out=o)", "a.sum(dim=0)"),
    "softmax": ("torch.softmax(a, 1, out=o)", "torch.softmax(a, 1)"),
    "transpose-copy": ("o.copy_(a.T)", "a.T.contiguous()"),
    "add-row": ("torch.add(a, x, out=o)", "a + x"),
    "add-column": ("torch.add(a, c, out=o)", "a + c"),
    "add-scalar": ("torch.add(a, 1.5, out=o)", "a + 1.5"),
    "matmul": ("torch.mm(a, b, out=o)", "a @ b"),
    "recorded": (None, "recorded(torch, x, y)"),
}
# How many operations a statement consists of, where it is not one; the time is that of one.
OPERATIONS = {"recorded": 100}
# Elementwise operations have `size` elements, all others work on matrices of size × size.
VECTORS = {"add", "mul", "exp", "log", "tanh", "sin", "recorded"}


def recorded(torch, x, y):
    """A chain of a hundred small operations that are recorded, and the backward pass through it: x's gradient."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        value = leaf
        for _ in range(50):
            value = value * y + y
        value.backward(y)
    return leaf.grad


class Library:
    """A library, and how its arrays are made."""

    def __init__(self, name, threads):
        self.name = name
        self.np = need("numpy")
        if name == "torch":
            self.torch = need("torch")
            self.torch.set_num_threads(threads)
            self.torch.set_grad_enabled(False)
        self.statements = TORCH if name == "torch" else NUMPY

    def title(self):
        return "PyTorch" if self.name == "torch" else "NumPy"

    def details(self):
        """Version, vector level and what computes matrix products."""
        if self.name == "torch":
            torch = self.torch
            blas = "MKL" if torch.backends.mkl.is_available() else "no MKL"
            return f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}; {blas}"
        return f"numpy {self.np.__version__}; OpenBLAS with kernels for {self.openblas_core()}"

    def openblas_core(self):
        """The kernels that the OpenBLAS in NumPy's wheel has chosen; unknown for other builds."""
        folder = os.path.join(os.path.dirname(os.path.dirname(self.np.__file__)), "numpy.libs")
        for path in glob.glob(os.path.join(folder, "libscipy_openblas*")):
            library = ctypes.CDLL(path)
            for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename"):
                if hasattr(library, name):
                    function = getattr(library, name)
                    function.restype = ctypes.c_char_p
                    return function().decode()
        return "unknown"

    def make(self, array):
        return self.torch.from_numpy(array) if self.name == "torch" else array


def variables(library, operation, dtype, size):
    """x, y, a, b, c and a place o for the result."""
    np = library.np

    def values(shape, first):
        count = int(np.prod(shape))
        numbers = 0.5 + (np.arange(count) * 7919 + first) % 1000 / 1000
        return numbers.astype(dtype).reshape(shape)

    found = {"np": np, "recorded": recorded}
    if library.name == "torch":
        found["torch"] = library.torch
    x = values((size,), 0)
    if operation in VECTORS:
        arrays = {"x": x, "y": values((size,), 3), "o": np.empty_like(x)}
    else:
        a = values((size, size), 0)
        result = {"sum": (), "sum-rows": (size,), "sum-columns": (size,)}.get(operation, a.shape)
        arrays = {"x": x, "c": x[:, None], "a": a, "o": np.empty(result, dtype)}
        if operation == "matmul":
            arrays["b"] = values((size, size), 3)
    return found | {name: library.make(array) for name, array in arrays.items()}


def nanoseconds_per_call(timer, seconds):
    """The median over batches of a millisecond or more, for as long as given; the first call is not counted."""
    timer.timeit(1)
    batch, times, start = 1, [], time.perf_counter()
    while not times or time.perf_counter() - start < seconds:
        elapsed = timer.timeit(batch)
        if elapsed < 0.001:
            batch *= 2
        else:
            times.append(1e9 * elapsed / batch)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", required=True, choices=["numpy", "torch"])
    parser.add_argument("--threads", required=True, type=int)
    parser.error = lambda message: fail(EX_USAGE, message)
    arguments = parser.parse_args()
    library = Library(arguments.library, arguments.threads)
    print("hello", library.title(), library.details(), sep="\t", flush=True)

    key = found = None
    for line in sys.stdin:
        try:
            operation, dtype, size, form, seconds = line.split()
            if operation not in library.statements:
                print(f"none {library.title()} has no {operation}", flush=True)
                continue
            if key != (operation, dtype, size):
                found = None
                found, key = variables(library, operation, dtype, int(size)), (operation, dtype, size)
            statement = library.statements[operation][0 if form == "out" else 1]
            if statement is None:
                print(f"none there is no {operation} in the form {form}", flush=True)
                continue
            time_per_call = nanoseconds_per_call(timeit.Timer(statement, globals=found), float(seconds))
            time_per_call /= OPERATIONS.get(operation, 1)
            result = eval(statement, found)
            result = found["o"] if result is None else result
            checksum = float(result.double().sum() if library.name == "torch" else library.np.sum(result, dtype="float64"))
            print(f"ok {time_per_call!r} {checksum!r}", flush=True)
        except Exception as error:
            print("none", type(error).__name__, " ".join(str(error).split()), flush=True)


main()
