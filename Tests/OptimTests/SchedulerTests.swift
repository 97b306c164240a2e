import Foundation
import Optim
import Testing

/// The rates of the first group of an SGD optimizer with rate 0.5 right after the schedule began, and after each step.
private func rates(_ steps: Int, _ make: (Optimizer) -> LRScheduler) -> [Double] {
  let optimizer = SGD([leaf(0)], lr: 0.5)
  let scheduler = make(optimizer)
  #expect(scheduler.lastLR == optimizer.learningRates)
  return [optimizer.learningRates[0]]
    + (0..<steps).map { _ in
      optimizer.step()
      scheduler.step()
      #expect(scheduler.lastLR == optimizer.learningRates)
      return optimizer.learningRates[0]
    }
}

/// As `rates`, of an optimizer with momentum, and its momenta.
private func ratesAndMomenta(
  _ optimizer: Optimizer, _ steps: Int, _ make: (Optimizer) -> LRScheduler
) -> (rates: [Double], momenta: [Double]) {
  let scheduler = make(optimizer)
  var result = ([optimizer.learningRates[0]], [optimizer.momenta[0] ?? .nan])
  for _ in 0..<steps {
    scheduler.step()
    result.0.append(optimizer.learningRates[0])
    result.1.append(optimizer.momenta[0] ?? .nan)
  }
  return result
}

/// Expected values: PyTorch 2.15.0, `torch.optim.lr_scheduler` with the same options on SGD with lr 0.5.
@Suite struct SchedulerTests {
  @Test func `StepLR falls every so many epochs`() {
    expectClose(
      rates(8) { StepLR($0, stepSize: 3, gamma: 0.5) },
      [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125])
  }

  @Test func `every group has its own rate`() {
    let optimizer = SGD(groups: [
      ([leaf(0)], SGDRule().with { $0.lr = 0.5 }), ([leaf(0)], SGDRule().with { $0.lr = 0.1 }),
    ])
    let scheduler = StepLR(optimizer, stepSize: 2)
    scheduler.step()
    #expect(optimizer.learningRates == [0.5, 0.1])
    scheduler.step()
    expectClose(optimizer.learningRates, [0.05, 0.01])
    #expect(scheduler.lastLR == optimizer.learningRates)
    #expect(scheduler.baseLRs == [0.5, 0.1])
  }

  @Test func `MultiStepLR falls at milestones, twice where one is listed twice`() {
    expectClose(
      rates(8) { MultiStepLR($0, milestones: [5, 2, 5], gamma: 0.5) },
      [0.5, 0.5, 0.25, 0.25, 0.25, 0.0625, 0.0625, 0.0625, 0.0625])
  }

  @Test func `ExponentialLR falls every epoch`() {
    expectClose(rates(4) { ExponentialLR($0, gamma: 0.9) }, [0.5, 0.45, 0.405, 0.3645, 0.32805])
  }

  @Test func `ConstantLR is low for a while`() {
    expectClose(
      rates(5) { ConstantLR($0, factor: 0.25, totalIters: 3) }, [0.125, 0.125, 0.125, 0.5, 0.5, 0.5])
  }

  @Test func `LinearLR goes evenly between two factors and stays`() {
    expectClose(
      rates(6) { LinearLR($0, startFactor: 0.2, endFactor: 0.6, totalIters: 4) },
      [0.1, 0.15, 0.2, 0.25, 0.3, 0.3, 0.3])
  }

  @Test func `PolynomialLR falls to 0 as a power`() {
    expectClose(
      rates(6) { PolynomialLR($0, totalIters: 4, power: 2) }, [0.5, 0.28125, 0.125, 0.03125, 0, 0, 0])
  }

  @Test func `CosineAnnealingLR falls and rises along a cosine`() {
    expectClose(
      rates(8) { CosineAnnealingLR($0, tMax: 3, etaMin: 0.1) },
      [0.5, 0.4, 0.2, 0.1, 0.2, 0.4, 0.5, 0.4, 0.2])
  }

  @Test func `CosineAnnealingWarmRestarts starts again, each time for longer`() {
    expectClose(
      rates(8) { CosineAnnealingWarmRestarts($0, t0: 2, tMult: 2, etaMin: 0.1) },
      [
        0.5, 0.3, 0.5, 0.4414213562373095, 0.3, 0.1585786437626905, 0.5, 0.4847759065022573,
        0.4414213562373095,
      ])
  }

