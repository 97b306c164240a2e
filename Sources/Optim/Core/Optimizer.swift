@_exported import Autograd

/// What all optimizers have in common, and all that schedulers need to know of one.
open class Optimizer {
  /// The parameters, group by group.
  @exclusivity(unchecked) public internal(set) final var groups: [[Tensor]]
  /// The learning rate each group had when its first schedule began (PyTorch's `initial_lr`); nil without a schedule.
  public internal(set) final var initialLearningRates: [Double?]

  init(checked groups: [[Tensor]]) {
    self.groups = groups
    initialLearningRates = Array(repeating: nil, count: groups.count)
  }

  /// The learning rate of each group. Setting stops unless there is one number for each.
  open var learningRates: [Double] {
    get { [] }
    set {}
  }
  /// The momentum (or first beta) of each group; nil where there is none. Setting nil changes nothing, and stops unless there is one
  /// entry for each.
  open var momenta: [Double?] {
    get { [] }
    set {}
  }

  /// Changes every parameter that has a gradient.
  public final func step() { checked { () throws(ArrayError) in try advance() } }

  /// Calculates the loss by `closure`, which also does the backward pass, then changes the parameters. Returns the loss.
  @discardableResult public final func step(_ closure: () -> Tensor) -> Tensor {
    checked { () throws(ArrayError) in try advance(closure) }
  }

  /// The throwing form of `step()`.
  open func advance() throws(ArrayError) {
    throw .runtime("\(Swift.type(of: self)): advance() is not implemented; override it")
  }

  /// The throwing form of `step(_:)`.
  @discardableResult open func advance(_ closure: () -> Tensor) throws(ArrayError) -> Tensor {
    let loss = enableGrad(closure)
    try advance()
    return loss
  }

  /// Empties the gradients of all parameters: none by default, else filled with zeros.
  public final func zeroGrad(setToNone: Bool = true) {
    for group in groups {
      for parameter in group { parameter.zeroGrad(setToNone: setToNone) }
    }
  }

  /// Options and state, to continue later; the arrays are copies.
  open var stateDictionary: OptimizerState {
    stop(.runtime("\(Swift.type(of: self)): stateDictionary is not implemented; override it"))
  }

  /// Takes over options and state. Stops when the parameter groups differ. `restore` is the throwing form.
  public final func loadStateDictionary(_ dictionary: OptimizerState) {
    checked { () throws(ArrayError) in try restore(dictionary) }
  }

  /// The throwing form of `loadStateDictionary`.
  open func restore(_ dictionary: OptimizerState) throws(ArrayError) {
    throw .runtime("\(Swift.type(of: self)): restore(_:) is not implemented; override it")
  }

  // MARK: Checks

  /// Stops unless there is one value for each group.
  final func requireOnePerGroup<Value>(_ values: [Value], _ name: @autoclosure () -> String) {
    guard values.count != groups.count else { return }
    stop(
      .value("\(name()) got \(values.count) values for \(groups.count) parameter groups; give one for each"))
  }

  /// Throws a value error when `new` is not a list of distinct leaves, or has one that `old` groups have.
  static func check(
    _ new: [Tensor], besides old: [[Tensor]] = [], _ name: String
  ) throws(ArrayError) {
    for parameter in new where !(parameter.isLeaf || parameter.retainsGrad) {
      throw .value("\(name): can't optimize a non-leaf Tensor; give it the leaves")
    }
    var seen = Set(old.joined().map(ObjectIdentifier.init))
    for parameter in new where !seen.insert(ObjectIdentifier(parameter)).inserted {
      throw .value("\(name): some parameters appear in more than one parameter group, or twice in one")
    }
  }

  /// Throws a value error unless there is a group, all leaves, no parameter twice.
  static func check(groups: [[Tensor]], _ name: String) throws(ArrayError) {
    try require(
      groups.count > 1 || groups.first?.isEmpty == false,
      .value("\(name): optimizer got an empty parameter list"))
    for index in groups.indices { try check(groups[index], besides: Array(groups[..<index]), name) }
  }
}
