import Foundation
import Optim
import Testing

/// State dictionaries: what continues from one is, bit for bit, what would have come without the interruption.
@Suite struct OptimizerStateTests {
  private static let options: [String: [String: OptionValue]] = [
    "SGD": ["momentum": 0.9, "weight_decay": 0.1], "RMSprop": ["momentum": 0.5, "centered": true],
    "Adam": ["amsgrad": true, "betas": [0.5, 0.9]], "ASGD": ["t0": 1.0],
    "LBFGS": ["lr": 0.1, "max_iter": 3, "line_search_fn": "strong_wolfe"],
  ]

  /// Steps along the gradient of a function that is different in every direction.
  private func train(_ p: Tensor, _ optimizer: Optimizer, steps: Int) {
    for _ in 0..<steps {
      optimizer.step {
        optimizer.zeroGrad()
        let loss = (p * p * tensor([1.0, 3.0, 0.5] as [Double]) + p).sum()
        loss.backward()
        return loss
      }
    }
  }

  @Test(arguments: OptimizerTable.names, ["npz", "safetensors"])
  func `training goes on from a file to the bit`(_ name: String, _ ending: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).\(ending)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let options = Self.options[name] ?? [:]
    let p = leaf(1, -2, 3)
    let optimizer = try OptimizerTable.make(name, [p], options)
    train(p, optimizer, steps: 4)
    try optimizer.stateDictionary.save(to: path)
    let q = tensor(p.toArray(of: Double.self), requiresGrad: true)
    train(p, optimizer, steps: 4)

