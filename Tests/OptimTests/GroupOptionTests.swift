import Optim
import Testing

/// Options that a group has and the optimizer's constructor would refuse, or does not know. Expected values: PyTorch 2.15.0, float64.
@Suite struct GroupOptionTests {
  private static let taken: [(String, [String: OptionValue], [String: OptionValue], [Double])] = [
    ("SGD", ["nesterov": true], [:], [0.4985, -1.25125, 2.002]),
    (
      "SGD", ["nesterov": true, "dampening": 0.5, "momentum": 0.9], ["lr": 0.1],
      [-0.4064441500000001, -1.223083825, 2.421388975]
    ),
    ("SGD", ["lr": -0.1], [:], [0.65, -1.125, 1.7999999999999998]),
    ("SGD", ["momentum": -0.5], ["lr": 0.1], [0.44531249999999994, -1.353125, 2.10546875]),
    (
      "Adagrad", ["initial_accumulator_value": -1.0, "lr_decay": -0.1], [:],
      [0.4918006222520345, -1.2434694983764443, 2.014769128603883]
    ),
    (
      "Adadelta", ["weight_decay": -0.1, "lr": -1.0], [:],
      [0.502791443911238, -1.248316450094214, 1.9887807313020065]
    ),
    (
      "RMSprop", ["eps": -0.001, "momentum": -0.5], [:],
      [0.3857632491099523, -1.1299454237166342, 2.097506697999199]
    ),
    ("Adam", ["betas": [1.5, 0.5]], [:], [0.49330801507808536, -1.2466994642726756, 1.9999661401671767]),
    (
      "AdamW", ["decoupled_weight_decay": false, "weight_decay": -0.1], [:],
      [0.4964146416700645, -1.2479076977134071, 2.002548090976478]
    ),
    (
      "Adamax", ["betas": [1.5, 0.5], "eps": -0.001], [:],
      [0.4805934896109522, -1.24330684014848, 1.9999700645906022]
    ),
    (
      "NAdam", ["momentum_decay": -0.1, "betas": [1.5, 0.5]], [:],
      [0.5476014946111494, -1.2635792427742987, 1.9922194346073134]
    ),
    (
      "RAdam", ["betas": [1.5, 0.5], "eps": -0.001], [:],
      [0.4939141557868422, -1.2473957208917301, 2.000566087840819]
    ),
    ("Rprop", ["etas": [1.5, 0.5]], [:], [0.47375, -1.2381250000000001, 2.0124999999999997]),
    (
      "ASGD", ["lambd": -0.1, "alpha": -0.5], [:],
      [0.48787621217463933, -1.269925438082241, 2.0320360230410057]
    ),
  ]

  @Test(arguments: taken) func `a group's own options are taken as they are`(
    _ name: String, _ own: [String: OptionValue], _ common: [String: OptionValue], _ expected: [Double]
  ) throws {
    let p = leaf(0.5, -1.25, 2)
    let optimizer = try OptimizerTable.make(name, groups: [([p], own)], common)
    for gradient in gradients {
      p.grad = tensor(gradient)
      optimizer.step()
    }
    expectClose(values(p), expected)
  }

  @Test func `options that are loaded, or of a group that is added, are taken as they are`() throws {
    let p = leaf(1)
    let optimizer = SGD([p], lr: 0.1)
    var state = optimizer.stateDictionary
    state.groups[0].options["nesterov"] = true
    state.groups[0].options["lr"] = -0.25
    optimizer.loadStateDictionary(state)
    let q = leaf(1)
    optimizer.addParamGroup([q]) { $0.lr = -0.5 }
    for parameter in [p, q] { parameter.grad = tensor([1.0] as [Double]) }
    optimizer.step()
    #expect(values(p) + values(q) == [1.25, 1.5])
  }

  @Test func `a group that is added starts from the optimizer's options, not from the first group's`() {
    let optimizer = SGD(groups: [([leaf(1)], SGDRule().with { $0.lr = 0.5 })])
    optimizer.addParamGroup([leaf(2)])
    #expect(optimizer.learningRates == [0.5, 0.001])
  }

  @Test func `AdamW goes on decoupled from Adam's state, Adam as AdamW from that one's`() {
    func continued(_ first: ([Tensor]) -> Optimizer, _ second: ([Tensor]) -> Optimizer) -> [Double] {
      let p = leaf(0.5, -1.25, 2)
      p.grad = tensor([1.5, -0.5, 0.25] as [Double])
      let before = first([p])
      before.step()
      let after = second([p])
      after.loadStateDictionary(before.stateDictionary)
      after.step()
      return values(p)
    }
    expectClose(
      continued({ Adam($0, lr: 0.1, weightDecay: 0.1) }, { AdamW($0) }),
      [0.2960988864649762, -1.039687422917713, 1.78628099356822])
    expectClose(
      continued({ AdamW($0, lr: 0.1, weightDecay: 0.1) }, { Adam($0) }),
      [0.2910500013266673, -1.0261250039800007, 1.7612000079600003])
  }

  @Test func `L-BFGS's only group may have its own options`() throws {
    let optimizer = try OptimizerTable.make(
      "LBFGS", groups: [([leaf(1)], ["lr": 0.5, "max_iter": 4, "tolerance_grad": -1.0])], ["history_size": 7])
    #expect(
      optimizer.stateDictionary.groups[0].options == [
        "lr": 0.5, "max_iter": 4, "tolerance_grad": -1.0, "max_eval": 25, "tolerance_change": 1e-09,
        "history_size": 7, "line_search_fn": nil, "maximize": false,
      ])
  }

  @Test func `a list of rates or momenta of another length is refused`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      SGD([leaf(1)]).learningRates = [1, 2]
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("SGD: learningRates got 2 values for 1 parameter groups; give one for each"))
  }
}

