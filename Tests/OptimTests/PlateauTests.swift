import Foundation
import Optim
import Testing

/// Expected values: PyTorch 2.15.0, metrics as below.
@Suite struct PlateauTests {
  private static let metrics = [1, 1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.89, 0.5, 0.6, 0.6, 0.6]

  private func rates(
    _ metrics: [Double] = metrics, _ change: (inout ReduceLROnPlateau.Options) -> Void
  ) -> [Double] {
    let optimizer = SGD([leaf(0)], lr: 0.5)
    let scheduler = ReduceLROnPlateau(optimizer, change)
    return metrics.map { metric in
      scheduler.step(metric)
      return optimizer.learningRates[0]
    }
  }

  @Test func `patience, cooldown and the least rate`() {
    #expect(
      rates {
        $0.patience = 1
        $0.factor = 0.5
        $0.cooldown = 1
        $0.minLR = 0.1
      } == [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125])
  }

  @Test func `a measure that is to rise, by a difference`() {
    let expected = [
      0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625, 0.001953125, 0.0009765625,
      0.00048828125, 0.000244140625,
    ]
    #expect(
      rates {
        $0.mode = .max
        $0.patience = 0
        $0.factor = 0.5
        $0.threshold = 0.2
        $0.thresholdMode = .absolute
      } == expected)
  }

  @Test func `by default ten epochs are borne, then the rate falls to a tenth`() throws {
    let expected = Array(repeating: 0.5, count: 11) + Array(repeating: 0.05, count: 11) + [0.005]
    let metrics = [1] + Array(repeating: 0.99995, count: 22)
    expectClose(rates(metrics) { _ in }, expected)
    #expect(rates((0..<23).map { pow(0.9998, Double($0)) }) { _ in } == Array(repeating: 0.5, count: 23))
    let optimizer = SGD([leaf(0)], lr: 0.5)
    guard case .plateau(let named) = try SchedulerTable.make("ReduceLROnPlateau", optimizer) else {
      Issue.record("not a plateau schedule")
      return
    }
    let named_ = metrics.map { metric in
      named.step(metric)
      return optimizer.learningRates[0]
    }
    expectClose(named_, expected)
  }

  @Test func `better means better by the threshold, as a part or as a difference`() {
    let falling = [1, 0.95, 0.85, 0.7, 0.65]
    for (mode, metrics) in [(ReduceLROnPlateau.Mode.min, falling), (.max, [1, 1.05, 1.15, 1.3, 1.35])] {
      for (kind, threshold, expected) in [
        (ReduceLROnPlateau.ThresholdMode.relative, 0.12, [0.5, 0.25, 0.25, 0.25, 0.125]),
        (.absolute, 0.2, [0.5, 0.25, 0.125, 0.125, 0.0625]),
      ] {
        let rates = rates(metrics) {
          ($0.mode, $0.thresholdMode, $0.threshold) = (mode, kind, threshold)
          ($0.patience, $0.factor) = (0, 0.5)
        }
        #expect(rates == expected)
      }
    }
  }

  @Test func `a rate stays above the least, and where the change would be small`() {
    let metrics = Array(repeating: 1.0, count: 5)
    #expect(
      rates(metrics) { ($0.patience, $0.factor, $0.minLR) = (0, 0.5, 0.2) } == [0.5, 0.25, 0.2, 0.2, 0.2])
    #expect(
      rates(metrics) { ($0.patience, $0.factor, $0.eps) = (0, 0.5, 0.1) }
        == [0.5, 0.25, 0.125, 0.125, 0.125])
  }

  @Test func `the measure may be a tensor, and the state goes on elsewhere`() {
    func made() -> ReduceLROnPlateau {
      ReduceLROnPlateau(SGD([leaf(0)], lr: 0.5)) {
        ($0.patience, $0.factor, $0.cooldown) = (1, 0.5, 3)
      }
    }
    for cut in 1..<Self.metrics.count {
      let (first, second) = (made(), made())
      for metric in Self.metrics[..<cut] { first.step(metric) }
      second.loadStateDictionary(first.stateDictionary)
      second.optimizer.learningRates = first.optimizer.learningRates
      #expect(second.stateDictionary == first.stateDictionary)
      #expect(second.lastEpoch == cut && second.best == first.best && second.badEpochs == first.badEpochs)
      for metric in Self.metrics[cut...] {
        first.step(metric)
        second.step(tensor([metric]))
        #expect(second.lastLR == first.lastLR)
      }
    }
  }
}
