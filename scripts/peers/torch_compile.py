"""2.8's counterpart in PyTorch: the whole step, gradients by hand, made into machine code by torch.compile."""

from contract import EX_UNAVAILABLE, fail, need, solve

torch = need("torch")


@torch.compile(fullgraph=True, dynamic=False)
def step(x, y, w, b, learning_rate, mean):
    square = x * x
    residual = w * square + b - y
    loss = (residual * residual).sum() * (1 / x.numel() if mean else 0.5)
    factor = 2 / x.numel() if mean else 1.0
    dw = factor * (residual * square).sum()
    db = factor * residual.sum()
    return loss, dw, db, w - learning_rate * dw, b - learning_rate * db


def train(problem, run):
    # Data
    dtype = getattr(torch, problem.dtype)
    x = torch.tensor(problem.x, dtype=dtype)
    y = torch.tensor(problem.y, dtype=dtype)

    # Start values
    w = torch.tensor(problem.w0, dtype=dtype)
    b = torch.tensor(problem.b0, dtype=dtype)

    # Training step
    with torch.no_grad():
        for _ in run.steps:
            loss, dw, db, w, b = step(x, y, w, b, problem.learningRate, problem.loss == "mean")
            run.record(loss, dw, db, w, b)


try:
    torch.compile(torch.neg, fullgraph=True)(torch.ones(1))
except Exception as error:  # whatever keeps it from compiling: no C++ compiler, no headers, an unsupported Python
    reason = str(error).strip().splitlines()[0]
    fail(EX_UNAVAILABLE, f"torch.compile does not work here; it needs a C++ compiler ({reason})")

# Told before anything is compiled: the code is made for so many threads.
solve("torch-compile", [f"torch {torch.__version__}"], train, set_threads=torch.set_num_threads)