/// Groups that are added when a schedule has begun. Expected values: PyTorch 2.15.0.
@Suite struct LaterGroupTests {
  /// The rates after each of four steps of an optimizer with the rate 0.5 and, since the schedule began, a group of the rate 0.25.
  private func rates(_ make: (Optimizer) -> LRScheduler) -> [[Double]] {
    let optimizer = SGD([leaf(1)], lr: 0.5, momentum: 0.9)
    let scheduler = make(optimizer)
    optimizer.addParamGroup([leaf(2)]) { $0.lr = 0.25 }
    return (0..<4).map { _ in
      scheduler.step()
      #expect(scheduler.lastLR == optimizer.learningRates)
      return optimizer.learningRates
    }
  }

  @Test func `a schedule that changes the present rates changes the new group's too`() {
    func expect(_ actual: [[Double]], _ expected: [[Double]]) {
      expectClose(Array(actual.joined()), Array(expected.joined()))
    }
    expect(
      rates { StepLR($0, stepSize: 2) }, [[0.5, 0.25], [0.05, 0.025], [0.05, 0.025], [0.005, 0.0025]])
    expect(
      rates { MultiStepLR($0, milestones: [1, 3]) },
      [[0.05, 0.025], [0.05, 0.025], [0.005, 0.0025], [0.005, 0.0025]])
    expect(rates { ConstantLR($0) }, Array(repeating: [0.16666666666666666, 0.25], count: 4))
    expect(
      rates { LinearLR($0) },
      [
        [0.23333333333333334, 0.35], [0.3, 0.45], [0.36666666666666675, 0.55],
        [0.43333333333333346, 0.65],
      ])
    expect(
      rates { ExponentialLR($0, gamma: 0.5) },
      [[0.25, 0.125], [0.125, 0.0625], [0.0625, 0.03125], [0.03125, 0.015625]])
    expect(rates { PolynomialLR($0) }, [[0.4, 0.2], [0.3, 0.15], [0.2, 0.1], [0.1, 0.05]])
    expect(
      rates { CosineAnnealingLR($0, tMax: 4) },
      [
        [0.42677669529663687, 0.21338834764831843], [0.25, 0.125],
        [0.07322330470336313, 0.03661165235168157], [0, 0],
      ])
  }

  @Test func `a plateau reduces the new group's rate too, unless each group has a least rate`() async {
    let optimizer = SGD([leaf(1)], lr: 0.5)
    let scheduler = ReduceLROnPlateau(optimizer) { $0.patience = 0 }
    optimizer.addParamGroup([leaf(2)]) { $0.lr = 0.25 }
    scheduler.step(1.0)
    scheduler.step(1.0)
    expectClose(optimizer.learningRates, [0.05, 0.025])
    await #expect(processExitsWith: .failure) {
      let optimizer = SGD([leaf(1)], lr: 0.5)
      let scheduler = ReduceLROnPlateau(optimizer) { ($0.patience, $0.minLR) = (0, [0.01]) }
      optimizer.addParamGroup([leaf(2)])
      scheduler.step(1.0)
      scheduler.step(1.0)
    }
  }

  @Test func `a schedule that goes from the first rates refuses a new group and changes nothing`() {
    let schedules: [(Optimizer) -> LRScheduler] = [
      { CosineAnnealingWarmRestarts($0, t0: 3) },
      { CyclicLR($0, baseLR: 0.5, maxLR: 0.75) { ($0.stepSizeUp, $0.maxMomentum) = (2, 0.9) } },
      { OneCycleLR($0, maxLR: 12.5, totalSteps: 10) { $0.maxMomentum = 0.9 } },
      { LambdaLR($0) { 1 / Double($0 + 1) } }, { MultiplicativeLR($0) { _ in 0.5 } },
    ]
    for make in schedules {
      let optimizer = SGD([leaf(1)], lr: 0.5, momentum: 0.9)
      let scheduler = make(optimizer)
      optimizer.addParamGroup([leaf(2)]) { $0.lr = 0.25 }
      #expect(
        message { () throws(ArrayError) in try scheduler.advance() }?
          .contains("the schedule has rates for 1 parameter groups, the optimizer has 2") == true)
      #expect(optimizer.learningRates == [0.5, 0.25])
      #expect(optimizer.momenta == [0.9, 0.9])
    }
    for make in [
      { StepLR($0, stepSize: 2) }, { CosineAnnealingLR($0, tMax: 4) },
    ] as [(Optimizer) -> LRScheduler] {
      let optimizer = SGD([leaf(1)], lr: 0.5)
      let scheduler = make(optimizer)
      optimizer.addParamGroup([leaf(2)]) { $0.lr = 0.25 }
      #expect(message { () throws(ArrayError) in try scheduler.advance(to: 2) } != nil)
      #expect(optimizer.learningRates == [0.5, 0.25])
    }
  }

  @Test func `a sequence refuses a group that its schedules do not know`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let optimizer = SGD([leaf(1)], lr: 0.5)
      let scheduler = StepLR(optimizer, stepSize: 2)
      optimizer.addParamGroup([leaf(2)])
      _ = SequentialLR(optimizer, schedulers: [scheduler], milestones: [])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("param 'initial_lr' is not specified in param_groups[1]"))
  }
}
