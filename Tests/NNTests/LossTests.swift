import NN
import Testing

/// Expected values: PyTorch 2.15.0, float64.
@Suite struct LossTests {
  private let p = matrix([0.2, 0.9, 0.6, 0.1], [2, 2])
  private let t = matrix([0, 1, 1, 0.25], [2, 2])
  private let classes = tensor([1, 0])
  private let weight = matrix([1, 3], [2])

  private func expect(
    _ loss: Loss, _ expected: Double, _ target: Tensor? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expectClose(values(loss(p, target ?? t)), [expected], sourceLocation: sourceLocation)
  }

  @Test func `regression losses`() {
    expect(MSELoss(), 0.058125)
    expect(MSELoss(reduction: .sum), 0.2325)
    expect(L1Loss(), 0.2125)
    expect(SmoothL1Loss(beta: 0.3), 0.09270833333333334)
    expect(HuberLoss(delta: 0.3), 0.0278125)
    expectClose(values(MSELoss(reduction: .none)(p, t)), [0.04, 0.01, 0.16, 0.0225])
  }

  @Test func `losses of probabilities`() {
    expect(BCELoss(), 0.37349908768247697)
    expect(BCEWithLogitsLoss(posWeight: matrix([2, 3], [2])), 0.9345428461649957)
    expect(KLDivLoss(reduction: .batchMean), -0.9357867951399863)
  }

  @Test func `losses of classes`() {
    expect(CrossEntropyLoss(), 0.5603911395552956)
    expect(CrossEntropyLoss(weight: weight, labelSmoothing: 0.1), 0.4501810560914863, classes)
    expect(NLLLoss(weight: weight), -0.825, classes)
    expect(NLLLoss(ignoreIndex: 0), -0.9, classes)
  }

  @Test func `weights of a loss are buffers, not parameters`() {
    let loss = BCEWithLogitsLoss(weight: weight, posWeight: matrix([1, 2], [2]))
    #expect(loss.parameters.isEmpty)
    #expect(loss.stateDictionary.names == ["weight", "pos_weight"])
  }

  @Test func `the cosine of rows`() {
    expectClose(values(CosineSimilarity()(p, t)), [0.9761870601839527, 0.9968152785361251])
  }
}
