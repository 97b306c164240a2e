import Autograd
import Testing

/// Expected: PyTorch 2.15.0.
@Suite struct `Where operands of two dtypes meet, no conversion is recorded` {
  private let x = leaf([0.7, 1.3, 0.6, 1.1, 0.9, 1.2], [2, 3])
  private let v = leaf([0.7, 1.1, 0.8])
  private let s = leaf([1.5], [])
  private let f = tensor([Float(1), 2, 3], requiresGrad: true)
  private let n = tensor([1, 2, 3])

  private func expect(_ cases: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    Recording(["x": x, "v": v, "s": s, "f": f]).expect(cases, sourceLocation: sourceLocation)
  }

  @Test func `elementwise`() {
    expect([
      (v * f, "MulBackward0(v,f)"), (f + x, "AddBackward0(f,x)"), (n - v, "SubBackward0(-,v)"),
      (v / n, "DivBackward0(v,-)"), (f / s, "DivBackward0(f,s)"), (f.pow(v), "PowBackward1(f,v)"),
      (n.pow(v), "PowBackward1(-,v)"), (called("atan2", [f, s]), "Atan2Backward0(f,s)"),
      (f.maximum(v), "MaximumBackward0(f,v)"), (v.minimum(n), "MinimumBackward0(v,-)"),
      (called("fmod", [n, v]), "FmodBackward1(-,v)"),
      (called("remainder", [f, v]), "RemainderBackward1(f,v)"),
      (called("hypot", [v, f]), "HypotBackward0(v,f)"), (v.clamp(min: n, max: nil), "ClampBackward0(v,-,-)"),
      (f.clamp(min: nil, max: v), "ClampBackward0(f,-,v)"),
      (called("div", [f, v], ["rounding_mode": .string("floor")]), "DivBackward2(f,v)"),
    ])
  }

  @Test func `joined, compared and multiplied`() {
    expect([
      (v.dist(f), "DistBackward0(v,f)"), (Tensor.cat([v, f]), "CatBackward0(v,f)"),
      (Tensor.cat([n, v]), "CatBackward0(-,v)"), (Tensor.stack([v, f]), "StackBackward0(v,f)"),
      (v.mseLoss(f), "MseLossBackward0(v,f)"),
      (v.l1Loss(f), "MeanBackward0(AbsBackward0(SubBackward0(v,f)))"),
      (v.smoothL1Loss(f), "SmoothL1LossBackward0(v,f)"), (f.huberLoss(v), "HuberLossBackward0(f,v)"),
      (v.outer(f), "MulBackward0(ViewBackward0(v),f)"),
    ])
  }

  @Test func `in losses, whatever the target's dtype`() {
    for target in [tensor([true, false, true]), tensor([1, 0, 1]), tensor([Float(1), 0, 1])] {
      let x = leaf([0.25, 3, -2])
      let loss = x.smoothL1Loss(target)
      #expect(loss.dtype == .float64 && loss.item() == 1.7604166666666667)
      loss.backward()
      #expect(x.grad?.toArray() == [-0.25, 0.3333333333333333, -0.3333333333333333])
      #expect(x.huberLoss(target).item() == 1.7604166666666667)
      #expect(x.mseLoss(target).item() == 6.1875)
    }
  }

  @Test func `in place, where a repeated operand is no step either`() {
    expect([
      (x.clone().mul_(f), "MulBackward0(CloneBackward0(x),f)"),
      (x.clone().add_(v), "AddBackward0(CloneBackward0(x),v)"),
      (x.clone().sub_(s), "SubBackward0(CloneBackward0(x),s)"),
      (x.clone().div_(n), "DivBackward0(CloneBackward0(x),-)"),
      (x.detach().clone().mul_(f), "MulBackward0(-,f)"),
      (x.clone().add_(f, alpha: 2), "AddBackward0(CloneBackward0(x),f)"),
      (v.clone().pow_(n), "PowBackward1(CloneBackward0(v),-)"),
    ])
  }

  @Test func `a reduction's own dtype; a softmax converts first`() {
    func wide(_ name: String, _ dim: Int? = nil) -> Tensor {
      called(name, [f], ["dtype": .dtype(.float64)].merging(dim.map { ["dim": .int($0)] } ?? [:]) { $1 })
    }
    expect([
      (wide("sum"), "SumBackward0(f)"), (wide("sum", 0), "SumBackward1(f)"),
      (wide("mean"), "MeanBackward0(f)"),
      (wide("prod"), "ProdBackward0(f)"), (wide("prod", 0), "ProdBackward1(f)"),
      (wide("cumsum", 0), "CumsumBackward0(f)"), (wide("cumprod", 0), "CumprodBackward0(f)"),
      (wide("linalg.vector_norm"), "LinalgVectorNormBackward0(f)"),
      (wide("softmax", 0), "SoftmaxBackward0(ToCopyBackward0(f))"),
    ])
  }

