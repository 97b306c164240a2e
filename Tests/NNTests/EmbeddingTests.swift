import NN
import Testing

/// Expected values: `torch.nn.Embedding.from_pretrained(table, freeze=False, …)` of PyTorch 2.15.0.
@Suite struct `An embedding's options` {
  private let index = tensor([[0, 3, 0], [2, 0, 1]])
  private let gradient = matrix((1...18).map(Double.init), [2, 3, 3])
  private let plainGradient: [Double] = [21, 24, 27, 16, 17, 18, 10, 11, 12, 4, 5, 6]

  private func table() -> Tensor { matrix([3, 4, 0, 1, 0, 0, 0.5, 0.5, 0.5, -2, 1, 2], [4, 3]) }

  private func expect(
    _ layer: Embedding, table wanted: [Double], gradient wantedGradient: [Double],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let version = layer.weight.array.storage.version
    let y = layer(index)
    y.backward(gradient: gradient)
    let rows = [0, 3, 0, 2, 0, 1].flatMap { wanted[3 * $0..<3 * $0 + 3] }
    expectClose(values(y), rows, 1e-15, sourceLocation: sourceLocation)
    expectClose(values(layer.weight), wanted, 1e-15, sourceLocation: sourceLocation)
    expectClose(values(layer.weight.grad), wantedGradient, 1e-15, sourceLocation: sourceLocation)
    #expect(
      layer.weight.array.storage.version - version == (layer.maxNorm == nil ? 0 : 1),
      sourceLocation: sourceLocation)
  }

  @Test func `max_norm shrinks the rows that are looked up, in the table`() {
    expect(
      Embedding(pretrained: table(), freeze: false, maxNorm: 1),
      table: [
        0.5999999880000002, 0.7999999840000003, 0, 1, 0, 0, 0.5, 0.5, 0.5, -0.6666666444444452,
        0.3333333222222226, 0.6666666444444452,
      ], gradient: plainGradient)
    expect(
      Embedding(pretrained: table(), freeze: false, maxNorm: 1.5, normType: 1),
      table: [
        0.6428571336734695, 0.8571428448979593, 0, 1, 0, 0, 0.5, 0.5, 0.5, -0.5999999880000002,
        0.2999999940000001, 0.5999999880000002,
      ], gradient: plainGradient)
    expect(
      Embedding(pretrained: table(), freeze: false, maxNorm: 2, normType: .infinity),
      table: [1.499999962500001, 1.9999999500000012, 0, 1, 0, 0, 0.5, 0.5, 0.5, -2, 1, 2],
      gradient: plainGradient)
  }

  @Test func `max_norm leaves rows alone that are not looked up, and all where a position is no row`() {
    let layer = Embedding(pretrained: table(), maxNorm: 1)
    #expect(values(layer(tensor([1, 2]))) == [1, 0, 0, 0.5, 0.5, 0.5])
    #expect(values(layer.weight) == values(table()))
    #expect(throws: ArrayError.self) {
      try layer.weight.array.embeddingRenorm_(tensor([0, 7]).array, maxNorm: 1)
    }
    #expect(values(layer.weight) == values(table()))
  }

  @Test func `scale_grad_by_freq divides a row's gradient by how often it occurs`() {
    let plain = values(table())
    expect(
      Embedding(pretrained: table(), freeze: false, scaleGradByFreq: true), table: plain,
      gradient: [7, 7.999999999999999, 9, 16, 17, 18, 10, 11, 12, 4, 5, 6])
    expect(
      Embedding(pretrained: table(), freeze: false, paddingIndex: 0, scaleGradByFreq: true), table: plain,
      gradient: [0, 0, 0, 16, 17, 18, 10, 11, 12, 4, 5, 6])
  }

  @Test func `a row that is padding is shrunk, too, but has no gradient`() {
    expect(
      Embedding(pretrained: table(), freeze: false, paddingIndex: 3, maxNorm: 1),
      table: [
        0.5999999880000002, 0.7999999840000003, 0, 1, 0, 0, 0.5, 0.5, 0.5, -0.6666666444444452,
        0.3333333222222226, 0.6666666444444452,
      ], gradient: [21, 24, 27, 16, 17, 18, 10, 11, 12, 0, 0, 0])
  }

  @Test func `the state is the table alone`() {
    let layer = Embedding(4, 3, paddingIndex: -1, maxNorm: 1, scaleGradByFreq: true)
    #expect(layer.stateDictionary.names == ["weight"])
    #expect(layer.paddingIndex == 3)
    #expect(values(layer.weight.select(0, 3)) == [0, 0, 0])
  }
}
