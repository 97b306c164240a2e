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
  /// Stops when there is no variable to train, or none with an influence on the loss.
  /// - Parameters:
  ///   - variables: the variables to move; nil: all trainable ones of the graph.
  ///   - globalStep: an integer variable to count the runs in, such as `graph.globalStep()`.
  @discardableResult
  public func minimize(
    _ loss: Symbol, variables: [Symbol]? = nil, globalStep: Symbol? = nil, fileID: String = #fileID,
    line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try minimizing(
        loss, variables: variables, globalStep: globalStep, at: SourceLocation(fileID, line))
    }
  }

  /// The throwing form of `minimize`.
  public func minimizing(
    _ loss: Symbol, variables: [Symbol]? = nil, globalStep: Symbol? = nil, at location: SourceLocation? = nil
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
      return try applying(Array(zip(gradients, variables)), globalStep: globalStep)
    }
  }

  /// A node that moves variables by gradients the caller has made, or changed (clipped, averaged). Pairs without a gradient are
  /// left out. Stops where a gradient does not fit its variable.
  @discardableResult
  public func apply(
    _ gradients: [(gradient: Symbol?, variable: Symbol)], globalStep: Symbol? = nil,
    fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      guard let graph = gradients.first?.variable.graph else {
        throw .value("\(name): no gradients were given")
      }
      return try graph.attributing(to: SourceLocation(fileID, line)) { () throws(ArrayError) in
        try applying(gradients, globalStep: globalStep)
      }
    }
  }

  private func applying(
    _ gradients: [(gradient: Symbol?, variable: Symbol)], globalStep: Symbol?
  ) throws(ArrayError) -> Symbol {
    let graph = gradients[0].variable.graph
    return try graph.withScope(name) { () throws(ArrayError) in
      var assignments: [Symbol] = []
      let slots = Slots(graph)
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
      return graph.group(assignments, name: "train")
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
  private var shared: [String: Symbol] = [:]
  private var atEnd: [Symbol] = []

  init(_ graph: Graph) { self.graph = graph }

  /// A new variable of `variable`'s type, every element `initial`, named `variable/name`.
  public func slot(_ name: String, for variable: Symbol, initial: Double) throws(ArrayError) -> Symbol {
    let array = try NDArray(full: variable.staticShape!, .float(initial), variable.dtype)
    return try declare("\(variable.name)/\(name)", array)
  }

  /// A 0-d variable shared by all of the optimizer's updates, multiplied by `factor` at the end of each run: `factor`ᵗ in step t.
  public func power(_ name: String, of factor: Double, _ dtype: DType) throws(ArrayError) -> Symbol {
    if let known = shared[name] { return known }
    let power = try declare(name, try NDArray(scalar: .float(factor), dtype))
    shared[name] = power
    atEnd.append(try power.assigning(.set, power.mul(factor)))
    return power
  }

  func finish() throws(ArrayError) -> [Symbol] { atEnd }

  /// Slots are named after their variable, whatever the scope `minimize` is called in.
  private func declare(_ name: String, _ initial: NDArray) throws(ArrayError) -> Symbol {
    let outer = graph.state.withLock { state in
      defer { state.scopes = [] }
      return state.scopes
    }
    defer { graph.state.withLock { $0.scopes = outer } }
    return try graph.declaring(
      name, false, graph.origin(nil),
      initial: { graph throws(ArrayError) in try graph.recordConstant(initial, name: "initial", at: nil) })
  }
}

extension Graph {
  /// An int64 variable that counts training steps, 0 at first; the same one each time it is asked for.
  public func globalStep(fileID: String = #fileID, line: Int = #line) -> Symbol {
    if let known = symbol(named: "global_step"), known.isVariable { return known }
    return variable(
      checked { () throws(ArrayError) in try NDArray(scalar: 0, .int64) }, name: "global_step",
      trainable: false, fileID: fileID, line: line)
  }
}