  @Test func `LambdaLR takes the first rate times a function, MultiplicativeLR the present one`() {
    expectClose(
      rates(4) { LambdaLR($0) { 1 / Double(1 + $0) } }, [0.5, 0.25, 0.16666666666666666, 0.125, 0.1])
    expectClose(
      rates(4) { MultiplicativeLR($0) { 1 / Double(1 + $0) } },
      [0.5, 0.25, 0.08333333333333333, 0.020833333333333332, 0.004166666666666667])
  }

  private static let defaults:
    [(String, [String: OptionValue], @Sendable (Optimizer) -> LRScheduler, [Double])] = [
      ("StepLR", ["step_size": 1], { StepLR($0, stepSize: 1) }, [0.5, 0.05, 0.005]),
      (
        "MultiStepLR", ["milestones": [1, 3]], { MultiStepLR($0, milestones: [1, 3]) },
        [0.5, 0.05, 0.05, 0.005]
      ),
      ("ExponentialLR", ["gamma": 0.9], { ExponentialLR($0, gamma: 0.9) }, [0.5, 0.45, 0.405]),
      (
        "ConstantLR", [:], { ConstantLR($0) },
        [1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6, 0.5, 0.5]
      ),
      (
        "LinearLR", [:], { LinearLR($0) },
        [1.0 / 6, 0.23333333333333334, 0.3, 0.36666666666666675, 0.43333333333333346, 0.5, 0.5]
      ),
      ("PolynomialLR", [:], { PolynomialLR($0) }, [0.5, 0.4, 0.3, 0.2, 0.1, 0, 0]),
      (
        "CosineAnnealingLR", ["T_max": 4], { CosineAnnealingLR($0, tMax: 4) },
        [0.5, 0.42677669529663687, 0.25, 0.07322330470336313, 0]
      ),
      (
        "CosineAnnealingWarmRestarts", ["T_0": 2], { CosineAnnealingWarmRestarts($0, t0: 2) },
        [0.5, 0.25, 0.5, 0.25, 0.5]
      ),
      (
        "CyclicLR", ["base_lr": 0.1, "max_lr": 0.4], { CyclicLR($0, baseLR: 0.1, maxLR: 0.4) },
        [0.1, 0.10015, 0.1003, 0.10045]
      ),
      (
        "CyclicLR", ["base_lr": 0.1, "max_lr": 0.4, "step_size_up": 2, "mode": "exp_range"],
        { CyclicLR($0, baseLR: 0.1, maxLR: 0.4) { ($0.stepSizeUp, $0.mode) = (2, .expRange) } },
        [0.1, 0.25, 0.4, 0.25, 0.1]
      ),
      (
        "OneCycleLR", ["max_lr": 0.4, "total_steps": 10], { OneCycleLR($0, maxLR: 0.4, totalSteps: 10) },
        [0.016, 0.208, 0.4, 0.38019385280538953]
      ),
    ]

  @Test func `an option that is not given has PyTorch's default, in Swift and by name`() throws {
    for (name, options, make, expected) in Self.defaults {
      #expect(SchedulerTable.names.contains(name))
      let named = { (optimizer: Optimizer) -> LRScheduler in
        guard case .plain(let schedule)? = try? SchedulerTable.make(name, optimizer, options) else {
          fatalError("\(name) is not made")
        }
        return schedule
      }
      for make in [make, named] {
        let (rates, _) = ratesAndMomenta(SGD([leaf(0)], lr: 0.5, momentum: 0.5), expected.count - 1, make)
        expectClose(rates, expected, 2e-15)
      }
    }
  }