    let other = try OptimizerTable.make(name, [q])
    other.loadStateDictionary(try OptimizerState(contentsOf: path))
    train(q, other, steps: 4)
    #expect(values(q) == values(p))
    #expect(values(q) != [1, -2, 3])
  }

  @Test func `entries have PyTorch's names`() {
    let p = leaf(1, 2, 3)
    let optimizer = Adam([p], lr: 0.5, amsgrad: true)
    train(p, optimizer, steps: 2)
    let state = optimizer.stateDictionary
    #expect(state.states[0]?.names == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"])
    #expect(state.states[0]?["step"]?.item(as: Double.self) == 2)
    #expect(state.groups[0].options["lr"] == 0.5)
    #expect(state.groups[0].options["betas"] == [0.9, 0.999])
    #expect(state.groups[0].options["amsgrad"] == true)
    #expect(state.groups[0].parameters == [0])
  }

  @Test func `plain gradient descent counts no steps, and parameters are numbered through the groups`() {
    let parameters = [leaf(1), leaf(2), leaf(3)]
    let optimizer = SGD(groups: [(Array(parameters[..<2]), SGDRule()), ([parameters[2]], SGDRule())])
    for parameter in parameters { parameter.grad = tensor([1.0] as [Double]) }
    optimizer.step()
    let state = optimizer.stateDictionary
    #expect(state.groups.map(\.parameters) == [[0, 1], [2]])
    #expect(state.states.keys.sorted() == [0, 1, 2])
    #expect(state.states.values.allSatisfy { $0.names.isEmpty })
  }

  @Test(arguments: ["SGD", "LBFGS"])
  func `a schedule can go on from the first rate that the dictionary holds`(_ name: String) throws {
    let optimizer = try OptimizerTable.make(name, [leaf(1)], ["lr": 0.5])
    let schedule = ExponentialLR(optimizer, gamma: 0.5)
    schedule.step()
    schedule.step()
    let other = try OptimizerTable.make(name, [leaf(1)])
    other.loadStateDictionary(optimizer.stateDictionary)
    #expect(other.initialLearningRates == [0.5])
    let rest = ExponentialLR(other, gamma: 0.5, lastEpoch: 2)
    #expect(rest.baseLRs == [0.5] && rest.lastEpoch == 3 && other.learningRates == [0.125])
    rest.step()
    schedule.step()
    #expect(other.learningRates == optimizer.learningRates)
  }

  @Test func `a group that is added has no first rate of a schedule yet`() {
    let optimizer = SGD([leaf(1)], lr: 0.5)
    _ = ExponentialLR(optimizer, gamma: 0.5)
    optimizer.addParamGroup([leaf(2)]) { $0.lr = 0.25 }
    #expect(optimizer.initialLearningRates == [0.5, nil])
  }

  @Test func `a dictionary stays as it was when training goes on`() {
    let p = leaf(1, 2, 3)
    let optimizer = SGD([p], lr: 0.1, momentum: 0.9)
    train(p, optimizer, steps: 1)
    let state = optimizer.stateDictionary
    let before = state.states[0]?["momentum_buffer"]?.toArray(of: Double.self)
    train(p, optimizer, steps: 1)
    #expect(state.states[0]?["momentum_buffer"]?.toArray(of: Double.self) == before)
    #expect(optimizer.stateDictionary.states[0]?["momentum_buffer"]?.toArray(of: Double.self) != before)
  }

  @Test func `other groups, other shapes and unknown entries are refused`() {
    let state = SGD([leaf(1)], lr: 0.1).stateDictionary
    #expect(
      message { () throws(ArrayError) in
        try SGD(groups: [([leaf(1)], SGDRule()), ([leaf(1)], SGDRule())]).restore(state)
      }?
      .contains("loaded state dict has a different number of parameter groups") == true)
    #expect(
      message { () throws(ArrayError) in try SGD([leaf(1), leaf(2)]).restore(state) }?
        .contains(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        == true)
    #expect(
      message { () throws(ArrayError) in try Adam([leaf(1)]).restore(state) }?
        .contains("unexpected keyword argument 'dampening'") == true)
    let p = leaf(1, 2, 3)
    let optimizer = Adam([p])
    train(p, optimizer, steps: 1)
    #expect(
      message { () throws(ArrayError) in try Adam([leaf(1)]).restore(optimizer.stateDictionary) }?
        .contains("the loaded 'exp_avg' has shape [3], the parameter [1]") == true)
    var foreign = Adam([leaf(1)]).stateDictionary
    foreign.states[0] = ["velocity": NDArray([1.0])]
    #expect(
      message { () throws(ArrayError) in try Adam([leaf(1)]).restore(foreign) }?
        .contains("the loaded state has 'velocity', which this optimizer does not keep") == true)
  }

  private static let malformed: [(NamedArrays, String)] = [
    (["state.-1.step": NDArray([1.0])], "'state.-1.step' is not one of state.N.NAME"),
    (["groups.0.lr": NDArray([1.0])], "'groups.0.lr' is not one of state.N.NAME"),
    (["state.step": NDArray([1.0])], "'state.step' is not one of state.N.NAME"),
    (
      ["param_groups.0.lr": NDArray([true, false])],
      "'param_groups.0.lr' of dtype bool and shape [2] is no option"
    ),
    (["param_groups.1.params": NDArray([0])], "group 0 is missing"),
  ]

  @Test func `arrays that are no optimizer's state are refused, in a file with its path`() throws {
    for (arrays, words) in Self.malformed {
      let text = message { () throws(ArrayError) in _ = try OptimizerState(arrays) }
      #expect(text?.contains(words) == true, "\(text ?? "")")
    }
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).npz").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.malformed[0].0.write(to: path)
    do {
      _ = try OptimizerState(contentsOf: path)
      Issue.record("expected an error")
    } catch {
      #expect("\(error)".contains(path) && "\(error)".contains(Self.malformed[0].1))
    }
  }
}

/// Expected values: PyTorch 2.15.0, `torch.nn.utils.clip_grad_norm_`, float64.
@Suite struct ClippingTests {
  @Test func `the Euclidean norm is meant unless another is named`() {
    let p = leaf(0, 0)
    p.grad = tensor([3.0, -4.0] as [Double])
    #expect(values(clipGradNorm_([p], maxNorm: 1)) == [5])
    expectClose(values(p.grad), [0.599999880000024, -0.799999840000032])
  }

