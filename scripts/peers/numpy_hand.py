"""2.6 in NumPy: every derivative written out by hand."""

from contract import need, solve

np = need("numpy")


def train(problem, run):
    # Data
    x = np.array(problem.x, problem.dtype).reshape(-1, 1)
    y = np.array(problem.y, problem.dtype).reshape(-1, 1)
    n = problem.points

    # Start values
    w = np.array([[problem.w0]], problem.dtype)
    b = np.array([[problem.b0]], problem.dtype)

    # Training step
    for _ in run.steps:
        y_pred = np.power(x, 2) * w + b
        r = y_pred - y
        if problem.loss == "sum":
            loss = (0.5 * r**2).sum()
            grad_w = np.sum(r * np.power(x, 2))
            grad_b = np.sum(r)
        else:
            loss = (r**2).sum() / n
            grad_w = 2 * np.sum(r * np.power(x, 2)) / n
            grad_b = 2 * np.sum(r) / n
        w -= problem.learningRate * grad_w
        b -= problem.learningRate * grad_b
        run.record(loss, grad_w, grad_b, w, b)


solve("numpy", [f"numpy {np.__version__}"], train)
