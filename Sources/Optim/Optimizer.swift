@_exported import Autograd

/// How one optimizer changes one parameter: its options are the stored properties, its formula is `update`.
///
/// An optimizer of the library is a rule; `RuleOptimizer` does the rest (groups, state, gradients that are absent).
public protocol UpdateRule: Sendable {
  /// What is remembered for a parameter between steps.
  associatedtype State

  /// PyTorch's name of the optimizer.
  static var name: String { get }
  /// The learning rate.
  var lr: Double { get set }
  /// The momentum, or the first beta; nil where the rule has neither. Cyclic schedules change it.
  var momentumLike: Double? { get set }
  /// Throws when an option makes no sense.
  func validate() throws(ArrayError)
  /// The state before the first step.
  func initialState(for parameter: NDArray) throws(ArrayError) -> State
  /// One step: changes the parameter and the state, given the gradient.
  func update(_ parameter: NDArray, _ gradient: NDArray, _ state: inout State) throws(ArrayError)
}

extension UpdateRule {
  public var momentumLike: Double? {
    get { nil }
    set {}
  }
}

/// What all optimizers have in common, and all that schedulers need to know of one.
open class Optimizer {
  /// The parameters, group by group.
  public internal(set) final var groups: [[Tensor]]

  init(_ groups: [[Tensor]], _ name: String) {
    self.groups = groups
    let all = groups.flatMap { $0 }
    if all.isEmpty { stop(.value("\(name): optimizer got an empty parameter list")) }
    if Set(all.map(ObjectIdentifier.init)).count != all.count {
      stop(.value("\(name): some parameters appear in more than one parameter group, or twice in one"))
    }
    for parameter in all where !parameter.isLeaf {
      stop(.value("\(name): can't optimize a non-leaf Tensor; give it the leaves"))
    }
  }

  /// The learning rate of each group.
  open var learningRates: [Double] {
    get { [] }
    set {}
  }
  /// The momentum (or first beta) of each group; nil where there is none.
  open var momenta: [Double?] {
    get { [] }
    set {}
  }

  /// Changes every parameter that has a gradient.
  open func step() {
    stop(.runtime("\(Swift.type(of: self)): step() is not implemented; override it"))
  }

  /// Empties the gradients of all parameters: none by default, else filled with zeros.
  public final func zeroGrad(setToNone: Bool = true) {
    for group in groups {
      for parameter in group { parameter.zeroGrad(setToNone: setToNone) }
    }
  }
}

/// An optimizer that changes each parameter by a rule.
public final class RuleOptimizer<Rule: UpdateRule>: Optimizer {
  /// The options of each group.
  public private(set) var rules: [Rule]
  private var states: [[Rule.State?]]

  /// One group per pair of parameters and rule. Stops when an option makes no sense or a parameter appears twice.
  public init(groups: [(parameters: [Tensor], rule: Rule)]) {
    rules = groups.map(\.rule)
    states = groups.map { Array(repeating: nil, count: $0.parameters.count) }
    for rule in rules { checked { () throws(ArrayError) in try rule.validate() } }
    super.init(groups.map(\.parameters), Rule.name)
  }

  public override var learningRates: [Double] {
    get { rules.map(\.lr) }
    set { for index in rules.indices { rules[index].lr = newValue[index] } }
  }
  public override var momenta: [Double?] {
    get { rules.map(\.momentumLike) }
    set { for index in rules.indices { rules[index].momentumLike = newValue[index] } }
  }

  public override func step() {
    noGrad {
      for group in rules.indices {
        for index in groups[group].indices {
          let parameter = groups[group][index]
          guard let gradient = parameter.grad else { continue }
          checked { () throws(ArrayError) in
            if states[group][index] == nil {
              states[group][index] = try rules[group].initialState(for: parameter.array)
            }
            try rules[group].update(parameter.array, gradient.array, &states[group][index]!)
          }
          parameter.array.storage.version += 1
        }
      }
    }
  }
}