  private static let interrupted: [(@Sendable (Optimizer) -> LRScheduler, [Double])] = [
    ({ StepLR($0, stepSize: 1, lastEpoch: 2) }, [0.0125, 0.00125, 0.000125]),
    ({ MultiStepLR($0, milestones: [3, 4], lastEpoch: 2) }, [0.0125, 0.00125, 0.00125]),
    ({ ConstantLR($0, lastEpoch: 2) }, [0.125, 0.125, 0.375]),
    ({ LinearLR($0, lastEpoch: 2) }, [0.125, 0.14772727272727273, 0.17045454545454544, 0.17045454545454544]),
    ({ PolynomialLR($0, totalIters: 5, lastEpoch: 2) }, [0.125, 0.0625, 0, 0]),
    ({ CosineAnnealingLR($0, tMax: 4, lastEpoch: 2) }, [0.125, 0, 0.0732233047033631, 0.25]),
    (
      { CosineAnnealingWarmRestarts($0, t0: 5, lastEpoch: 2) },
      [0.17274575140626316, 0.047745751406263165, 0.5, 0.45225424859373686]
    ),
    ({ LambdaLR($0, lastEpoch: 2) { 1 / Double(1 + $0) } }, [0.125, 0.1, 0.08333333333333333]),
    (
      { MultiplicativeLR($0, lastEpoch: 2) { 1 / Double(1 + $0) } }, [0.125, 0.025, 0.004166666666666667]
    ),
    (
      {
        CyclicLR($0, baseLR: 0.1, maxLR: 0.4, lastEpoch: 2) {
          ($0.stepSizeUp, $0.cyclesMomentum) = (4, false)
        }
      }, [0.425, 0.4, 0.325, 0.25]
    ),
  ]

  /// The interrupted run: rate 0.5 halved in each of two epochs.
  @Test func `a schedule enters an interrupted run behind its last epoch`() {
    let before = SGD([leaf(0)], lr: 0.5)
    let schedule = ExponentialLR(before, gamma: 0.5)
    schedule.step()
    schedule.step()
    for (make, expected) in Self.interrupted {
      let optimizer = SGD([leaf(0)])
      optimizer.loadStateDictionary(before.stateDictionary)
      let (rates, _) = ratesAndMomenta(optimizer, expected.count - 1, make)
      expectClose(rates, expected, 1e-14)
    }
  }

