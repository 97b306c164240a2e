import Optim
import Testing

/// What holds for every optimizer. Expected values: PyTorch 2.15.0, float64, or as stated.
@Suite struct OptimizerTests {
  @Test func `a parameter without a gradient stays`() {
    let (p, q) = (leaf(1, 2), leaf(3))
    let optimizer = Adam([p, q], lr: 0.1)
    p.grad = tensor([1.0, -1.0] as [Double])
    optimizer.step()
    #expect(values(q) == [3])
    #expect(values(p) != [1, 2])
    #expect(optimizer.stateDictionary.states[1] == nil)
  }

  @Test
  func `a step changes the tensor in place, unrecorded, and a backward pass over old values is refused`() {
    let p = leaf(1, 2)
    let alias = p.detach()
    let loss = (p * p).sum()
    p.grad = tensor([1.0, 1.0] as [Double])
    SGD([p], lr: 0.5).step()
    #expect(values(alias) == [0.5, 1.5])
    #expect(p.isLeaf && p.requiresGrad)
    #expect(throws: ArrayError.self) { try loss.differentiate() }
  }

  @Test func `a step with a closure evaluates it with recording on and returns its loss`() {
    let p = leaf(3)
    let optimizer = SGD([p], lr: 0.1)
    let loss = noGrad {
      optimizer.step {
        optimizer.zeroGrad()
        let loss = (p * p).sum()
        loss.backward()
        return loss
      }
    }
    #expect(values(loss) == [9])
    expectClose(values(p), [2.4])
  }

  @Test func `zeroGrad empties the gradients, or fills them with zeros`() {
    let p = leaf(1)
    let optimizer = SGD([p])
    p.grad = tensor([2.0] as [Double])
    optimizer.zeroGrad(setToNone: false)
    #expect(values(p.grad) == [0])
    optimizer.zeroGrad()
    #expect(p.grad == nil)
  }

  @Test(arguments: OptimizerTable.names.filter { $0 != "LBFGS" })
  func `transposed parameters and gradients are changed element by element`(_ name: String) throws {
    let plain = tensor([1.0, 2, 3, 4, 5, 6] as [Double], shape: [2, 3]).requiresGrad_()
    let turned = tensor([1.0, 4, 2, 5, 3, 6] as [Double], shape: [3, 2]).t().detach().requiresGrad_()
    let optimizers = (
      try OptimizerTable.make(name, [plain]), try OptimizerTable.make(name, [turned])
    )
    for sign in [1.0, -0.5, 2] {
      let gradient = tensor([0.5, -1, 2, 0, 3, -2] as [Double], shape: [2, 3]).mul(sign)
      plain.grad = gradient
      turned.grad = gradient.t().mul(1).t()
      optimizers.0.step()
      optimizers.1.step()
    }
    #expect(values(turned) == values(plain))
    #expect(values(plain) != [1, 2, 3, 4, 5, 6])
  }

  @Test(arguments: OptimizerTable.names.filter { $0 != "LBFGS" })
  func `parameter and gradient may lie differently in memory, also in a later group`(_ name: String) throws {
    func after(_ turn: (Tensor) -> Tensor, _ turnGradient: (Tensor) -> Tensor) throws -> [Double] {
      let p = turn(tensor([1.0, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])).requiresGrad_()
      let optimizer = try OptimizerTable.make(name, groups: [([leaf(0)], [:]), ([p], ["lr": 0.5])])
      p.grad = turnGradient(tensor([0.5, -1, 2, 0, 3, -2] as [Double], shape: [2, 3]))
      optimizer.step()
      return values(p)
    }
    func turned(_ x: Tensor) -> Tensor { x.t().mul(1).t() }
    let expected = try after({ $0 }, { $0 })
    #expect(try after(turned, { $0 }) == expected)
    #expect(try after({ $0 }, turned) == expected)
  }

