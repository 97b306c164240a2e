import Foundation
import Optim
import Testing

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
