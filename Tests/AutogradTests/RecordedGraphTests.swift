import Autograd
import Testing

/// Expected: PyTorch 2.15.0.
@Suite struct `What an operation records is what PyTorch records` {
  private let x = leaf([0.7, 1.3, 0.6, 1.1, 0.9, 1.2], [2, 3])
  private let y = leaf([0.5, 1.4, 0.8, 1.0, 0.95, 1.25], [2, 3])
  private let v = leaf([0.7, 1.1, 0.8])
  private let s = leaf([1.5], [])
  private let src = leaf([1, 2, 3, 4], [2, 2])
  private let sq = leaf([2, 0.1, 0.2, 0.1, 3, 0.3, 0.2, 0.3, 4], [3, 3])
  private let w = leaf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13], [4, 3])
  private let b = leaf([1, 2, 3, 4])
  private let unit = leaf([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [2, 3])
  private let unit2 = leaf([0.6, 0.2, 0.3, 0.4, 0.5, 0.1], [2, 3])
  private let bw = leaf([1, 2, 3, 4, 5, 6], [3, 2])
  private let a3 = leaf((1...12).map(Double.init), [2, 2, 3])
  private let b3 = leaf((1...12).map(Double.init), [2, 3, 2])
  private let m = tensor([[true, false, true], [false, true, true]])
  private let r = leaf([1.5, 2, 3, 4, 5, 6], [2, 3]).detach()
  private let idx = tensor([[0, 2], [1, 1]])
  private let i3 = tensor([2, 0, 2])
  private let cls = tensor([2, 0])
  private let cw = leaf([0.2, 0.3, 0.5]).detach()

  private func expect(_ cases: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    Recording([
      "x": x, "y": y, "v": v, "s": s, "src": src, "sq": sq, "w": w, "b": b, "unit": unit, "unit2": unit2,
      "bw": bw, "a3": a3, "b3": b3,
    ]).expect(cases, sourceLocation: sourceLocation)
  }

  @Test func `elementwise`() {
    expect([
      (x * y, "MulBackward0(x,y)"),
      (x * 2, "MulBackward0(x,-)"),
      (2 * x, "MulBackward0(x,-)"),
      (x + 1, "AddBackward0(x,-)"),
      (1 + x, "AddBackward0(x,-)"),
      (x - 1, "SubBackward0(x,-)"),
      (1 - x, "RsubBackward1(x)"),
      (x / 2, "DivBackward0(x,-)"),
      (x * r, "MulBackward0(x,-)"),
      (x + v, "AddBackward0(x,v)"),
      (x.pow(2), "PowBackward0(x)"),
      (x.pow(y), "PowBackward1(x,y)"),
      (x.remainder(2), "RemainderBackward0(x)"),
      (x.remainder(y), "RemainderBackward1(x,y)"),
      (x.fmod(2), "FmodBackward0(x)"),
      (x.fmod(y), "FmodBackward1(x,y)"),
      (x.div(y, rounding: .floor), "DivBackward2(x,y)"),
      (x.square(), "PowBackward0(x)"),
      (x.round(), "RoundBackward0(x)"),
      (x.sign(), "SignBackward0(x)"),
      (x.floor(), "FloorBackward0(x)"),
      (x.trunc(), "TruncBackward0(x)"),
      (x.frac(), "FracBackward0(x)"),
      (x.clone(), "CloneBackward0(x)"),
      (x.to(.float32), "ToCopyBackward0(x)"),
      (x.expm1(), "Expm1Backward0(x)"),
      (x.exp2(), "Exp2Backward0(x)"),
      (x.rsqrt(), "RsqrtBackward0(x)"),
      (unit.asin(), "AsinBackward0(unit)"),
      (x.sinc(), "SincBackward0(x)"),
      (x.erf(), "ErfBackward0(x)"),
      (x.relu(), "ReluBackward0(x)"),
      (x.leakyRelu(), "LeakyReluBackward0(x)"),
      (x.elu(), "EluBackward0(x)"),
      (x.gelu(), "GeluBackward0(x)"),
      (x.silu(), "SiluBackward0(x)"),
      (x.softplus(), "SoftplusBackward0(x)"),
      (x.hardtanh(), "HardtanhBackward0(x)"),
      (x.logsigmoid(), "LogSigmoidBackward0(x)"),
      (x.mish(), "MishBackward0(x)"),
      (x.softmax(1), "SoftmaxBackward0(x)"),
      (x.logSoftmax(1), "LogSoftmaxBackward0(x)"),
      (x.maximum(y), "MaximumBackward0(x,y)"),
      (x.min(y), "MinimumBackward0(x,y)"),
      (x.hypot(y), "HypotBackward0(x,y)"),
      (x.atan2(y), "Atan2Backward0(x,y)"),
      (x.clamp(min: 0, max: 1), "ClampBackward1(x)"),
      (x.clamp(max: 1), "ClampBackward1(x)"),
      (x.lerp(y, 0.3), "LerpBackward0(x,y)"),
      (x.lerp(y, y), "LerpBackward1(x,y,y)"),
      (m.where(x, y), "WhereBackward0(x,y)"),
      (m.where(x, tensor(0.0)), "WhereBackward0(x,-)"),
      (m.where(tensor(1.0), x), "WhereBackward0(-,x)"),
      (x.maskedFill(m, 0), "MaskedFillBackward0(x)"),
    ])
  }

  @Test func `shapes`() {
    expect([
      (x.reshape(3, 2), "ViewBackward0(x)"),
      (x.view(6), "ViewBackward0(x)"),
      (x.flatten(), "ViewBackward0(x)"),
      (x.unsqueeze(1), "UnsqueezeBackward0(x)"),
      (x[.newAxis].squeeze(0), "SqueezeBackward1(UnsqueezeBackward0(x))"),
      (x.unsqueeze(0).squeeze(), "SqueezeBackward0(UnsqueezeBackward0(x))"),
      (a3.permute(2, 0, 1), "PermuteBackward0(a3)"),
      (x.transpose(0, 1), "TransposeBackward0(x)"),
      (x.t(), "TBackward0(x)"),
      (v.expand(2, 3), "ExpandBackward0(v)"),
      (called("broadcast_to", [v], ["size": .ints([2, 3])]), "ExpandBackward0(v)"),
      (Tensor.cat([x, y]), "CatBackward0(x,y)"),
      (Tensor.cat([x, r]), "CatBackward0(x,-)"),
      (Tensor.stack([x, y]), "StackBackward0(x,y)"),
      (x.split(1)[1], "SplitBackward0(x)#1"),
      (x.chunk(2)[1], "SplitBackward0(x)#1"),
      (x.unbind(1)[1], "UnbindBackward0(x)#1"),
      (x.flip([0]), "FlipBackward0(x)"),
      (x.roll([1], [1]), "RollBackward0(x)"),
      (x.roll([1]), "RollBackward0(x)"),
      (x.tile([2]), "RepeatBackward0(x)"),
      (x.repeat(2, 1), "RepeatBackward0(x)"),
      (x.tril(), "TrilBackward0(x)"),
      (x.triu(1), "TriuBackward0(x)"),
      (sq.diagonal(), "DiagonalBackward0(sq)"),
    ])
  }

  @Test func `selections`() {
    expect([
      (x.indexSelect(1, i3), "IndexSelectBackward0(x)"),
      (x.maskedSelect(m), "MaskedSelectBackward0(x)"),
      (x.gather(1, idx), "GatherBackward0(x)"),
      (x.scatter(1, idx, src), "ScatterBackward0(x,src)"),
      (x.scatter(1, idx, 1.0), "ScatterBackward1(x)"),
      (x.scatterAdd(1, idx, src), "ScatterAddBackward0(x,src)"),
      (x.select(1, -1), "SelectBackward0(x)"),
      (x.narrow(1, 1, 2), "SliceBackward0(x)"),
      (x[0], "SelectBackward0(x)"),
      (x.slice(1, start: 1), "SliceBackward0(x)"),
      (x.take(tensor([0, 3])), "TakeBackward0(x)"),
      (x.takeAlongDim(tensor([0, 1])), "GatherBackward0(ViewBackward0(x))"),
      (x.sort().values, "SortBackward0(x)"),
      (x.topk(2).values, "TopkBackward0(x)"),
    ])
  }

  @Test func `reductions`() {
    expect([
      (x.sum(), "SumBackward0(x)"),
      (x.sum(1), "SumBackward1(x)"),
      (x.mean(), "MeanBackward0(x)"),
      (x.mean(1), "MeanBackward1(x)"),
      (x.std(), "StdBackward0(x)"),
      (x.std([1]), "StdBackward0(x)"),
      (x.var(), "VarBackward0(x)"),
      (x.var([1]), "VarBackward0(x)"),
      (x.norm(), "LinalgVectorNormBackward0(x)"),
      (x.norm(1), "LinalgVectorNormBackward0(x)"),
      (x.amax(), "AmaxBackward0(x)"),
      (x.amin([1]), "AminBackward0(x)"),
      (x.prod(), "ProdBackward0(x)"),
      (x.prod(1), "ProdBackward1(x)"),
      (x.median(), "MedianBackward0(x)"),
      (x.median(1).values, "MedianBackward1(x)"),
      (x.max(), "MaxBackward1(x)"),
      (x.max(dim: 1).values, "MaxBackward0(x)"),
      (x.min(), "MinBackward1(x)"),
      (x.min(dim: 1).values, "MinBackward0(x)"),
      (x.dist(y), "DistBackward0(x,y)"),
      (x.dist(y, p: 1), "DistBackward0(x,y)"),
      (x.cumsum(1), "CumsumBackward0(x)"),
      (x.cumprod(1), "CumprodBackward0(x)"),
      (x.logsumexp([1]), "LogsumexpBackward0(x)"),
    ])
  }

  @Test func `matrices`() {
    expect([
      (v.dot(v), "DotBackward0(v,v)"),
      (x.mm(bw), "MmBackward0(x,bw)"),
      (a3.bmm(b3), "BmmBackward0(a3,b3)"),
      (x.mv(v), "MvBackward0(x,v)"),
      (x.matmul(v), "MvBackward0(x,v)"),
      (v.matmul(v), "DotBackward0(v,v)"),
      (called("addmm", [b, x, w.t()]), "AddmmBackward0(b,x,TBackward0(w))"),
      (sq.trace(), "TraceBackward0(sq)"),
      (sq.inv(), "LinalgInvExBackward0(sq)"),
      (sq.det(), "LinalgDetBackward0(sq)"),
      (sq.pinv(), "LinalgPinvBackward0(sq)"),
      (sq.svd().u, "LinalgSvdBackward0(sq)"),
      (sq.svd().v, "TransposeBackward0(LinalgSvdBackward0(sq)#2)"),
      (w.lstsq(Tensor.ones([4, 2], dtype: .float64)).solution, "LinalgLstsqBackward0(w,-)"),
      (w.lstsq(Tensor.ones([4], dtype: .float64)).solution, "LinalgLstsqBackward0(w,-)"),
      (sq.solve(bw), "LinalgSolveExBackward0(sq,bw)"),
      (sq.cholesky(), "LinalgCholeskyExBackward0(sq)"),
      (sq.cholesky(upper: true), "LinalgCholeskyExBackward0(sq)"),
      (x.linear(w, b), "AddmmBackward0(b,x,TBackward0(w))"),
      (x.linear(w), "MmBackward0(x,TBackward0(w))"),
    ])
  }

  @Test func `losses`() {
    expect([
      (x.l1Loss(y), "MeanBackward0(AbsBackward0(SubBackward0(x,y)))"),
      (x.l1Loss(y, reduction: .none), "AbsBackward0(SubBackward0(x,y))"),
      (x.mseLoss(y), "MseLossBackward0(x,y)"),
      (x.mseLoss(v, reduction: .sum), "MseLossBackward0(x,ExpandBackward0(v))"),
      (x.mseLoss(y, reduction: .none), "MseLossBackward0(x,y)"),
      (x.smoothL1Loss(y), "SmoothL1LossBackward0(x,y)"),
      (x.smoothL1Loss(y, reduction: .sum), "SmoothL1LossBackward0(x,y)"),
      (x.smoothL1Loss(y, beta: 0), "MeanBackward0(AbsBackward0(SubBackward0(x,y)))"),
      (x.smoothL1Loss(v), "SmoothL1LossBackward0(x,ExpandBackward0(v))"),
      (x.huberLoss(y), "HuberLossBackward0(x,y)"),
      (x.huberLoss(v, reduction: .none), "HuberLossBackward0(x,ExpandBackward0(v))"),
      (unit.binaryCrossEntropy(unit2), "BinaryCrossEntropyBackward0(unit,unit2)"),
      (unit.binaryCrossEntropy(unit2, weight: cw), "BinaryCrossEntropyBackward0(unit,unit2)"),
      (unit.binaryCrossEntropy(unit2, reduction: .none), "BinaryCrossEntropyBackward0(unit,unit2)"),
      (x.binaryCrossEntropyWithLogits(unit), "BinaryCrossEntropyWithLogitsBackward0(x,unit)"),
      (x.binaryCrossEntropyWithLogits(unit, weight: cw), "BinaryCrossEntropyWithLogitsBackward0(x,unit)"),
      (
        x.binaryCrossEntropyWithLogits(unit, posWeight: cw, reduction: .none),
        "BinaryCrossEntropyWithLogitsBackward0(x,unit)"
      ),
      (
        x.klDiv(unit, logTarget: true), "MeanBackward0(MulBackward0(ExpBackward0(unit),SubBackward0(unit,x)))"
      ),
      (x.crossEntropy(cls), "NllLossBackward0(LogSoftmaxBackward0(x))"),
      (x.crossEntropy(cls, weight: cw), "NllLossBackward0(LogSoftmaxBackward0(x))"),
      (x.crossEntropy(cls, reduction: .none), "NllLossBackward0(LogSoftmaxBackward0(x))"),
      (x.nllLoss(cls), "NllLossBackward0(x)"),
      (x.nllLoss(cls, weight: cw), "NllLossBackward0(x)"),
      (v.nllLoss(tensor(1)), "NllLossBackward0(v)"),
    ])
  }

  @Test func `layers`() {
    let (zeros, ones) = (Tensor.zeros([3], dtype: .float64), Tensor.ones([3], dtype: .float64))
    expect([
      (x.layerNorm([3]), "NativeLayerNormBackward0(x,-,-)"),
      (x.layerNorm([3], weight: v, bias: v), "NativeLayerNormBackward0(x,v,v)"),
      (x.layerNorm([3], weight: v), "NativeLayerNormBackward0(x,v,-)"),
      (x.batchNorm(weight: v, bias: v, training: true).output, "NativeBatchNormBackward0(x,v,v)"),
      (x.batchNorm(training: true).output, "NativeBatchNormBackward0(x,-,-)"),
      (
        x.batchNorm(runningMean: zeros, runningVar: ones, weight: v, bias: v).output,
        "NativeBatchNormBackward0(x,v,v)"
      ),
      (x.batchNorm(runningMean: zeros, runningVar: ones).output, "NativeBatchNormBackward0(x,-,-)"),
      (
        x.batchNorm(runningMean: zeros, runningVar: ones, weight: v, bias: v, training: true).output,
        "NativeBatchNormBackward0(x,v,v)"
      ),
      (cls.embedding(bw), "EmbeddingBackward0(bw)"),
    ])
  }

  @Test func `a floating input without an entry cannot require a gradient`() {
    for (name, inputs, argument) in [
      ("nll_loss", [x, cls, v], 2), ("binary_cross_entropy", [unit, unit2, v], 2),
      ("binary_cross_entropy_with_logits", [x, unit, cw, v], 3),
      ("batch_norm", [x, v, cw], 1),
    ] {
      let refusal = message { () throws(ArrayError) in
        _ = try OperationTable.call("nn.functional.\(name)", inputs, [:], constant: { Tensor($0) })
      }
      #expect(
        refusal?.contains("\(name): is not differentiable with respect to its argument \(argument)") == true)
    }
  }

  @Test func `the result of a normalisation may be changed in place, since its derivative does not read it`()
  {
    let y = x.layerNorm([3], weight: v)
    y.mul_(2)
    y[0, 0].backward()
    let single = leaf([0.7, 1.3, 0.6, 1.1, 0.9, 1.2], [2, 3])
    (single.layerNorm([3], weight: v)[0, 0] * 2).backward()
    #expect(values(x.grad) == values(single.grad))
  }
}
