import Optim
import Testing

/// Expected values: PyTorch 2.15.0.
@Suite struct CyclicScheduleTests {
  @Test func `CyclicLR moves the rate up and down, the momentum the other way`() {
    let (rates, momenta) = ratesAndMomenta(SGD([leaf(0)], lr: 0.5, momentum: 0.9), 8) {
      CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { options in
        options.stepSizeUp = 3
        options.stepSizeDown = 1
      }
    }
    expectClose(rates, [0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.3, 0.4, 0.1])
    expectClose(
      momenta,
      [
        0.9, 0.8666666666666667, 0.8333333333333334, 0.8, 0.9, 0.8666666666666667, 0.8333333333333334, 0.8,
        0.9,
      ])
  }

  @Test func `triangular2 halves the height after each cycle, as does a scale of one's own`() {
    expectClose(
      rates(8) {
        CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { options in
          options.stepSizeUp = 2
          options.mode = .triangular2
          options.cyclesMomentum = false
        }
      }, [0.1, 0.25, 0.4, 0.25, 0.1, 0.175, 0.25, 0.175, 0.1])
    expectClose(
      rates(6) {
        CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { options in
          options.stepSizeUp = 2
          options.scale = { 1 / $0 }
          options.cyclesMomentum = false
        }
      }, [0.1, 0.25, 0.4, 0.25, 0.1, 0.175, 0.25])
  }

  @Test func `the ways up and down may take parts of steps`() throws {
    let expected: [(Double, Double?, [Double])] = [
      (2.5, nil, [0.1, 0.22, 0.34, 0.34, 0.22, 0.1, 0.16, 0.22, 0.22]),
      (
        1.5, 2.25,
        [
          0.1, 0.3, 0.3333333333333335, 0.2, 0.12499999999999992, 0.22499999999999992, 0.2,
          0.13333333333333333, 0.125,
        ]
      ),
      (2, 0.5, [0.1, 0.25, 0.4, 0.1375, 0.2125, 0.1, 0.1375, 0.175, 0.109375]),
      (0.5, 0.25, [0.1, 0.175, 0.175, 0.1, 0.1046875, 0.1046875, 0.1, 0.10029296875, 0.10029296875]),
      (2, 0, [0.1, 0.25, 0.1, 0.175, 0.1, 0.1375, 0.1, 0.11875, 0.1]),
      (-1, 3, [0.3, 0.2, 0.2, 0.15, 0.15, 0.125, 0.125, 0.1125, 0.1125]),
    ]
    for (up, down, expected) in expected {
      let options: [String: OptionValue] = [
        "base_lr": 0.1, "max_lr": 0.4, "step_size_up": .real(up),
        "step_size_down": down.map { .real($0) } ?? .none,
        "mode": "triangular2", "cycle_momentum": false,
      ]
      expectClose(
        rates(8) {
          guard case .plain(let scheduler)? = try? SchedulerTable.make("CyclicLR", $0, options) else {
            fatalError("no CyclicLR")
          }
          return scheduler
        }, expected)
    }
    for (up, down) in [(0.0, 2.0), (2, -2)] {
      #expect(
        message { () throws(ArrayError) in
          _ = try SchedulerTable.make(
            "CyclicLR", SGD([leaf(0)], momentum: 0.9),
            ["base_lr": 0.1, "max_lr": 0.4, "step_size_up": .real(up), "step_size_down": .real(down)])
        }?.contains("step_size_up is 0, or the sum of both") == true)
    }
  }

  @Test func `exp_range lets the height fall with every step; Adam's first beta is its momentum`() {
    let (rates, momenta) = ratesAndMomenta(Adam([leaf(0)], lr: 0.5), 6) {
      CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { options in
        options.stepSizeUp = 2
        options.mode = .expRange
        options.gamma = 0.9
        options.baseMomentum = 0.5
        options.maxMomentum = 0.7
      }
    }
    expectClose(rates, [0.1, 0.235, 0.343, 0.20935, 0.1, 0.1885735, 0.2594323])
    expectClose(momenta, [0.7, 0.61, 0.538, 0.6271, 0.7, 0.640951, 0.5937118])
  }

  @Test func `a scale of one's own may go by steps`() {
    let (rates, momenta) = ratesAndMomenta(SGD([leaf(0)], lr: 0.5, momentum: 0.5), 6) {
      CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { options in
        options.stepSizeUp = 2
        options.scale = { 1 / (1 + $0) }
        options.scaleMode = .iterations
      }
    }
    expectClose(rates, [0.1, 0.175, 0.2, 0.1375, 0.1, 0.125, 0.14285714285714288])
    expectClose(
      momenta, [0.9, 0.875, 0.8666666666666667, 0.8875, 0.9, 0.8916666666666667, 0.8857142857142858])
  }

  @Test func `a cycle behind another schedule begins at that one's first rate`() {
    expectClose(
      rates(3) { optimizer in
        _ = StepLR(optimizer, stepSize: 100)
        optimizer.learningRates = [0.25]
        return CyclicLR(optimizer, baseLR: 0.1, maxLR: 0.4) {
          ($0.stepSizeUp, $0.cyclesMomentum) = (2, false)
        }
      }, [0.5, 0.25, 0.4, 0.25])
  }

  @Test func `in three phases the momentum comes back in the second`() {
    let (rates, momenta) = ratesAndMomenta(SGD([leaf(0)], lr: 0.5, momentum: 0.9), 9) {
      OneCycleLR($0, maxLR: 0.4, totalSteps: 10) { $0.threePhase = true }
    }
    expectClose(
      rates,
      [
        0.016, 0.208, 0.4, 0.208, 0.016, 0.014472288741404079, 0.010472688741404078, 0.005528911258595921,
        0.0015293112585959211, 1.6e-06,
      ])
    expectClose(momenta, [0.95, 0.9, 0.85, 0.9, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95])
  }

  @Test func `OneCycleLR goes up once and far down, the momentum the other way`() {
    let (rates, momenta) = ratesAndMomenta(SGD([leaf(0)], lr: 0.5, momentum: 0.9), 10) {
      OneCycleLR($0, maxLR: 0.4, totalSteps: 10)
    }
    expectClose(
      rates,
      [
        0.016, 0.208, 0.4, 0.38019385280538953, 0.3246982615799052, 0.24450480877451572, 0.1554967912254843,
        0.0753033384200948, 0.019807747194610516, 1.6e-06, 0.019807747194610495,
      ])
    expectClose(
      momenta,
      [
        0.95, 0.9, 0.85, 0.854951556604879, 0.8688255099070633, 0.8888739533021842, 0.9111260466978157,
        0.9311744900929366, 0.945048443395121, 0.95, 0.945048443395121,
      ])
  }

  @Test func `OneCycleLR with three even phases`() {
    expectClose(
      rates(9) {
        OneCycleLR($0, maxLR: 0.4, epochs: 2, stepsPerEpoch: 5) { options in
          options.threePhase = true
          options.annealing = .linear
          options.pctStart = 0.4
          options.divFactor = 4
          options.finalDivFactor = 10
          options.cyclesMomentum = false
        }
      }, [0.1, 0.2, 0.3, 0.4, 0.3, 0.2, 0.1, 0.07, 0.04, 0.01])
  }

  @Test func `OneCycleLR has an end`() {
    let scheduler = OneCycleLR(SGD([leaf(0)], momentum: 0.9), maxLR: 0.4, totalSteps: 1)
    scheduler.step()
    #expect(
      message { () throws(ArrayError) in try scheduler.advance() }?
        .contains("Tried to step 2 times. The specified number of total steps is 1") == true)
  }
}
