"""2.7 in PyTorch with nn and optim: a layer holds w and b, a loss module and an optimizer do the rest."""

from contract import need, solve
from torch_optimizers import OPTIMIZERS

torch = need("torch")


def train(problem, run):
    # Data
    dtype = getattr(torch, problem.dtype)
    x = torch.tensor(problem.x, dtype=dtype).reshape(-1, 1)
    y = torch.tensor(problem.y, dtype=dtype).reshape(-1, 1)

    # Start values
    model = torch.nn.Linear(1, 1, dtype=dtype)
    with torch.no_grad():
        model.weight.fill_(problem.w0)
        model.bias.fill_(problem.b0)
    criterion = torch.nn.MSELoss(reduction=problem.loss)
    optimizer = OPTIMIZERS[problem.optimizer](model.parameters(), problem.learningRate)

    # Training step
    for _ in run.steps:
        optimizer.zero_grad()
        loss = criterion(model(x.pow(2)), y)
        if problem.loss == "sum":
            loss = 0.5 * loss
        loss.backward()
        optimizer.step()
        run.record(loss, model.weight.grad, model.bias.grad, model.weight, model.bias)


solve("torch-nn", [f"torch {torch.__version__}"], train, OPTIMIZERS)