  @Test func `a new run has no last epoch`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = StepLR(SGD([leaf(0)]), stepSize: 2, lastEpoch: 3)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("param 'initial_lr' is not specified in param_groups[0] when resuming scheduler"))
  }

  private static let atEpochs: [(@Sendable (Optimizer) -> LRScheduler, [Double])] = [
    ({ StepLR($0, stepSize: 3, gamma: 0.5) }, [0.25, 0.25, 0.125, 0.5, 0.5, 0.5, 0.03125]),
    (
      { MultiStepLR($0, milestones: [7, 2, 7], gamma: 0.5) },
      [0.25, 0.25, 0.0625, 0.5, 0.25, 0.5, 0.0625]
    ),
    (
      { ExponentialLR($0, gamma: 0.9) },
      [0.3645, 0.32805, 0.23914845, 0.45, 0.405, 0.5, 0.14121476824050005]
    ),
    ({ ConstantLR($0, factor: 0.25, totalIters: 3) }, [0.5, 0.5, 0.5, 0.125, 0.125, 0.125, 0.5]),
    (
      { LinearLR($0, startFactor: 0.2, endFactor: 0.6, totalIters: 4) },
      [0.25, 0.3, 0.3, 0.15, 0.2, 0.1, 0.3]
    ),
    ({ PolynomialLR($0, totalIters: 4, power: 2) }, [0.03125, 0, 0, 0.28125, 0.125, 0.5, 0]),
    ({ CosineAnnealingLR($0, tMax: 3, etaMin: 0.1) }, [0.1, 0.2, 0.4, 0.4, 0.2, 0.5, 0.5]),
    (
      { CosineAnnealingWarmRestarts($0, t0: 2, tMult: 2, etaMin: 0.1) },
      [0.4414213562373095, 0.3, 0.4847759065022573, 0.3, 0.5, 0.5, 0.1585786437626905]
    ),
    ({ LambdaLR($0) { 1 / Double(1 + $0) } }, [0.125, 0.1, 0.0625, 0.25, 1.0 / 6, 0.5, 1.0 / 26]),
    (
      {
        CyclicLR($0, baseLR: 0.1, maxLR: 0.4) {
          ($0.stepSizeUp, $0.stepSizeDown, $0.cyclesMomentum) = (3, 1, false)
        }
      }, [0.4, 0.1, 0.4, 0.2, 0.3, 0.1, 0.1]
    ),
    (
      { OneCycleLR($0, maxLR: 0.4, totalSteps: 20) { $0.cyclesMomentum = false } },
      [
        0.2673312629199899, 0.3633312629199899, 0.38019385280538953, 0.05266873708001013, 0.1486687370800101,
        0.016, 0.2000008,
      ]
    ),
  ]

  @Test func `a step may go to a given epoch, and the next goes on from there`() {
    for (make, expected) in Self.atEpochs {
      let optimizer = SGD([leaf(0)], lr: 0.5)
      let schedule = make(optimizer)
      var rates: [Double] = []
      for epoch in [3, nil, 7, 1, nil, 0, 12] {
        if let epoch { schedule.step(epoch: epoch) } else { schedule.step() }
        rates += optimizer.learningRates
      }
      expectClose(rates, expected, 1e-14)
    }
  }

  @Test func `warm restarts take parts of epochs`() {
    for (tMult, expected) in [
      (
        2,
        [
          0.4414213562373095, 0.1585786437626905, 0.4111140466039205, 0.3, 0.1585786437626905, 0.5,
          0.4414213562373095, 0.1585786437626905,
        ]
      ),
      (
        1,
        [
          0.4414213562373095, 0.1585786437626905, 0.22346331352698207, 0.5, 0.3, 0.5, 0.4414213562373095,
          0.1585786437626905,
        ]
      ),
    ] {
      let optimizer = SGD([leaf(0)], lr: 0.5)
      let schedule = CosineAnnealingWarmRestarts(optimizer, t0: 2, tMult: tMult, etaMin: 0.1)
      var rates: [Double] = []
      for epoch in [0.5, nil, 3.25, 4, nil, 14, 0.5, 1.5] {
        if let epoch { schedule.step(epoch: epoch) } else { schedule.step() }
        rates += optimizer.learningRates
      }
      expectClose(rates, expected, 1e-14)
      #expect(schedule.lastEpoch == 1)
      #expect(
        message { () throws(ArrayError) in try schedule.advance(to: -1) }?
          .contains("Expected non-negative epoch, but got -1") == true)
    }
  }

  @Test func `a schedule continues from its state to the bit`() {
    func made(_ rate: Double) -> (SGD, [LRScheduler]) {
      let optimizer = SGD([leaf(0)], lr: rate, momentum: 0.9)
      return (
        optimizer,
        [
          CosineAnnealingWarmRestarts(optimizer, t0: 2, tMult: 2),
          ChainedScheduler([ExponentialLR(optimizer, gamma: 0.9), StepLR(optimizer, stepSize: 2)]),
          SequentialLR(
            optimizer, schedulers: [StepLR(optimizer, stepSize: 2), PolynomialLR(optimizer)], milestones: [4]),
        ]
      )
    }
    for index in 0..<3 {
      let (first, schedules) = made(0.5)
      for _ in 0..<3 { schedules[index].step() }
      let state = (first.stateDictionary, schedules[index].stateDictionary)
      let (second, others) = made(0.25)
      others[index].loadStateDictionary(state.1)
      #expect(others[index].stateDictionary == state.1)
      #expect(others[index].lastLR == schedules[index].lastLR)
      second.loadStateDictionary(state.0)
      for _ in 0..<5 {
        schedules[index].step()
        others[index].step()
        #expect(first.learningRates == second.learningRates)
        #expect(schedules[index].lastLR == others[index].lastLR)
      }
    }
  }
}

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

