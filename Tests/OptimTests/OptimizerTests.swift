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