  @Test func `each gradient is summed in the common dtype and comes back in the operand's own`() {
    let loss = (f * x + n).pow(2).sum()
    let (g, h) = (grad(loss, f, retainGraph: true), grad(loss, x))
    #expect(g.dtype == .float32 && h.dtype == .float64)
    #expect(values(g.to(.float64)) == [7.0, 18.799999237060547, 21.600000381469727])
    #expect(
      values(h) == [3.4, 18.4, 28.799999999999997, 4.2, 15.2, 39.599999999999994])
  }
}

/// Expected: PyTorch 2.15.0.
@Suite struct `Forms of an operation that PyTorch numbers` {
  private let v = leaf([0.7, 1.1, 0.8])
  private let m = leaf([0.7, 1.3, 0.6, 1.1, 0.9, 1.2], [2, 3])

  private func expect(_ cases: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    Recording(["v": v, "m": m]).expect(cases, sourceLocation: sourceLocation)
  }

  @Test func `what was said of a parameter counts, not its value`() {
    expect([
      (v.round(), "RoundBackward0(v)"), (v.round(decimals: 0), "RoundBackward1(v)"),
      (called("sort", [v]), "SortBackward0(v)"),
      (called("sort", [v], ["stable": .bool(false)]), "SortBackward1(v)"),
    ])
  }

  @Test func `broadcasting is part of masked_select, and a step of take_along_dim though it changes nothing`()
  {
    let mask = tensor([true, false, true, false, true, true], shape: [2, 3])
    expect([
      (v.maskedSelect(mask), "MaskedSelectBackward0(v)"),
      (m.maskedSelect(tensor([true, false, true])), "MaskedSelectBackward0(m)"),
      (m.takeAlongDim(tensor([0, 2], shape: [2, 1]), 1), "GatherBackward0(ExpandBackward0(m))"),
    ])
    #expect(values(grad(v.maskedSelect(mask).square().sum(), v)) == [1.4, 2.2, 3.2])
  }

  @Test func `losses are made of PyTorch's steps`() {
    expect([
      (
        m.klDiv(m.detach(), reduction: .none),
        "SubBackward0(-,MulBackward0(-,m))"
      ),
      (
        m.detach().klDiv(m, reduction: .sum),
        "SumBackward0(SubBackward0(XlogyBackward0(m,m),MulBackward0(m,-)))"
      ),
      (
        m.crossEntropy(m.detach(), reduction: .sum),
        "NegBackward0(SumBackward0(MulBackward0(LogSoftmaxBackward0(m),-)))"
      ),
      (
        m.crossEntropy(m.detach(), reduction: .none),
        "NegBackward0(SumBackward1(MulBackward0(LogSoftmaxBackward0(m),-)))"
      ),
    ])
  }
}

/// Expected: PyTorch 2.15.0.
@Suite struct UndefinedGradientTests {
  @Test func `the norm of order 0 is recorded and gives no gradient`() throws {
    let x = leaf([1, -2, 0])
    let norm = x.norm(0)
    #expect(norm.requiresGrad)
    #expect(norm.item(as: Double.self) == 2)
    norm.backward()
    #expect(x.grad == nil)
    (x.norm(0) + x.sum()).backward()
    #expect(values(x.grad) == [1, 1, 1])
  }

  @Test func `scatter with a reduction is recorded and has no derivative`() throws {
    let (x, index, source) = (leaf([1, 2, 3]), tensor([0, 2]), leaf([4, 5]))
    for (word, expected) in [("add", [5, 2, 8]), ("multiply", [4, 2, 15])] as [(String, [Double])] {
      let y = called("scatter", [x, index, source], ["dim": .int(0), "reduce": .string(word)])
      #expect(values(y) == expected)
      #expect(y.requiresGrad)
      #expect(
        message { () throws(ArrayError) in try y.sum().differentiate() }?
          .contains("derivative for aten::scatter is not implemented") == true)
    }
  }

  @Test func `keepdim without a dim is refused where PyTorch has no such form`() {
    for name in ["prod", "median", "max", "min"] {
      #expect(throws: ArrayError.self) {
        try OperationTable.call(name, [leaf([1, 2])], ["keepdim": .bool(true)], constant: { Tensor($0) })
      }
    }
    #expect(called("amax", [leaf([1, 2])], ["keepdim": .bool(true)]).shape == [1])
  }
}