/// Expected values: PyTorch 2.15.0.
@Suite struct CombinedScheduleTests {
  @Test func `a sequence enters each schedule from its own beginning`() {
    expectClose(
      rates(7) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 2), ExponentialLR(optimizer, gamma: 0.9),
          ], milestones: [3])
      }, [0.05, 0.05, 0.5, 0.5, 0.45, 0.405, 0.3645, 0.32805])
    expectClose(
      rates(8) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            LinearLR(optimizer, startFactor: 0.5, totalIters: 2), CosineAnnealingLR(optimizer, tMax: 4),
            StepLR(optimizer, stepSize: 1, gamma: 0.5),
          ], milestones: [2, 5])
      }, [0.25, 0.375, 0.5, 0.42677669529663687, 0.25, 0.5, 0.25, 0.125, 0.0625])
    expectClose(
      rates(7) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 2), PolynomialLR(optimizer, totalIters: 4),
          ], milestones: [2])
      }, [0.05, 0.05, 0.5, 0.375, 0.25, 0.125, 0, 0])
  }

  @Test func `warm restarts can come before another schedule, or follow a warm-up`() {
    expectClose(
      rates(4) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [CosineAnnealingWarmRestarts(optimizer, t0: 4), ExponentialLR(optimizer, gamma: 0.5)],
          milestones: [2])
      }, [0.5, 0.42677669529663687, 0.5, 0.25, 0.125])
    expectClose(
      rates(8) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            LinearLR(optimizer, startFactor: 0.5, totalIters: 2),
            CosineAnnealingWarmRestarts(optimizer, t0: 2),
          ], milestones: [2])
      }, [0.25, 0.375, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.5])
  }

  @Test func `a sequence may begin behind its first milestones, and hold others`() {
    expectClose(
      rates(3) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 9), ExponentialLR(optimizer, gamma: 0.5),
          ], milestones: [0])
      }, [0.5, 0.25, 0.125, 0.0625])
    expectClose(
      rates(6) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ChainedScheduler([StepLR(optimizer, stepSize: 2), ExponentialLR(optimizer, gamma: 0.5)]),
            ConstantLR(optimizer, factor: 0.1, totalIters: 9),
          ], milestones: [3])
      }, [0.25, 0.125, 0.00625, 0.05, 0.05, 0.05, 0.05])
    expectClose(
      rates(6) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            SequentialLR(
              optimizer,
              schedulers: [
                ConstantLR(optimizer, factor: 0.1, totalIters: 9), StepLR(optimizer, stepSize: 2),
              ], milestones: [2]),
            ExponentialLR(optimizer, gamma: 0.5),
          ], milestones: [4])
      }, [0.05, 0.5, 0.5, 0.05, 0.5, 0.25, 0.125])
  }

  @Test func `schedules made of others take no epoch, and none of them can be entered at a milestone`() {
    let optimizer = SGD([leaf(0)], lr: 0.5)
    let chain = ChainedScheduler([ExponentialLR(optimizer, gamma: 0.5)])
    let sequence = SequentialLR(
      optimizer, schedulers: [ExponentialLR(optimizer, gamma: 0.5), chain], milestones: [1])
    for schedule in [chain, sequence] as [LRScheduler] {
      #expect(
        message { () throws(ArrayError) in try schedule.advance(to: 3) }?
          .contains("step() takes 1 positional argument but 2 were given") == true)
    }
    #expect(
      message { () throws(ArrayError) in try sequence.advance() }?
        .contains("a schedule that is made of others cannot be entered at a milestone") == true)
  }

  @Test func `chained schedules act in their order`() {
    expectClose(
      rates(4) { optimizer in
        ChainedScheduler([
          CosineAnnealingLR(optimizer, tMax: 4, etaMin: 0.1), ExponentialLR(optimizer, gamma: 0.5),
        ])
      }, [0.5, 0.22071067811865475, 0.08535533905932738, 0.04785533905932738, 0.05])
    expectClose(
      rates(4) { optimizer in
        ChainedScheduler([
          ExponentialLR(optimizer, gamma: 0.5), CosineAnnealingLR(optimizer, tMax: 4, etaMin: 0.1),
        ])
      }, [0.5, 0.22803300858899106, 0.10821067811865476, 0.08655776503073437, 0.1])
  }

  @Test func `chained schedules multiply`() {
    expectClose(
      rates(5) { optimizer in
        ChainedScheduler([
          ConstantLR(optimizer, factor: 0.1, totalIters: 2), ExponentialLR(optimizer, gamma: 0.9),
        ])
      }, [0.05, 0.045, 0.405, 0.3645, 0.32805, 0.295245])
  }
}

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

