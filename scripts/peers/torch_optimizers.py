"""The optimizers of chapters/CONTRACT.md by torch.optim."""

from contract import BETAS, DECAY, EPSILON, INITIAL_ACCUMULATOR, MOMENTUM, need

torch = need("torch")

OPTIMIZERS = {
    "gradient-descent": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=MOMENTUM),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=MOMENTUM, nesterov=True),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr, betas=BETAS, eps=EPSILON),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr, alpha=DECAY, eps=EPSILON),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr, initial_accumulator_value=INITIAL_ACCUMULATOR, eps=0),
}
