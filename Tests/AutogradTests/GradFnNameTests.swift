import Autograd
import Testing

/// Expected: PyTorch 2.15.0, `grad_fn.name()`.
@Suite struct `The node of an operation has PyTorch's name` {
  private let x = leaf([2, 1, 1, 3], [2, 2])
  private let y = leaf([0.5, 2, 3, 1], [2, 2])

  private func expect(_ names: [(Tensor, String)], sourceLocation: SourceLocation = #_sourceLocation) {
    for (tensor, name) in names {
      #expect(tensor.gradFn?.name == name, sourceLocation: sourceLocation)
    }
  }

  @Test func `also in linear algebra`() {
    expect([
      (x.svd().s, "LinalgSvdBackward0"), (x.svdvals(), "LinalgSvdBackward0"),
      (x.inv(), "LinalgInvExBackward0"), (x.det(), "LinalgDetBackward0"),
      (x.cholesky(), "LinalgCholeskyExBackward0"), (x.solve(y), "LinalgSolveExBackward0"),
      (x.lstsq(y).solution, "LinalgLstsqBackward0"), (x.pinv(), "LinalgPinvBackward0"),
      (x.norm(), "LinalgVectorNormBackward0"), (x.mm(y), "MmBackward0"),
      (x[0].dot(y[0]), "DotBackward0"),
    ])
  }

  @Test func `and says which of an operation's forms it is`() {
    expect([
      (x.pow(3), "PowBackward0"), (x.pow(y), "PowBackward1"), (x.sum(), "SumBackward0"),
      (x.sum(0), "SumBackward1"), (x.mean(), "MeanBackward0"), (x.mean([0]), "MeanBackward1"),
      (x.prod(), "ProdBackward0"), (x.prod(1), "ProdBackward1"), (x.remainder(2), "RemainderBackward0"),
      (x.remainder(y), "RemainderBackward1"), (x.fmod(2), "FmodBackward0"), (x.fmod(y), "FmodBackward1"),
      (x / y, "DivBackward0"), (x.div(y, rounding: .floor), "DivBackward2"),
      (x.clamp(min: 0), "ClampBackward1"), (x.squeeze(), "SqueezeBackward0"),
      (x.squeeze(0), "SqueezeBackward1"), (x.round(), "RoundBackward0"),
      (x.round(decimals: 1), "RoundBackward1"), (x.log1p(), "Log1PBackward0"),
      ((x * 1).fill_(0.5), "FillBackward2"), (x.lerp(y, 0.5), "LerpBackward0"),
      (x.lerp(y, y), "LerpBackward1"),
    ])
  }

  @Test func `and is one where elements are chosen, filled or written`() {
    let (mask, index) = (x.gt(1), tensor([[0, 1]]))
    expect([
      (x.sort().values, "SortBackward0"), (x.topk(1).values, "TopkBackward0"),
      (x.max(dim: 1).values, "MaxBackward0"), (x.min(dim: 0, keepDim: true).values, "MinBackward0"),
      (x.median(1).values, "MedianBackward1"), (x.max(), "MaxBackward1"),
      (x.maskedFill(mask, 0), "MaskedFillBackward0"), (mask.where(x, y), "WhereBackward0"),
      (x.scatter(0, index, 1), "ScatterBackward1"), (x.scatter(0, index, y), "ScatterBackward0"),
    ])
    let filled = try! OperationTable.call("masked_fill", [x, mask, y.sum()], [:], constant: { Tensor($0) })
    expect([(filled[0], "MaskedFillBackward1")])
    for chosen in [x.max(dim: 1).values, x.topk(1).values, x.maskedSelect(mask)] {
      #expect(chosen.gradFn?.nextFunctions[0]?.node.name == "AccumulateGrad")
    }
  }

  @Test func `where there are several results they share it`() {
    expect([
      (x.split(1)[1], "SplitBackward0"), (x.split([1, 1])[0], "SplitWithSizesBackward0"),
      (x.chunk(2)[1], "SplitBackward0"), (x.unbind(1)[1], "UnbindBackward0"),
      (Tensor.stack([x, y]), "StackBackward0"), (Tensor.cat([x, y]), "CatBackward0"),
    ])
    let parts = x.split(1)
    #expect(parts[0].gradFn === parts[1].gradFn)
  }

  @Test func `a linear layer with a bias is one node`() {
    let bias = leaf([1, 2])
    let node = x.linear(y, bias).gradFn
    #expect(node?.name == "AddmmBackward0")
    #expect(
      node?.nextFunctions.map { $0?.node.name } == ["AccumulateGrad", "AccumulateGrad", "TBackward0"])
    #expect(x.linear(y).gradFn?.name == "MmBackward0")
    // Whatever lies before the last dimension counts as rows.
    for input in [x[0], x.reshape(2, 1, 2)] {
      #expect(input.linear(y, bias).gradFn?.nextFunctions[0]?.node.name == "AddmmBackward0")
      #expect(values(input.linear(y, bias)) == values(input.linear(y) + bias))
    }
  }
}

@Suite struct `The parts of a tensor` {
  @Test func `lead back to one node, each by its number`() {
    let x = leaf([1, 2, 3, 4, 5, 6], [3, 2])
    let parts = x.split(2)
    let z = (parts[1] * parts[1]).sum()
    let next = z.gradFn?.nextFunctions[0]?.node.nextFunctions
    #expect(next?.map { $0?.node.name } == ["SplitBackward0", "SplitBackward0"])
    #expect(next?.map { $0?.index } == [1, 1])
    z.backward()
    #expect(values(x.grad) == [0, 0, 0, 0, 10, 12])
  }

  @Test func `have higher derivatives, those that nobody used being zero`() {
    let x = leaf([1, 2, 3, 4, 5])
    let parts = x.split([2, 1, 2])
    let first = grad((parts[0] * parts[0]).sum() + parts[2].pow(3).sum(), x, createGraph: true)
    #expect(values(first) == [2, 4, 0, 48, 75])
    (first * first).sum().backward()
    #expect(values(x.grad) == [8, 16, 0, 2304, 4500])
  }

  @Test func `put their gradients together where all are used`() {
    let x = leaf([1, 2, 3, 4, 5, 6], [2, 3])
    let columns = x.unbind(-1)
    #expect(columns.map { values($0) } == [[1, 4], [2, 5], [3, 6]])
    (columns[0] * columns[1] * columns[2]).sum().backward()
    #expect(values(x.grad) == [6, 3, 2, 30, 24, 20])
  }

  @Test func `are views that must not be changed in place`() {
    for (parts, name) in [
      ((leaf([1, 2]) * 1).unbind(), "UnbindBackward0"), ((leaf([1, 2]) * 1).split(1), "SplitBackward0"),
    ] {
      #expect(
        message { () throws(ArrayError) in try parts[1].applyInPlace(Neg()) }?
          .contains("Output 1 of \(name) is a view and is being modified inplace") == true)
    }
    let constant = Tensor.zeros([4], dtype: .float64)
    constant.split(2)[1].fill_(7)
    #expect(values(constant) == [0, 0, 7, 7])
  }

  @Test func `there are none of a single number`() {
    #expect(
      message { () throws(ArrayError) in
        _ = try OperationTable.call("unbind", [tensor(1.0)], [:], constant: { Tensor($0) })
      } == "unbind: Dimension specified as 0 but tensor has no dimensions")
  }
}