  @Test func `a parameter behind one without a gradient is changed, an integer one refused`() {
    let (p, q) = (leaf(1), leaf(2))
    q.grad = tensor([1.0] as [Double])
    SGD([p, q], lr: 0.5).step()
    #expect(values(p) + values(q) == [1, 1.5])
    let count = tensor([1])
    count.grad = tensor([1])
    #expect(
      message { () throws(ArrayError) in try SGD([count]).advance() }?
        .contains("a parameter is int64, but only floating ones can be changed") == true)
  }

  @Test func `an empty parameter is passed over`() {
    let empty = Tensor.zeros([0], dtype: .float64, requiresGrad: true)
    empty.grad = Tensor.zeros([0], dtype: .float64)
    Adam([empty]).step()
    #expect(empty.count == 0)
  }

  @Test(arguments: OptimizerTable.names)
  func `every optimizer finds the least point of a parabola`(_ name: String) throws {
    let p = leaf(3, -2)
    let rates: [String: Double] = [
      "SGD": 0.1, "Adagrad": 1, "Adadelta": 20, "ASGD": 0.1, "RAdam": 0.1, "LBFGS": 0.5,
    ]
    let optimizer = try OptimizerTable.make(name, [p], ["lr": .real(rates[name] ?? 0.05)])
    for _ in 0..<500 {
      optimizer.step {
        optimizer.zeroGrad()
        let loss = (p - 1).square().sum()
        loss.backward()
        return loss
      }
    }
    expectClose(values(p), [1, 1], 0.03)
  }
}

/// Parameter groups. Expected values: PyTorch 2.15.0, float64.
@Suite struct ParameterGroupTests {
  @Test func `each group has its own options, a new one those of the optimizer but for what is said`() {
    let (p, q, r) = (leaf(1), leaf(2), leaf(3))
    let optimizer = SGD([p], lr: 0.1, momentum: 0.9)
    optimizer.addParamGroup([q]) { $0.lr = 0.01 }
    for step in 0..<3 {
      for parameter in [p, q, r] { parameter.grad = tensor([1.0] as [Double]) }
      optimizer.step()
      if step == 1 { optimizer.addParamGroup([r]) { $0.momentum = 0 } }
    }
    expectClose(values(p) + values(q) + values(r), [0.439, 1.9439, 2.9])
    #expect(optimizer.learningRates == [0.1, 0.01, 0.1])
    #expect(optimizer.momenta == [0.9, 0.9, 0])
  }

  @Test func `a group that is added is checked as those before`() async {
    let p = leaf(1)
    #expect(
      message { () throws(ArrayError) in try SGD([p]).add(group: [p]) }?
        .contains("some parameters appear in more than one parameter group") == true)
    await #expect(processExitsWith: .failure) {
      let p = leaf(1)
      SGD([p]).addParamGroup([p])
    }
  }

  @Test func `momenta are those of each group`() {
    let optimizer = SGD(groups: [([leaf(1)], SGDRule()), ([leaf(1)], SGDRule())])
    optimizer.momenta = [0.5, 0.9]
    #expect(optimizer.options.map(\.momentum) == [0.5, 0.9])
  }

  @Test func `groups may be empty at first`() {
    let optimizer = SGD(groups: [([], SGDRule()), ([], SGDRule())])
    optimizer.step()
    #expect(optimizer.learningRates == [1e-3, 1e-3])
  }

  @Test func `options may be changed between steps`() {
    let p = leaf(1)
    let optimizer = SGD([p], lr: 0.5)
    p.grad = tensor([1.0] as [Double])
    optimizer.options[0].lr = 0.25
    optimizer.step()
    #expect(values(p) == [0.75])
    optimizer.learningRates = [1]
    optimizer.step()
    #expect(values(p) == [-0.25])
  }

  @Test func `groups by name take their options over the common ones`() throws {
    let (p, q) = (leaf(1), leaf(1))
    let optimizer = try OptimizerTable.make(
      "SGD", groups: [([p], [:]), ([q], ["lr": 0.5])], ["lr": 0.25])
    for parameter in [p, q] { parameter.grad = tensor([1.0] as [Double]) }
    optimizer.step()
    #expect(values(p) + values(q) == [0.75, 0.5])
  }

  @Test func `no parameter, a non-leaf and a parameter in two groups are refused in PyTorch's words`() {
    let p = leaf(1)
    #expect(
      message { () throws(ArrayError) in _ = try OptimizerTable.make("SGD", []) }?
        .contains("optimizer got an empty parameter list") == true)
    #expect(
      message { () throws(ArrayError) in _ = try OptimizerTable.make("SGD", [p * 2]) }?
        .contains("can't optimize a non-leaf Tensor") == true)
    #expect(
      message { () throws(ArrayError) in
        _ = try OptimizerTable.make("SGD", groups: [([p], [:]), ([p], [:])])
      }?.contains("some parameters appear in more than one parameter group") == true)
    let kept = p * 2
    kept.retainGrad()
    #expect(throws: Never.self) { _ = try OptimizerTable.make("SGD", [kept]) }
  }

  @Test func `L-BFGS has one group`() {
    let (p, q) = (leaf(1), leaf(1))
    #expect(
      message { () throws(ArrayError) in
        _ = try OptimizerTable.make("LBFGS", groups: [([p], [:]), ([q], [:])])
      }?.contains("LBFGS doesn't support per-parameter options (parameter groups)") == true)
  }
}

