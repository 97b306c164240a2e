"""2.8 in TensorFlow 1's manner: first a graph is built, then a session runs it."""

import os

from contract import need, solve

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # else it logs that sums may be ordered differently
np = need("numpy")
tf = need("tensorflow").compat.v1
tf.disable_eager_execution()


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
    new_w = w.assign(w - problem.learningRate * grad_w)
    new_b = b.assign(b - problem.learningRate * grad_b)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in run.steps:
            if run.recording:
                run.record(*session.run([loss, grad_w, grad_b, new_w, new_b], feed))
            else:
                session.run([loss, new_w, new_b], feed)


solve("tensorflow-session", [f"tensorflow {tf.__version__}"], train)