/// Expected words: PyTorch 2.15.0.
@Suite struct SchedulerOptionTests {
  private static let refused: [(String, [String: OptionValue], String)] = [
    ("ConstantLR", ["factor": 1.5], "Constant multiplicative factor expected to be between 0 and 1"),
    (
      "LinearLR", ["start_factor": 0.0],
      "Starting multiplicative factor expected to be greater than 0 and less or equal to 1"
    ),
    ("LinearLR", ["end_factor": 2.0], "Ending multiplicative factor expected to be between 0 and 1"),
    ("CosineAnnealingWarmRestarts", ["T_0": 0], "Expected positive integer T_0, but got 0"),
    (
      "CosineAnnealingWarmRestarts", ["T_0": 1, "T_mult": 0],
      "Expected integer T_mult >= 1, but got 0"
    ),
    (
      "OneCycleLR", ["max_lr": 0.1],
      "You must define either total_steps OR (epochs AND steps_per_epoch)"
    ),
    (
      "OneCycleLR", ["max_lr": 0.1, "total_steps": 9, "pct_start": 1.5],
      "Expected float between 0 and 1 pct_start, but got 1.5"
    ),
    ("ConstantLR", ["factor": -0.5], "Constant multiplicative factor expected to be between 0 and 1"),
    (
      "LinearLR", ["start_factor": 1.5],
      "Starting multiplicative factor expected to be greater than 0 and less or equal to 1"
    ),
    ("LinearLR", ["end_factor": -0.5], "Ending multiplicative factor expected to be between 0 and 1"),
    ("StepLR", ["step_size": 0], "step_size must be positive, but got 0"),
    ("CosineAnnealingLR", ["T_max": 0], "T_max must not be 0"),
    (
      "OneCycleLR", ["max_lr": 0.1, "total_steps": 9, "pct_start": -0.5],
      "Expected float between 0 and 1 pct_start, but got -0.5"
    ),
    (
      "OneCycleLR", ["max_lr": 0.1, "epochs": 0, "steps_per_epoch": 2],
      "Expected positive integer epochs, but got 0"
    ),
    ("ReduceLROnPlateau", ["factor": 1.0], "Factor should be < 1.0"),
    ("ReduceLROnPlateau", ["min_lr": [0.1, 0.2]], "expected 1 min_lrs, got 2"),
    (
      "CyclicLR", ["base_lr": [0.1, 0.2], "max_lr": 1.0],
      "base_lr must have the same length as optimizer.param_groups. base_lr has 2 values, param_groups has 1."
    ),
    ("StepLR", [:], "missing 1 required positional argument: 'step_size'"),
    ("StepLR", ["step_size": 1, "patience": 1], "unexpected keyword argument 'patience'"),
    ("Steps", [:], "there is no scheduler 'Steps'"),
    (
      "CyclicLR", ["base_lr": 0.1, "max_lr": 1.0, "mode": "square"],
      "CyclicLR: mode must be a known word, not 'square'"
    ),
    ("ReduceLROnPlateau", ["patience": 1.5], "ReduceLROnPlateau: patience must be an integer, not 1.5"),
    ("ReduceLROnPlateau", ["min_lr": "0"], "min_lr must be a number or a list of numbers, not '0'"),
    (
      "OneCycleLR", ["max_lr": 0.1, "total_steps": 9, "gamma": 0.1],
      "OneCycleLR: got an unexpected keyword argument 'gamma'"
    ),
  ]

  @Test func `options that make no sense are refused in PyTorch's words and the rates stay`() {
    for (name, options, words) in Self.refused {
      let optimizer = SGD([leaf(0)], lr: 0.5, momentum: 0.9)
      let text = message { () throws(ArrayError) in
        _ = try SchedulerTable.make(name, optimizer, options)
      }
      #expect(text?.contains(words) == true, "\(text ?? "")")
      #expect(optimizer.learningRates == [0.5])
    }
  }

