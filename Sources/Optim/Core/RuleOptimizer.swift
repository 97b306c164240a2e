/// An optimizer that changes each parameter by a rule.
public final class RuleOptimizer<Rule: UpdateRule>: Optimizer {
  /// The options of a group.
  public typealias Options = Rule

  /// The options of each group, to read and to change: `optimizer.options[0].lr = 0.01`.
  @exclusivity(unchecked) public var options: [Rule]
  /// What a new group starts from: the options the optimizer was made with.
  public let defaults: Rule
  /// What is remembered for each parameter; nil before its first step.
  @exclusivity(unchecked) private var states: [[Rule.State?]]
  /// How many steps there were for each parameter.
  @exclusivity(unchecked) private var steps: [[Double]]

  /// One group with these options. Stops when an option makes no sense, or the parameters are not distinct leaves.
  public convenience init(_ parameters: [Tensor], _ options: Rule) {
    self.init(groups: [(parameters, options)], defaults: options)
  }

  /// One group per pair of parameters and options. Stops when the parameters are not distinct leaves, or one of the `defaults`, from which
  /// later groups start, makes no sense. The options of a group are taken as they are, as in PyTorch: it may climb by a negative rate.
  public convenience init(groups: [(parameters: [Tensor], options: Rule)], defaults: Rule = Rule()) {
    do { try self.init(checking: groups, defaults: defaults) } catch { stop(error) }
  }

  /// The throwing form of `init(groups:defaults:)`.
  public init(checking groups: [(parameters: [Tensor], options: Rule)], defaults: Rule = Rule())
    throws(ArrayError)
  {
    try Optimizer.check(groups: groups.map(\.parameters), Rule.name)
    try defaults.validate()
    options = groups.map(\.options)
    self.defaults = defaults
    states = groups.map { Array(repeating: nil, count: $0.parameters.count) }
    steps = groups.map { Array(repeating: 0, count: $0.parameters.count) }
    super.init(checked: groups.map(\.parameters))
  }

  /// Adds a group with the optimizer's options, of which `change` may alter some:
  /// `optimizer.addParamGroup(head.parameters) { $0.lr = 0.01 }`. Stops unless the parameters are leaves of no other group.
  public func addParamGroup(_ parameters: [Tensor], _ change: (inout Rule) -> Void = { _ in }) {
    checked { () throws(ArrayError) in try add(group: parameters, change) }
  }

  /// The throwing form of `addParamGroup`.
  public func add(group parameters: [Tensor], _ change: (inout Rule) -> Void = { _ in }) throws(ArrayError) {
    try Optimizer.check(parameters, besides: groups, Rule.name)
    groups.append(parameters)
    options.append(defaults.with(change))
    initialLearningRates.append(nil)
    states.append(Array(repeating: nil, count: parameters.count))
    steps.append(Array(repeating: 0, count: parameters.count))
  }

  public override var learningRates: [Double] {
    get { options.map(\.lr) }
    set {
      requireOnePerGroup(newValue, "\(Rule.name): learningRates")
      for index in options.indices { options[index].lr = newValue[index] }
    }
  }
  public override var momenta: [Double?] {
    get { options.map(\.momentumLike) }
    set {
      requireOnePerGroup(newValue, "\(Rule.name): momenta")
      for index in options.indices { options[index].momentumLike = newValue[index] }
    }
  }

  public override func advance() throws(ArrayError) { try Rule.advance(self) }

  /// Changes every parameter that has a gradient; called by the rule, where its type is known.
  @inline(__always) final func changeParameters() throws(ArrayError) {
    for group in groups.indices {
      try changeParameters(groups[group], options[group], &states[group], &steps[group])
    }
  }

  @inline(__always) private func changeParameters(
    _ tensors: [Tensor], _ rule: Rule, _ states: inout [Rule.State?], _ steps: inout [Double]
  ) throws(ArrayError) {
    for index in tensors.indices {
      let tensor = tensors[index]
      guard let gradient = tensor.grad?.array else { continue }
      let parameter = tensor.array
      if states[index] == nil {
        try require(
          parameter.dtype.isFloatingPoint,
          .runtime("\(Rule.name): a parameter is \(parameter.dtype), but only floating ones can be changed"))
        states[index] = try rule.initialState(for: parameter, defaults: defaults)
      }
      steps[index] += 1
      if parameter.isContiguous && gradient.isContiguous {
        try rule.update(parameter, gradient, &states[index]!, number: steps[index])
      } else {
        let copy = try parameter.clone()
        try rule.update(copy, try gradient.contiguous(), &states[index]!, number: steps[index])
        parameter.write(from: copy)
      }
      parameter.storage.version += 1
    }
  }

  // MARK: State

  public override var stateDictionary: OptimizerState {
    checked { () throws(ArrayError) in
      var dictionary = OptimizerState()
      var number = 0
      for group in groups.indices {
        var entry = OptimizerState.Group(options: options[group].values)
        if let rate = initialLearningRates[group] { entry.options["initial_lr"] = .real(rate) }
        for (state, count) in zip(states[group], steps[group]) {
          entry.parameters.append(number)
          if let state {
            var arrays = NamedArrays()
            if Rule.countsSteps { arrays["step"] = NDArray([count], shape: []) }
            for field in Rule.stateFields { arrays[field.name] = try field.get(state)?.clone() }
            dictionary.states[number] = arrays
          }
          number += 1
        }
        dictionary.groups.append(entry)
      }
      return dictionary
    }
  }

  public override func restore(_ dictionary: OptimizerState) throws(ArrayError) {
    try dictionary.checkGroups(groups, Rule.name)
    var newOptions: [Rule] = []
    var newStates: [[Rule.State?]] = []
    var newSteps: [[Double]] = []
    var newRates: [Double?] = []
    for (group, entry) in dictionary.groups.enumerated() {
      var values = entry.options
      newRates.append(values.removeValue(forKey: "initial_lr")?.number)
      let rule = try Rule().setting(values).takenOver
      newOptions.append(rule)
      var list: [Rule.State?] = []
      var counts: [Double] = []
      for (tensor, number) in zip(groups[group], entry.parameters) {
        let arrays = dictionary.states[number]
        list.append(
          try arrays.map { (arrays) throws(ArrayError) in try Self.state(arrays, rule, tensor.array) })
        let count = try arrays?["step"]?.scalarValue().doubleValue
        counts.append(count ?? 0)
      }
      newStates.append(list)
      newSteps.append(counts)
    }
    (options, states, steps, initialLearningRates) = (newOptions, newStates, newSteps, newRates)
  }

  private static func state(
    _ arrays: NamedArrays, _ rule: Rule, _ parameter: NDArray
  ) throws(ArrayError) -> Rule.State {
    var state = try rule.initialState(for: parameter)
    for (name, array) in arrays where !(Rule.countsSteps && name == "step") {
      guard let field = Rule.stateFields.first(where: { $0.name == name }) else {
        throw .value("\(Rule.name): the loaded state has '\(name)', which this optimizer does not keep")
      }
      if !field.isArray {
        try field.set(&state, array)
        continue
      }
      try require(
        array.shape == parameter.shape,
        .value(
          "\(Rule.name): the loaded '\(name)' has shape \(array.shape), the parameter \(parameter.shape)"))
      let copy = try NDArray(uninitialized: parameter.shape, parameter.dtype)
      copy.write(from: array)
      try field.set(&state, copy)
    }
    return state
  }
}