  @Test func `a norm that is not finite makes gradients 0 or NaN unless it is refused`() {
    let p = leaf(0, 0)
    for (last, scaled) in [(Double.infinity, 0), (.nan, Double.nan)] {
      p.grad = tensor([3.0, last] as [Double])
      #expect(
        message { () throws(ArrayError) in
          _ = try clippingGradNorm([p], maxNorm: 1, errorIfNonfinite: true)
        }?.contains("The total norm of order 2.0 for gradients from `parameters` is non-finite") == true)
      #expect(values(p.grad)[0] == 3)
      let norm = values(clipGradNorm_([p], maxNorm: 1))[0]
      #expect(norm == last || norm.isNaN && last.isNaN)
      #expect(
        values(p.grad)[1].isNaN && (values(p.grad)[0] == scaled || scaled.isNaN && values(p.grad)[0].isNaN))
    }
  }

  @Test func `clipping is a change in place, which a backward pass that needs the old gradient sees`() {
    for clip in [{ clipGradValue_([$0], clipValue: 1) }, { _ = clipGradNorm_([$0], maxNorm: 1) }]
      as [(Tensor) -> Void]
    {
      let p = leaf(1, 2)
      let gradient = tensor([3.0, 4.0] as [Double], requiresGrad: true)
      let used = (gradient * gradient).sum()
      p.grad = gradient.detach()
      clip(p)
      #expect(throws: ArrayError.self) { try used.differentiate() }
    }
  }

  private func clip(_ maxNorm: Double, _ normType: Double = 2) -> [Double] {
    let (p, q, r) = (leaf(0, 0), leaf(0), leaf(0))
    p.grad = tensor([3.0, -4.0] as [Double])
    q.grad = tensor([12.0] as [Double])
    let norm = clipGradNorm_([p, q, r], maxNorm: maxNorm, normType: normType)
    #expect(r.grad == nil && norm.rank == 0 && norm.dtype == .float64)
    return values(norm) + values(p.grad) + values(q.grad)
  }

  @Test func `gradients are scaled together to a norm`() {
    expectClose(clip(1), [13, 0.23076921301775288, -0.3076922840236705, 0.9230768520710115])
    expectClose(clip(1, 1), [19, 0.15789472853185638, -0.21052630470914185, 0.6315789141274255])
    expectClose(
      clip(1, 3), [12.207054953820636, 0.2457595026474047, -0.32767933686320627, 0.9830380105896188])
    expectClose(clip(1, .infinity), [12, 0.24999997916666844, -0.3333333055555579, 0.9999999166666738])
  }

  @Test func `a small norm changes nothing`() {
    #expect(clip(100) == [13, 3, -4, 12])
  }

  @Test func `without gradients the norm is 0`() {
    #expect(values(clipGradNorm_([leaf(1)], maxNorm: 1)) == [0])
  }

  @Test func `each element is limited by value, a NaN stays`() {
    let p = tensor([0.0, 0, 0, 0] as [Double], shape: [2, 2], requiresGrad: true)
    p.grad = tensor([3.0, -4.0, 0.25, .nan] as [Double], shape: [2, 2])
    clipGradValue_([p, leaf(1)], clipValue: 0.5)
    #expect(Array(values(p.grad)[..<3]) == [0.5, -0.5, 0.25] && values(p.grad)[3].isNaN)
    p.grad = tensor([3.0, -4.0, 0.25, 1.0] as [Double], shape: [2, 2]).t()
    clipGradValue_([p], clipValue: 2)
    #expect(values(p.grad) == [2, 0.25, -2, 1])
    let every = tensor([3.0, 3.0, -4.0, 9.0] as [Double])
    let q = leaf(0, 0)
    q.grad = every.slice(0, step: 2)
    clipGradValue_([q], clipValue: 2)
    #expect(values(every) == [2, 3, -2, 9])
  }
}