  private static let named: [(String, [String: OptionValue], @Sendable (Optimizer) -> LRScheduler)] = [
    (
      "CyclicLR",
      [
        "base_lr": [0.1], "max_lr": 0.4, "step_size_up": 3, "step_size_down": 2, "mode": "exp_range",
        "gamma": 0.9, "scale_mode": "iterations", "cycle_momentum": true, "base_momentum": [0.5],
        "max_momentum": 0.7,
      ],
      {
        CyclicLR($0, baseLR: [0.1], maxLR: 0.4) {
          ($0.stepSizeUp, $0.stepSizeDown, $0.mode, $0.gamma) = (3, 2, .expRange, 0.9)
          ($0.baseMomentum, $0.maxMomentum) = ([0.5], 0.7)
        }
      }
    ),
    (
      "OneCycleLR",
      [
        "max_lr": 0.4, "epochs": 4, "steps_per_epoch": 3, "pct_start": 0.4, "anneal_strategy": "linear",
        "cycle_momentum": true, "base_momentum": 0.5, "max_momentum": 0.7, "div_factor": 4,
        "final_div_factor": 10.0, "three_phase": true,
      ],
      {
        OneCycleLR($0, maxLR: 0.4, totalSteps: 12) {
          ($0.pctStart, $0.annealing, $0.threePhase) = (0.4, .linear, true)
          ($0.baseMomentum, $0.maxMomentum, $0.divFactor, $0.finalDivFactor) = (0.5, 0.7, 4, 10)
        }
      }
    ),
  ]

  @Test func `options by name are those of the initialisers`() throws {
    for (name, options, make) in Self.named {
      let (first, second) = (SGD([leaf(0)], momentum: 0.9), SGD([leaf(0)], momentum: 0.9))
      guard case .plain(let schedule) = try SchedulerTable.make(name, first, options) else {
        Issue.record("\(name) is a plateau schedule")
        return
      }
      let other = make(second)
      for _ in 0..<11 {
        #expect(first.learningRates == second.learningRates && first.momenta == second.momenta, "\(name)")
        schedule.step()
        other.step()
      }
    }
    let optimizer = SGD([leaf(0)], lr: 0.5)
    let made = try SchedulerTable.make(
      "ReduceLROnPlateau", optimizer,
      [
        "mode": "max", "factor": 0.5, "patience": 1, "threshold": 0.2, "threshold_mode": "abs",
        "cooldown": 1, "min_lr": [0.1], "eps": 0.01,
      ])
    guard case .plateau(let plateau) = made else { return }
    let other = ReduceLROnPlateau(SGD([leaf(0)], lr: 0.5)) {
      ($0.mode, $0.factor, $0.patience, $0.threshold) = (.max, 0.5, 1, 0.2)
      ($0.thresholdMode, $0.cooldown, $0.minLR, $0.eps) = (.absolute, 1, 0.1, 0.01)
    }
    for metric in [1, 1.1, 1.1, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.6, 1.7] {
      plateau.step(metric)
      other.step(metric)
      #expect(plateau.lastLR == other.lastLR)
    }
    #expect(plateau.lastLR == [0.1])
  }

  @Test func `momentum can only be cycled where there is one`() {
    for name in ["CyclicLR", "OneCycleLR"] {
      let options: [String: OptionValue] =
        name == "CyclicLR" ? ["base_lr": 0.1, "max_lr": 1.0] : ["total_steps": 5, "max_lr": 1.0]
      #expect(
        message { () throws(ArrayError) in
          _ = try SchedulerTable.make(name, Adagrad([leaf(0)]), options)
        }?.contains("optimizer must support momentum or beta1 with `cycle_momentum` option enabled") == true)
    }
  }

  @Test func `functions and milestones must be as many as their groups and schedules`() async {
    await #expect(processExitsWith: .failure) { _ = LambdaLR(SGD([leaf(0)]), lrLambdas: []) }
    await #expect(processExitsWith: .failure) {
      _ = MultiplicativeLR(SGD([leaf(0)]), lrLambdas: [{ _ in 1 }, { _ in 1 }])
    }
    await #expect(processExitsWith: .failure) {
      let optimizer = SGD([leaf(0)])
      _ = SequentialLR(optimizer, schedulers: [ExponentialLR(optimizer, gamma: 0.5)], milestones: [2])
    }
  }

  @Test func `schedules of two optimizers cannot be combined`() async {
    await #expect(processExitsWith: .failure) {
      _ = ChainedScheduler([
        ExponentialLR(SGD([leaf(0)]), gamma: 0.9), ExponentialLR(SGD([leaf(0)]), gamma: 0.9),
      ])
    }
  }
}
