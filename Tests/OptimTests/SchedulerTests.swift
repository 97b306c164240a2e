import Optim
import Testing

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
