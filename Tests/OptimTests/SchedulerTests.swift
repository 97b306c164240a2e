import Optim
import Testing

/// The rates of the first group of an SGD optimizer with rate 0.5 right after the schedule began, and after each step.
private func rates(_ steps: Int, _ make: (Optimizer) -> LRScheduler) -> [Double] {
  let optimizer = SGD([leaf(0)], lr: 0.5)
  let scheduler = make(optimizer)
  return [optimizer.learningRates[0]]
    + (0..<steps).map { _ in
      optimizer.step()
      scheduler.step()
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

  @Test func `a schedule continues from its state to the bit`() {
    func made() -> (SGD, [LRScheduler]) {
      let optimizer = SGD([leaf(0)], lr: 0.5, momentum: 0.9)
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
      let (first, schedules) = made()
      for _ in 0..<3 { schedules[index].step() }
      let state = (first.stateDictionary, schedules[index].stateDictionary)
      let (second, others) = made()
      others[index].loadStateDictionary(state.1)
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

  @Test func `warm restarts can follow a warm-up`() {
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
  private func rates(_ change: (inout ReduceLROnPlateau.Options) -> Void) -> [Double] {
    let optimizer = SGD([leaf(0)], lr: 0.5)
    let scheduler = ReduceLROnPlateau(optimizer, change)
    return [1, 1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.89, 0.5, 0.6, 0.6, 0.6].map { metric in
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
    ("ReduceLROnPlateau", ["factor": 1.0], "Factor should be < 1.0"),
    ("ReduceLROnPlateau", ["min_lr": [0.1, 0.2]], "expected 1 min_lrs, got 2"),
    (
      "CyclicLR", ["base_lr": [0.1, 0.2], "max_lr": 1.0],
      "base_lr must have the same length as optimizer.param_groups. base_lr has 2 values, param_groups has 1."
    ),
    ("StepLR", [:], "missing 1 required positional argument: 'step_size'"),
    ("StepLR", ["step_size": 1, "patience": 1], "unexpected keyword argument 'patience'"),
    ("Steps", [:], "there is no scheduler 'Steps'"),
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

  @Test func `schedules of two optimizers cannot be combined`() async {
    await #expect(processExitsWith: .failure) {
      _ = ChainedScheduler([
        ExponentialLR(SGD([leaf(0)]), gamma: 0.9), ExponentialLR(SGD([leaf(0)]), gamma: 0.9),
      ])
    }
  }
}
