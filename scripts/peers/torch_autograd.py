"""2.7 in PyTorch: tensors remember how they were computed, and backward() finds the gradients."""

from contract import need, solve
from torch_optimizers import OPTIMIZERS

torch = need("torch")


def train(problem, run):
    # Data
    dtype = getattr(torch, problem.dtype)
    x = torch.tensor(problem.x, dtype=dtype).reshape(-1, 1)
    y = torch.tensor(problem.y, dtype=dtype).reshape(-1, 1)

    # Start values
    w = torch.tensor([[problem.w0]], dtype=dtype, requires_grad=True)
    b = torch.tensor([[problem.b0]], dtype=dtype, requires_grad=True)
    other = None
    if problem.optimizer != "gradient-descent":
        other = OPTIMIZERS[problem.optimizer]([w, b], problem.learningRate)

    # Training step
    for _ in run.steps:
        y_pred = x.pow(2) * w + b
        if problem.loss == "sum":
            loss = (0.5 * (y_pred - y) ** 2).sum()
        else:
            loss = ((y_pred - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            if other:
                other.step()
            else:
                w -= problem.learningRate * w.grad
                b -= problem.learningRate * b.grad
            run.record(loss, w.grad, b.grad, w, b)
            w.grad.zero_()
            b.grad.zero_()


solve("torch-autograd", [f"torch {torch.__version__}"], train, OPTIMIZERS)
