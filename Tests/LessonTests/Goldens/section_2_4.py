#!/usr/bin/env python3
"""Makes section_2_4.jsonl: what PyTorch and NumPy give for every step that the lesson 2.4 shows.

Each step is given as the lesson writes it and as PyTorch or NumPy does; what the second one gives is written down in the words in which
the lesson shows values. Run it with Python, NumPy and PyTorch after a step of the lesson has been added or changed:

    python3 section_2_4.py > section_2_4.jsonl
"""

import collections
import json
import platform

import numpy as np
import torch

# Steps that are refused, and code that is run without showing its value.
REFUSED, UNSHOWN = "refused", "unshown"
SVD = collections.namedtuple("SVD", "u s v")

PARTS = {
    "2.4.1": [
        ('let x = tensor([1, 2])', 'x = torch.tensor([1, 2])'),
        ('let y = tensor([3, 4])', 'y = torch.tensor([3, 4])'),
        ('add(x, y)', 'torch.add(x, y)'),
        ('x + y', 'x + y'),
        ('x.add(y)', 'x.add(y)'),
        ('x', 'x'),
        ('x.add_(y)', 'x.add_(y)'),
        ('x', 'x'),
        ('let same = x', 'same = x'),
        ('let copy = x.clone()', 'copy = x.clone()'),
        ('x.mul_(10)', 'x.mul_(10)', UNSHOWN),
        ('same', 'same'),
        ('copy', 'copy'),
        ('let half = tensor([0.5])', 'half = torch.tensor([0.5])'),
        ('x.add(half)', 'x.add(half)'),
        ('try x.applyInPlace(broadcasting: Add(), half)', 'x.add_(half)', REFUSED),
        ('try half.applyInPlace(broadcasting: Add(), x)', 'half.add_(x)', REFUSED),
    ],
    "2.4.2": [
        ('tensor([[1, 2], [3, 4]])', 'torch.tensor([[1, 2], [3, 4]])'),
        ('tensor([1, 2.5])', 'torch.tensor([1, 2.5])'),
        ('tensor([1, 2], dtype: .float64)', 'torch.tensor([1, 2], dtype=torch.float64)'),
        ('tensor([true, false])', 'torch.tensor([True, False])'),
        ('tensor(1)', 'torch.tensor(1)'),
        ('let unset = Tensor.empty([1])', 'unset = torch.Tensor(1)', UNSHOWN),
        ('unset.shape', 'unset.shape'),
        ('unset.dtype', 'unset.dtype'),
        ('let x = Tensor.ones([2, 3])', 'x = torch.ones([2, 3])'),
        ('Tensor.zeros([2], dtype: .int64)', 'torch.zeros([2], dtype=torch.int64)'),
        ('Tensor.full([2, 2], 7)', 'torch.full([2, 2], 7)'),
        ('Tensor.eye(2, 3)', 'torch.eye(2, 3)'),
        ('Tensor.zeros(like: x)', 'torch.zeros_like(x)'),
        ('Tensor.ones(like: x, dtype: .bool)', 'torch.ones_like(x, dtype=torch.bool)'),
        ('Tensor.arange(5)', 'torch.arange(5)'),
        ('Tensor.arange(1, 2, step: 0.25)', 'torch.arange(1, 2, step=0.25)'),
        ('Tensor.linspace(1, 10, 4)', 'torch.linspace(1, 10, 4)'),
        ('Tensor.logspace(1, 3, 3)', 'torch.logspace(1, 3, 3)'),
        ('manualSeed(100)', 'torch.manual_seed(100)', UNSHOWN),
        ('Tensor.rand([2, 3])', 'torch.rand([2, 3])'),
        ('Tensor.randn([3])', 'torch.randn([3])'),
        ('let array = NDArray([1, 2, 3])', 'array = np.array([1, 2, 3])'),
        ('let shared = Tensor(array)', 'shared = torch.from_numpy(array)'),
        ('array.mul_(10)', 'array *= 10', UNSHOWN),
        ('shared', 'shared'),
        ('shared.numpy()', 'shared.numpy()'),
        ('let numbers = [1, 2, 3]', 'numbers = [1, 2, 3]', UNSHOWN),
        ('tensor(numbers)', 'torch.tensor(numbers)'),
        ('let ragged: TensorLiteral = [[1, 2], [3]]', 'ragged = [[1, 2], [3]]', UNSHOWN),
        ('try ragged.array()', 'torch.tensor(ragged)', REFUSED),
    ],
    "2.4.3": [
        ('let x = tensor([[0, 1, 2], [3, 4, 5]])', 'x = torch.tensor([[0, 1, 2], [3, 4, 5]])'),
        ('x.size()', 'x.size()'),
        ('x.size(1)', 'x.size(1)'),
        ('x.dim()', 'x.dim()'),
        ('x.numel()', 'x.numel()'),
        ('x.stride()', 'x.stride()'),
        ('let v = x.view(3, 2)', 'v = x.view(3, 2)'),
        ('x.view(-1)', 'x.view(-1)'),
        ('x.resize(3, 2)', 'x.resize(3, 2)'),
        ('v[0, 0] = 100', 'v[0, 0] = 100', UNSHOWN),
        ('x', 'x'),
        ('let t = x.t()', 't = x.t()'),
        ('t.stride()', 't.stride()'),
        ('t.isContiguous', 't.is_contiguous()'),
        ('try Tensor.apply(View([6]), t)', 't.view(6)', REFUSED),
        ('x.reshape(3, 2)', 'x.reshape(3, 2)'),
        ('t.reshape(6)', 't.reshape(6)'),
        ('t.contiguous()', 't.contiguous()'),
        ('x.contiguous()', 'x.contiguous()'),
        ('t.contiguous().view(6)', 't.contiguous().view(6)'),
        ('try Tensor.apply(View([4]), x)', 'x.view(4)', REFUSED),
        ('let row = tensor([7, 8])', 'row = torch.tensor([7, 8])'),
        ('row.unsqueeze(0)', 'row.unsqueeze(0)'),
        ('let column = row.unsqueeze(-1)', 'column = row.unsqueeze(-1)'),
        ('column.squeeze()', 'column.squeeze()'),
        ('x.sum().item(as: Int.self)', 'x.sum().item()'),
        ('try x.array.scalarValue()', 'x.item()', REFUSED),
    ],
    "2.4.4": [
        ('let x = tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])', 'x = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])'),
        ('x[0]', 'x[0]'),
        ('x[-1, 2]', 'x[-1, 2]'),
        ('x[.all, 1]', 'x[:, 1]'),
        ('x[0..<2, 1...2]', 'x[0:2, 1:3]'),
        ('x[.all, .slice(step: 2)]', 'x[:, ::2]'),
        ('x[.ellipsis, 0]', 'x[..., 0]'),
        ('x[0, .newAxis]', 'x[0, None]'),
        ('try GetItem.view(x, [.integer(3)])', 'x[3]', REFUSED),
        ('x[0, 0] = 100', 'x[0, 0] = 100', UNSHOWN),
        ('x[.all, 3] = 0', 'x[:, 3] = 0', UNSHOWN),
        ('x', 'x'),
        ('x.indexSelect(1, tensor([0, 2]))', 'x.index_select(1, torch.tensor([0, 2]))'),
        ('let mask = x.gt(6)', 'mask = x.gt(6)'),
        ('x.maskedSelect(mask)', 'x.masked_select(mask)'),
        ('mask.nonzero()', 'mask.nonzero()'),
        ('let index = tensor([[0, 1], [2, 2], [3, 0]])', 'index = torch.tensor([[0, 1], [2, 2], [3, 0]])'),
        ('let picked = x.gather(1, index)', 'picked = x.gather(1, index)'),
        ('try Tensor.apply(Gather(1), x, tensor([[4]]))', 'x.gather(1, torch.tensor([[4]]))', REFUSED),
        ('Tensor.zeros([3, 4], dtype: .int64).scatter_(1, index, picked)', 'torch.zeros([3, 4], dtype=torch.int64).scatter_(1, index, picked)'),
        ('Tensor.zeros([3, 4], dtype: .int64).scatter_(1, index, 1)', 'torch.zeros([3, 4], dtype=torch.int64).scatter_(1, index, 1)'),
    ],
    "2.4.5": [
        ('let a = tensor([[0], [10], [20], [30]])', 'a = torch.tensor([[0], [10], [20], [30]])'),
        ('let b = tensor([0, 1, 2])', 'b = torch.tensor([0, 1, 2])'),
        ('let row = b.unsqueeze(0)', 'row = b.unsqueeze(0)'),
        ('Shape.broadcast(a.shape, b.shape)', 'torch.broadcast_shapes(a.shape, b.shape)'),
        ('let wide = a.expand(4, 3)', 'wide = a.expand(4, 3)'),
        ('wide.stride()', 'wide.stride()'),
        ('let tall = row.expand(4, 3)', 'tall = row.expand(4, 3)'),
        ('tall.stride()', 'tall.stride()'),
        ('wide + tall', 'wide + tall'),
        ('a + b', 'a + b'),
        ('Shape.broadcast([2, 1, 3], [4, 1])', 'torch.broadcast_shapes([2, 1, 3], [4, 1])'),
        ('Shape.broadcast([5, 1, 4, 1], [3, 1, 1])', 'torch.broadcast_shapes([5, 1, 4, 1], [3, 1, 1])'),
        ('Shape.broadcast([3], [])', 'torch.broadcast_shapes([3], [])'),
        ('Shape.broadcast([0], [1])', 'torch.broadcast_shapes([0], [1])'),
        ('Shape.broadcast([4], [3])', 'torch.broadcast_shapes([4], [3])'),
        ('let four = tensor([1, 2, 3, 4])', 'four = torch.tensor([1, 2, 3, 4])'),
        ('try Tensor.apply(broadcasting: Add(), four, b)', 'four + b', REFUSED),
        ('let m = Tensor.ones([2, 3], dtype: .int64)', 'm = torch.ones([2, 3], dtype=torch.int64)'),
        ('let two = tensor([10, 20])', 'two = torch.tensor([10, 20])'),
        ('try Tensor.apply(broadcasting: Add(), m, two)', 'm + two', REFUSED),
        ('m + two.unsqueeze(1)', 'm + two.unsqueeze(1)'),
        ('m.add_(b)', 'm.add_(b)'),
        ('try b.applyInPlace(broadcasting: Add(), m)', 'b.add_(m)', REFUSED),
    ],
    "2.4.6": [
        ('let x = tensor([-1.5, -0.5, 0, 2.25])', 'x = torch.tensor([-1.5, -0.5, 0, 2.25])'),
        ('let y = tensor([1.0, 2, 4, 8])', 'y = torch.tensor([1.0, 2, 4, 8])'),
        ('x.abs()', 'x.abs()'),
        ('x.neg()', 'x.neg()'),
        ('x.sign()', 'x.sign()'),
        ('x.ceil()', 'x.ceil()'),
        ('x.floor()', 'x.floor()'),
        ('x.clamp(min: -1, max: 1)', 'x.clamp(min=-1, max=1)'),
        ('x.add(y)', 'x.add(y)'),
        ('x.add(y, alpha: 10)', 'x.add(y, alpha=10)'),
        ('x.add(100)', 'x.add(100)'),
        ('x.mul(y)', 'x.mul(y)'),
        ('x.pow(2)', 'x.pow(2)'),
        ('x.addcmul(y, y, value: 0.5)', 'x.addcmul(y, y, value=0.5)'),
        ('x.addcdiv(y, tensor([2.0]), value: 10)', 'x.addcdiv(y, torch.tensor([2.0]), value=10)'),
        ('y.exp()', 'y.exp()'),
        ('y.log()', 'y.log()'),
        ('x.sqrt()', 'x.sqrt()'),
        ('x.sigmoid()', 'x.sigmoid()'),
        ('x.tanh()', 'x.tanh()'),
        ('x.softmax(0)', 'x.softmax(0)'),
        ('x.softmax(0).sum()', 'x.softmax(0).sum()'),
        ('tensor([1, 4]).sqrt()', 'torch.tensor([1, 4]).sqrt()'),
        ('tensor([1, 4]).div(2)', 'torch.tensor([1, 4]).div(2)'),
        ('let z = x.clone()', 'z = x.clone()'),
        ('z.abs_()', 'z.abs_()'),
        ('z.add_(y, alpha: 0.5)', 'z.add_(y, alpha=0.5)'),
        ('z.mul_(2)', 'z.mul_(2)'),
        ('z.addcmul_(y, y)', 'z.addcmul_(y, y)'),
        ('z.addcdiv_(y, y)', 'z.addcdiv_(y, y)'),
        ('z.sqrt_()', 'z.sqrt_()'),
        ('z.clamp_(max: 4)', 'z.clamp_(max=4)'),
        ('z.floor_()', 'z.floor_()'),
        ('let s = tensor([-0.5, 0.25, 1.5])', 's = torch.tensor([-0.5, 0.25, 1.5])'),
        ('s.neg_()', 's.neg_()'),
        ('s.tanh_()', 's.tanh_()'),
        ('s.sigmoid_()', 's.sigmoid_()'),
        ('s.log_()', 's.log_()'),
        ('s.pow_(2)', 's.pow_(2)'),
        ('s.exp_()', 's.exp_()'),
        ('s.ceil_()', 's.ceil_()'),
        ('s.sign_()', 's.sign_()'),
        ('let squares = tensor([1, 4])', 'squares = torch.tensor([1, 4])'),
        ('try squares.applyInPlace(Sqrt())', 'squares.sqrt_()', REFUSED),
    ],
    "2.4.7": [
        ('let x = tensor([[1.0, 2, 3], [4, 5, 9]])', 'x = torch.tensor([[1.0, 2, 3], [4, 5, 9]])'),
        ('x.sum()', 'x.sum()'),
        ('x.sum(0)', 'x.sum(0)'),
        ('x.sum(1)', 'x.sum(1)'),
        ('x.sum(1, keepDim: true)', 'x.sum(1, keepdim=True)'),
        ('x / x.sum(1, keepDim: true)', 'x / x.sum(1, keepdim=True)'),
        ('x.mean()', 'x.mean()'),
        ('x.mean(0)', 'x.mean(0)'),
        ('x.prod()', 'x.prod()'),
        ('x.prod(1)', 'x.prod(1)'),
        ('x.median()', 'x.median()'),
        ('x.median(1)', 'x.median(1)'),
        ('x.var()', 'x.var()'),
        ('x.std()', 'x.std()'),
        ('x.std([1], keepDim: true)', 'x.std([1], keepdim=True)'),
        ('x.var(correction: 0)', 'x.var(correction=0)'),
        ('x.norm()', 'x.norm()'),
        ('x.norm(1)', 'x.norm(1)'),
        ('x.norm(2, [1])', 'x.norm(2, 1)'),
        ('x.dist(Tensor.ones(like: x))', 'x.dist(torch.ones_like(x))'),
        ('x.cumsum(1)', 'x.cumsum(1)'),
        ('x.cumprod(0)', 'x.cumprod(0)'),
        ('let counts = tensor([1, 2])', 'counts = torch.tensor([1, 2])'),
        ('try Tensor.apply(Mean(), counts)', 'counts.mean()', REFUSED),
        ('counts.to(.float32).mean()', 'counts.to(torch.float32).mean()'),
    ],
    "2.4.8": [
        ('let x = tensor([[3, 1, 2], [4, 6, 5]])', 'x = torch.tensor([[3, 1, 2], [4, 6, 5]])'),
        ('let y = tensor([3, 3, 3])', 'y = torch.tensor([3, 3, 3])'),
        ('x.eq(y)', 'x.eq(y)'),
        ('x.ge(y)', 'x.ge(y)'),
        ('x.gt(y)', 'x.gt(y)'),
        ('x.le(y)', 'x.le(y)'),
        ('x.lt(y)', 'x.lt(y)'),
        ('x.ne(3)', 'x.ne(3)'),
        ('x.equal(x.clone())', 'torch.tensor(x.equal(x.clone()))'),
        ('x.equal(y)', 'torch.tensor(x.equal(y))'),
        ('let odd = tensor([1.0, .nan], dtype: .float32)', 'odd = torch.tensor([1.0, float("nan")])'),
        ('odd.eq(odd)', 'odd.eq(odd)'),
        ('x.max()', 'x.max()'),
        ('x.min()', 'x.min()'),
        ('x.max(dim: 1)', 'x.max(dim=1)'),
        ('x.min(dim: 0)', 'x.min(dim=0)'),
        ('x.max(y)', 'x.max(y)'),
        ('x.topk(2)', 'x.topk(2)'),
        ('x.topk(1, largest: false)', 'x.topk(1, largest=False)'),
        ('try OperationTable.call("topk", [x.array], ["k": .int(4)])', 'x.topk(4)', REFUSED),
    ],
    "2.4.9": [
        ('let u = tensor([1, 2])', 'u = torch.tensor([1, 2])'),
        ('let v = tensor([3, 4])', 'v = torch.tensor([3, 4])'),
        ('u.dot(v)', 'u.dot(v)'),
        ('let a = tensor([[1, 2], [3, 4], [5, 6]])', 'a = torch.tensor([[1, 2], [3, 4], [5, 6]])'),
        ('let b = tensor([[1, 0, 2], [0, 1, 3]])', 'b = torch.tensor([[1, 0, 2], [0, 1, 3]])'),
        ('a.mm(b)', 'a.mm(b)'),
        ('a.mv(u)', 'a.mv(u)'),
        ('try Tensor.apply(Dot(), a, b)', 'a.dot(b)', REFUSED),
        ('try Tensor.apply(MM(), a, a)', 'a.mm(a)', REFUSED),
        ('let batch = Tensor.stack([a, a + 10])', 'batch = torch.stack([a, a + 10])'),
        ('batch.bmm(Tensor.stack([b, b])).shape', 'batch.bmm(torch.stack([b, b])).shape'),
        ('let t = a.t()', 't = a.t()'),
        ('a.stride()', 'a.stride()'),
        ('t.stride()', 't.stride()'),
        ('t.isContiguous', 't.is_contiguous()'),
        ('t.contiguous()', 't.contiguous()'),
        ('let m = tensor([[2.0, 0], [0, 3], [0, 0]])', 'm = torch.tensor([[2.0, 0], [0, 3], [0, 0]])'),
        ('let parts = m.svd()', 'parts = SVD(*m.svd())'),
        ('(parts.u * parts.s).mm(parts.v.t())', '(parts.u * parts.s).mm(parts.v.t())'),
    ],
    "2.4.10": [
        ('let a = NDArray([1, 2, 3, 4], shape: [2, 2])', 'a = np.array([[1, 2], [3, 4]])'),
        ('let t = tensor([[1, 2], [3, 4]])', 't = torch.tensor([[1, 2], [3, 4]])'),
        ('DType.allCases', None),
        ('a.to(.float64)', 'a.astype(np.float64)'),
        ('t.to(.float64)', 't.type(torch.float64)'),
        ('NDArray.zeros([2, 3], dtype: .float64)', 'np.zeros((2, 3))'),
        ('Tensor.zeros([2, 3])', 'torch.zeros(2, 3)'),
        ('NDArray.ones([3], dtype: .float64)', 'np.ones(3)'),
        ('Tensor.ones([3])', 'torch.ones(3)'),
        ('NDArray.eye(2, dtype: .float64)', 'np.eye(2)'),
        ('Tensor.eye(2)', 'torch.eye(2)'),
        ('NDArray.arange(0, 10, step: 2)', 'np.arange(0, 10, 2)'),
        ('Tensor.arange(0, 10, step: 2)', 'torch.arange(0, 10, 2)'),
        ('NDArray.linspace(1, 10, 4, dtype: .float64)', 'np.linspace(1, 10, 4)'),
        ('Tensor.linspace(1, 10, 4)', 'torch.linspace(1, 10, 4)'),
        ('NDArray.cat([a, a])', 'np.concatenate((a, a))'),
        ('Tensor.cat([t, t])', 'torch.cat((t, t))'),
        ('NDArray.stack([a, a]).shape', 'np.stack((a, a)).shape'),
        ('Tensor.stack([t, t]).size()', 'torch.stack((t, t)).size()'),
        ('a.shape', 'a.shape'),
        ('t.size()', 't.size()'),
        ('a.rank', 'a.ndim'),
        ('t.dim()', 't.dim()'),
        ('a.reshape(4)', 'a.reshape(4)'),
        ('t.view(4)', 't.view(4)'),
        ('a.t()', 'a.T'),
        ('t.t()', 't.t()'),
        ('try a.clone()', 'a.copy()'),
        ('t.clone()', 't.clone()'),
        ('a.mm(a)', 'a.dot(a)'),
        ('t.mm(t)', 't.mm(t)'),
        ('a.pow(2)', 'np.power(a, 2)'),
        ('t.pow(2)', 'torch.pow(t, 2)'),
        ('a.lt(3)', 'np.less(a, 3)'),
        ('t.lt(3)', 'torch.lt(t, 3)'),
        ('a.ge(3)', 'np.greater_equal(a, 3)'),
        ('t.ge(3)', 'torch.ge(t, 3)'),
        ('a.ne(3)', 'np.not_equal(a, 3)'),
        ('t.ne(3)', 'torch.ne(t, 3)'),
        ('var stream = NumPyRandomState(seed: 100)', 'np.random.seed(100)', UNSHOWN),
        ('manualSeed(100)', 'torch.manual_seed(100)', UNSHOWN),
        ('NDArray(stream.randomSample(count: 3))', 'np.random.rand(3)'),
        ('Tensor.rand([3])', 'torch.rand(3)'),
        ('NDArray(stream.standardNormal(count: 3))', 'np.random.randn(3)'),
        ('Tensor.randn([3])', 'torch.randn(3)'),
        ('t.numpy()', 't.numpy()'),
        ('Tensor(a)', 'torch.from_numpy(a)'),
    ],
}


