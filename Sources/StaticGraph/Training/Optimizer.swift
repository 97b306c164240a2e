/// Minimises a loss by adding nodes to its graph: gradients, state ("slots") and assignments. Nothing is calculated until a
/// session runs the node that `minimize` returns.
///
/// The rules and their conventions are TensorFlow 1's (`tf.train`); slots are variables named after the variable they belong to (`w/Momentum`),
/// so they are initialised, saved and restored with it.
public protocol GraphOptimizer: Sendable {
  /// The scope of the nodes it adds: `Adam`.
  var name: String { get }
  /// The dtype that rates and powers of rates are rounded to before they meet a variable; nil: the variable's own.
  ///
  /// TensorFlow holds them as float32 also beside float64 variables, so float32 here gives its digits.
  var precision: DType? { get set }
  /// Adds the nodes that update one variable; returns the assignments.
  func update(_ variable: Symbol, by gradient: Symbol, _ slots: Slots) throws(ArrayError) -> [Symbol]
}

extension GraphOptimizer {
  /// A node that moves the variables against the gradient of `loss`. It has no value.
  ///
  /// Stops when there is no variable to train, or none with an influence on the loss. What an optimizer keeps beside the variables it keeps
  /// for each call of its own; two calls share nothing.
  /// - Parameters:
  ///   - variables: the variables to move; nil: all trainable ones of the graph.
  ///   - globalStep: an integer variable to count the runs in, such as `graph.globalStep()`.
  ///   - name: the name of the node, and of the scope of all others; nil: the optimizer's.
  @discardableResult
  public func minimize(
    _ loss: Symbol, variables: [Symbol]? = nil, globalStep: Symbol? = nil, name: String? = nil,
    fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try minimizing(
        loss, variables: variables, globalStep: globalStep, name: name, at: SourceLocation(fileID, line))
    }
  }

  /// The throwing form of `minimize`.
  public func minimizing(
    _ loss: Symbol, variables: [Symbol]? = nil, globalStep: Symbol? = nil, name scope: String? = nil,
    at location: SourceLocation? = nil
  ) throws(ArrayError) -> Symbol {
    let graph = loss.graph
    return try graph.attributing(to: graph.origin(location)) { () throws(ArrayError) in
      let variables = variables ?? graph.trainableVariables
      for variable in variables {
        try require(variable.isVariable, .type("\(name): '\(variable.name)' is not a variable"))
      }
      try require(
        !variables.isEmpty,
        .value("\(name): there is no variable to train; make one with variable(_:name:) first"))
      let gradients = try graph.differentiating([loss], variables)
      try require(
        gradients.contains { $0 != nil },
        .value(
          "\(name): none of the variables \(variables.map(\.name).joined(separator: ", ")) has an influence on '\(loss.name)' through differentiable operations"
        ))
      return try applying(Array(zip(gradients, variables)), globalStep: globalStep, name: scope)
    }
  }

  /// A node that moves variables by gradients the caller has made, or changed (clipped, averaged). Pairs without a gradient are
  /// left out. Stops where a gradient does not fit its variable.
  @discardableResult
  public func apply(
    _ gradients: [(gradient: Symbol?, variable: Symbol)], globalStep: Symbol? = nil, name: String? = nil,
    fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      guard let graph = gradients.first?.variable.graph else {
        throw .value("\(self.name): no gradients were given")
      }
      return try graph.attributing(to: SourceLocation(fileID, line)) { () throws(ArrayError) in
        try applying(gradients, globalStep: globalStep, name: name)
      }
    }
  }

  private func applying(
    _ gradients: [(gradient: Symbol?, variable: Symbol)], globalStep: Symbol?, name scope: String?
  ) throws(ArrayError) -> Symbol {
    let graph = gradients[0].variable.graph
    let slots = Slots(graph)
    return try graph.withScope(scope ?? name) { scope throws(ArrayError) in
      var assignments: [Symbol] = []
      for (gradient, variable) in gradients {
        guard let gradient else { continue }
        try require(
          gradient.dtype == variable.dtype,
          .type("\(name): the gradient '\(gradient)' does not fit the variable '\(variable)'"))
        assignments += try update(variable, by: gradient, slots)
      }
      assignments += try slots.finish()
      if let globalStep {
        let one = try graph.recordConstant(try NDArray(scalar: 1, globalStep.dtype), name: "one", at: nil)
        assignments.append(try globalStep.assigning(.add, one))
      }
      return graph.group(assignments, name: scope)
    }
  }

  /// A rate as a plain number, rounded as `precision` asks.
  func rounded(_ rate: Double) -> Double { precision == .float32 ? Double(Float(rate)) : rate }
}

/// A number that an optimizer multiplies by: plain, or a value of the graph (a schedule calculated from the global step).
public enum Rate: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  case number(Double)
  case symbol(Symbol)

  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int) { self = .number(Double(value)) }

  /// `value` times this rate.
  func times(_ value: Symbol, _ optimizer: some GraphOptimizer) throws(ArrayError) -> Symbol {
    switch self {
    case .number(let number): value.mul(optimizer.rounded(number))
    case .symbol(let symbol):
      value.mul(symbol.dtype == value.dtype ? symbol : try Symbol.apply(Cast(value.dtype), symbol))
    }
  }
}

/// The variables that an optimizer keeps beside those it trains.
public final class Slots {
  private let graph: Graph
  /// The name scope around the optimizer's own.
  private let scope: String
  private var shared: [String: Symbol] = [:]
  private var atEnd: [Symbol] = []

  init(_ graph: Graph) {
    self.graph = graph
    scope = graph.state.withLock { $0.scopes.last ?? "" }
  }

  /// A new variable of `variable`'s type, every element `initial`, named `variable/name`. An optimizer asks for all of its slots by its own
  /// name: they are `w/Adam` and `w/Adam_1`, those of a second one `w/Adam_2` and `w/Adam_3`.
  public func slot(_ name: String, for variable: Symbol, initial: Double) throws(ArrayError) -> Symbol {
    let array = try NDArray(full: variable.staticShape!, .float(initial), variable.dtype)
    return try declare("\(variable.name)/\(name)", in: "", array)
  }

  /// A 0-d variable shared by all of the optimizer's updates, multiplied by `factor` at the end of each run: `factor`ᵗ in step t. It is
  /// named in the scope in which the optimizer was asked to do something.
  public func power(_ name: String, of factor: Double, _ dtype: DType) throws(ArrayError) -> Symbol {
    if let known = shared[name] { return known }
    let power = try declare(name, in: scope, try NDArray(scalar: .float(factor), dtype))
    shared[name] = power
    atEnd.append(try power.assigning(.set, power.mul(factor)))
    return power
  }

  func finish() throws(ArrayError) -> [Symbol] { atEnd }

  private func declare(_ name: String, in scope: String, _ initial: NDArray) throws(ArrayError) -> Symbol {
    try graph.withScope(scope.isEmpty ? "" : scope + "/") { _ throws(ArrayError) in
      try graph.declaring(
        name, false, graph.origin(nil),
        initial: { graph throws(ArrayError) in try graph.recordConstant(initial, name: "initial", at: nil) })
    }
  }
}

extension Graph {
  /// An int64 variable that counts training steps, 0 at first; the same one each time it is asked for, `global_step` in whatever scope.
  public func globalStep(fileID: String = #fileID, line: Int = #line) -> Symbol {
    if let known = symbol(named: "global_step"), known.isVariable { return known }
    return scope("") {
      variable(
        checked { () throws(ArrayError) in try NDArray(scalar: 0, .int64) }, name: "global_step",
        trainable: false, fileID: fileID, line: line)
    }
  }
}