/// Expected values: PyTorch 2.15.0, `param_groups[0]` of each optimizer made without options.
@Suite struct DefaultOptionTests {
  private static let expected: [String: [String: OptionValue]] = [
    "SGD": [
      "lr": 0.001, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": false,
      "maximize": false,
    ],
    "Adagrad": [
      "lr": 0.01, "lr_decay": 0.0, "eps": 1e-10, "weight_decay": 0.0, "initial_accumulator_value": 0.0,
      "maximize": false,
    ],
    "Adadelta": ["lr": 1.0, "rho": 0.9, "eps": 1e-06, "weight_decay": 0.0, "maximize": false],
    "RMSprop": [
      "lr": 0.01, "momentum": 0.0, "alpha": 0.99, "eps": 1e-08, "centered": false, "weight_decay": 0.0,
      "maximize": false,
    ],
    "Adam": [
      "lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.0, "amsgrad": false,
      "maximize": false, "decoupled_weight_decay": false,
    ],
    "AdamW": [
      "lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.01, "amsgrad": false,
      "maximize": false, "decoupled_weight_decay": true,
    ],
    "Adamax": ["lr": 0.002, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.0, "maximize": false],
    "NAdam": [
      "lr": 0.002, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.0, "momentum_decay": 0.004,
      "decoupled_weight_decay": false, "maximize": false,
    ],
    "RAdam": [
      "lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-08, "weight_decay": 0.0, "maximize": false,
      "decoupled_weight_decay": false,
    ],
    "Rprop": ["lr": 0.01, "etas": [0.5, 1.2], "step_sizes": [1e-06, 50.0], "maximize": false],
    "ASGD": [
      "lr": 0.01, "lambd": 0.0001, "alpha": 0.75, "t0": 1000000.0, "weight_decay": 0.0, "maximize": false,
    ],
    "LBFGS": [
      "lr": 1.0, "max_iter": 20, "max_eval": 25, "tolerance_grad": 1e-07, "tolerance_change": 1e-09,
      "history_size": 100, "line_search_fn": nil, "maximize": false,
    ],
  ]

  private func options(_ optimizer: Optimizer) -> [String: OptionValue] {
    optimizer.stateDictionary.groups[0].options
  }

  @Test func `an option that is not given has PyTorch's default, in Swift and by name`() throws {
    let made: [String: Optimizer] = [
      "SGD": SGD([leaf(1)]), "Adagrad": Adagrad([leaf(1)]), "Adadelta": Adadelta([leaf(1)]),
      "RMSprop": RMSprop([leaf(1)]), "Adam": Adam([leaf(1)]), "AdamW": AdamW([leaf(1)]),
      "Adamax": Adamax([leaf(1)]), "NAdam": NAdam([leaf(1)]), "RAdam": RAdam([leaf(1)]),
      "Rprop": Rprop([leaf(1)]), "ASGD": ASGD([leaf(1)]), "LBFGS": LBFGS([leaf(1)]),
    ]
    #expect(made.keys.sorted() == OptimizerTable.names)
    for (name, optimizer) in made {
      #expect(options(optimizer) == Self.expected[name], "\(name)")
      #expect(options(try OptimizerTable.make(name, [leaf(1)])) == Self.expected[name], "\(name) by name")
    }
  }

  @Test func `each option by name is its own`() throws {
    for (name, defaults) in Self.expected {
      var given = defaults
      for (index, option) in defaults.keys.sorted().enumerated() {
        let number = 1 / Double(index + 2)
        switch defaults[option] {
        case .flag(let value): given[option] = .flag(option == "nesterov" ? value : !value)
        case .integer(let value): given[option] = .integer(value + index + 1)
        case .real: given[option] = .real(number)
        case .reals: given[option] = option == "etas" ? [0.25, 1.5] : [number, number / 2]
        default: given[option] = "strong_wolfe"
        }
      }
      #expect(options(try OptimizerTable.make(name, [leaf(1)], given)) == given, "\(name)")
    }
  }