def memory_key(value):
    """A number that values have in common when they share memory."""
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().data_ptr()
    while isinstance(value.base, np.ndarray):
        value = value.base
    return value.ctypes.data


def memory(value, named):
    key = memory_key(value)
    for name, other in named.items():
        if isinstance(other, (torch.Tensor, np.ndarray)) and memory_key(other) == key:
            return f"memory of {name}"
    return "new memory"


def shown(value, name, named):
    """The value in the lesson's words: a list of label, text, type and memory."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        text = repr(value) if isinstance(value, torch.Tensor) else str(value)
        dtype = str(value.dtype).removeprefix("torch.")
        owner = None if name in named else memory(value, named)
        return [{"label": None, "text": text, "type": f"{list(value.shape)} {dtype}", "memory": owner}]
    if hasattr(value, "_fields") or type(value).__module__ == "torch.return_types":
        names = getattr(value, "_fields", ("values", "indices"))
        return [dict(shown(part, None, named)[0], label=label) for label, part in zip(names, value)]
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, (tuple, torch.Size)):
        text = str(list(value))
    else:
        text = str(value).removeprefix("torch.")
    return [{"label": None, "text": text, "type": None, "memory": None}]


def step(swift, python, kind, names, named):
    record = {"swift": swift, "python": python}
    if python is None:
        return record
    name, equals, expression = python.partition(" = ")
    name, expression = (name, expression) if equals and name.isidentifier() else (None, python)
    if kind == UNSHOWN:
        exec(python, globals(), names)
        return None
    try:
        value = eval(expression, globals(), names)
    except (RuntimeError, IndexError, ValueError) as error:
        # A step that is shown as nil asks for something that may be impossible.
        if kind == REFUSED:
            return record | {"refused": str(error).splitlines()[0]}
        if python.startswith("torch.broadcast_shapes"):
            return record | {"results": [{"label": None, "text": "nil", "type": None, "memory": None}]}
        raise
    assert kind != REFUSED, python
    if name:
        names[name] = value
    bound = name or (python if python.isidentifier() else None)
    record["results"] = shown(value, bound, named)
    if bound:
        named[bound] = value
    return record


def played(steps):
    names, named = {}, {}
    records = (step(swift, python, (kind or [None])[0], names, named) for swift, python, *kind in steps)
    return [record for record in records if record]


torch.set_num_threads(1)
versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
print(json.dumps({"versions": versions}))
for number, steps in PARTS.items():
    for record in played(steps):
        print(json.dumps({"part": number} | record, ensure_ascii=False))
