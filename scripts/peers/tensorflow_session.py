"""2.8 in TensorFlow 1's manner: first a graph is built, then a session runs it."""

import os

from contract import BETAS, DECAY, EPSILON, INITIAL_ACCUMULATOR, MOMENTUM, need, solve

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # else it logs that sums may be ordered differently
np = need("numpy")
tf = need("tensorflow").compat.v1
tf.disable_eager_execution()

OPTIMIZERS = {
    "momentum": lambda lr, number: tf.train.MomentumOptimizer(lr, number(MOMENTUM)),
    "nesterov": lambda lr, number: tf.train.MomentumOptimizer(lr, number(MOMENTUM), use_nesterov=True),
    "adam": lambda lr, number: tf.train.AdamOptimizer(lr, number(BETAS[0]), number(BETAS[1]), number(EPSILON)),
    # Here epsilon stands under the root.
    "rmsprop": lambda lr, number: tf.train.RMSPropOptimizer(lr, number(DECAY), epsilon=number(EPSILON**2)),
    "adagrad": lambda lr, number: tf.train.AdagradOptimizer(lr, INITIAL_ACCUMULATOR),
}


def train(problem, run):
    tf.reset_default_graph()

    # Data
    x = tf.placeholder(problem.dtype, shape=(None, 1))
    y = tf.placeholder(problem.dtype, shape=(None, 1))
    feed = {
        x: np.array(problem.x, problem.dtype).reshape(-1, 1),
        y: np.array(problem.y, problem.dtype).reshape(-1, 1),
    }

    # Start values
    w = tf.Variable([problem.w0], dtype=problem.dtype)
    b = tf.Variable([problem.b0], dtype=problem.dtype)

    # Training step
    y_pred = tf.multiply(tf.pow(x, 2), w) + b
    if problem.loss == "sum":
        loss = 0.5 * tf.reduce_sum((y_pred - y) ** 2)
    else:
        loss = tf.reduce_mean((y_pred - y) ** 2)
    grad_w, grad_b = tf.gradients(loss, [w, b])
    start = []
    if problem.optimizer == "gradient-descent":
        new_w = w.assign(w - problem.learningRate * grad_w)
        new_b = b.assign(b - problem.learningRate * grad_b)
    else:
        # As tensors: plain numbers would be rounded to float32 first.
        number = lambda value: tf.constant(value, problem.dtype)
        optimizer = OPTIMIZERS[problem.optimizer](number(problem.learningRate), number)
        # The gradients are fetched, too; without this they could be read after the update.
        with tf.control_dependencies([loss, grad_w, grad_b]):
            update = optimizer.apply_gradients([(grad_w, w), (grad_b, b)])
        with tf.control_dependencies([update]):
            new_w, new_b = w.read_value(), b.read_value()
        if problem.optimizer == "rmsprop":  # its mean square begins with 1, that of the problem with 0
            start = [tf.assign(slot, tf.zeros_like(slot)) for slot in (optimizer.get_slot(v, "rms") for v in (w, b))]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(start)
        for _ in run.steps:
            if run.recording:
                run.record(*session.run([loss, grad_w, grad_b, new_w, new_b], feed))
            else:
                session.run([loss, new_w, new_b], feed)


solve("tensorflow-session", [f"tensorflow {tf.__version__}"], train, OPTIMIZERS)