  @Test func `a schedule reads and sets the momentum, or the first beta where that is the like`() throws {
    for name in OptimizerTable.names {
      let optimizer = try OptimizerTable.make(name, groups: [([leaf(1)], [:])])
      let first: Double? =
        switch name {
        case "SGD", "RMSprop": 0
        case "Adam", "AdamW", "Adamax", "NAdam", "RAdam": 0.9
        default: nil
        }
      #expect(optimizer.momenta == [first], "\(name)")
      optimizer.momenta = [0.25]
      #expect(optimizer.momenta == [first == nil ? nil : 0.25], "\(name)")
      if first == 0.9 { #expect(options(optimizer)["betas"] == [0.25, 0.999], "\(name)") }
    }
  }
}

/// Expected words: PyTorch 2.15.0.
@Suite struct OptionTests {
  private static let refused: [(String, [String: OptionValue], String)] = [
    ("SGD", ["lr": -0.5], "Invalid learning rate: -0.5"),
    ("SGD", ["momentum": -1.0], "Invalid momentum value: -1.0"),
    ("SGD", ["weight_decay": -0.1], "Invalid weight_decay value: -0.1"),
    ("SGD", ["nesterov": true], "Nesterov momentum requires a momentum and zero dampening"),
    (
      "SGD", ["nesterov": true, "momentum": 0.9, "dampening": 0.1],
      "Nesterov momentum requires a momentum and zero dampening"
    ),
    ("Adagrad", ["lr_decay": -1.0], "Invalid lr_decay value: -1.0"),
    ("Adagrad", ["initial_accumulator_value": -1.0], "Invalid initial_accumulator_value value: -1.0"),
    ("Adadelta", ["rho": 1.5], "Invalid rho value: 1.5"),
    ("RMSprop", ["alpha": -0.1], "Invalid alpha value: -0.1"),
    ("RMSprop", ["eps": -1.0], "Invalid epsilon value: -1.0"),
    ("Adam", ["betas": [1.0, 0.9]], "Invalid beta parameter at index 0: 1.0"),
    ("AdamW", ["betas": [0.9, -0.1]], "Invalid beta parameter at index 1: -0.1"),
    ("Adamax", ["betas": [0.9, 1.0]], "Invalid beta parameter at index 1: 1.0"),
    ("NAdam", ["momentum_decay": -1.0], "Invalid momentum_decay value: -1.0"),
    ("RAdam", ["eps": -1.0], "Invalid epsilon value: -1.0"),
    ("Rprop", ["etas": [0.0, 1.2]], "Invalid eta values: 0.0, 1.2"),
    ("Rprop", ["etas": [1.0, 1.2]], "Invalid eta values: 1.0, 1.2"),
    ("Rprop", ["etas": [0.5, 1.0]], "Invalid eta values: 0.5, 1.0"),
    ("ASGD", ["lambd": -1.0], "Invalid lambd value: -1.0"),
    ("ASGD", ["alpha": -1.0], "Invalid alpha value: -1.0"),
    ("LBFGS", ["lr": -1.0], "Invalid learning rate: -1.0"),
  ]

  @Test func `options that make no sense are refused in PyTorch's words`() {
    for (name, options, words) in Self.refused {
      let text = message { () throws(ArrayError) in
        _ = try OptimizerTable.make(name, [leaf(1)], options)
      }
      #expect(text == "\(name): \(words)")
    }
    for name in OptimizerTable.names {
      #expect(
        message { () throws(ArrayError) in _ = try OptimizerTable.make(name, [leaf(1)], ["lr": -1.0]) }
          == "\(name): Invalid learning rate: -1.0")
    }
  }

  @Test func `the stopping form stops with the same words`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SGD([leaf(1)], lr: -1)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("SGD: Invalid learning rate: -1.0"))
  }

  @Test func `unknown names and values of another kind are refused`() {
    #expect(
      message { () throws(ArrayError) in _ = try OptimizerTable.make("Sgd", [leaf(1)]) }?
        .contains("there is no optimizer 'Sgd'") == true)
    #expect(
      message { () throws(ArrayError) in _ = try OptimizerTable.make("SGD", [leaf(1)], ["eps": 1.0]) }?
        .contains("unexpected keyword argument 'eps'") == true)
    #expect(
      message { () throws(ArrayError) in
        _ = try OptimizerTable.make("Adam", [leaf(1)], ["betas": 0.9])
      }?.contains("betas must be a pair of numbers, not 0.9") == true)
  }
}
