// What a graph begins with: placeholders, constants and variables.

extension Graph {
  /// A value that is fed when the graph runs. `nil` sizes are open.
  public func placeholder(
    _ dtype: DType, shape: [Int?], name: String = "placeholder", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try placing(dtype, Shape(shape.map { $0 ?? Shape.unknown }), name, SourceLocation(fileID, line))
    }
  }

  /// A value of any rank that is fed when the graph runs.
  public func placeholder(
    _ dtype: DType, name: String = "placeholder", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in try placing(dtype, nil, name, SourceLocation(fileID, line)) }
  }

  /// The throwing form of `placeholder`: throws for a negative size.
  func placing(
    _ dtype: DType, _ shape: Shape?, _ name: String, _ location: SourceLocation?
  ) throws(ArrayError) -> Symbol {
    try require(
      shape?.allSatisfy { $0 >= 0 || $0 == Shape.unknown } ?? true,
      .value("placeholder '\(name)': negative size in \(shape!); leave an open size nil"))
    return try append(.placeholder, [], [StaticType(dtype, shape)], name: name, at: location)
  }

  /// A value that never changes. The elements are copied.
  public func constant(
    _ array: NDArray, name: String = "constant", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try recordConstant(try array.clone(), name: name, at: SourceLocation(fileID, line))
    }
  }

  /// A number as a 0-d constant.
  public func constant(
    _ number: some ScalarConvertible, _ dtype: DType? = nil, name: String = "constant",
    fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      let array = try NDArray(scalar: number.scalar, dtype ?? number.scalar.dtype)
      return try recordConstant(array, name: name, at: SourceLocation(fileID, line))
    }
  }

  /// A constant node over `array` itself.
  func recordConstant(
    _ array: NDArray, name: String, at location: SourceLocation?
  ) throws(ArrayError) -> Symbol {
    try append(.constant(array), [], [StaticType(array.dtype, array.shape)], name: name, at: location)
  }

  // MARK: Variables

  /// A value that a session keeps from run to run, set to `initial` when `initializer()` runs.
  public func variable(
    _ initial: NDArray, name: String = "variable", trainable: Bool = true, fileID: String = #fileID,
    line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      let location = SourceLocation(fileID, line)
      return try declaring(
        name, trainable, location,
        initial: { graph throws(ArrayError) in
          try graph.recordConstant(try initial.clone(), name: "initial", at: location)
        })
    }
  }

  /// A variable whose initial value is calculated by the graph: drawn at random, or from other variables' initial values.
  public func variable(
    initial: Symbol, name: String = "variable", trainable: Bool = true, fileID: String = #fileID,
    line: Int = #line
  ) -> Symbol {
    checkOwn(initial, "variable '\(name)'")
    return checked { () throws(ArrayError) in
      try declaring(name, trainable, SourceLocation(fileID, line), initial: { _ in initial })
    }
  }

  /// Makes `name`, `name/initial` and `name/assign`. The initial value's shape must be known.
  func declaring(
    _ name: String, _ trainable: Bool, _ location: SourceLocation,
    initial: (Graph) throws(ArrayError) -> Symbol
  ) throws(ArrayError) -> Symbol {
    // A variable belongs to no control dependencies, wherever it is made.
    let outer = state.withLock { state in
      defer { state.controlScopes = [] }
      return state.controlScopes
    }
    defer { state.withLock { $0.controlScopes = outer } }

    let unique = state.withLock { state in
      let unique = Graph.fullName(name, &state)
      state.scopes.append(unique)
      return unique
    }
    defer { state.withLock { _ = $0.scopes.popLast() } }
    let value = try initial(self)
    guard value.hasValue, let shape = value.staticShape, shape.isKnown else {
      throw .value(
        "variable '\(unique)': the initial value '\(value)' has no fully known shape; a variable needs one")
    }
    let variable = try append(
      .variable(trainable: trainable), [value], [value.staticType], exactly: unique, at: location)
    let assignment = try variable.recordAssignment(.set, value, name: "assign", at: location)
    state.withLock { $0.initializations.append(assignment.port.node) }
    return variable
  }

  /// All variables, in the order they were made.
  public var variables: [Symbol] {
    let (ids, nodes) = state.withLock { ($0.variables, $0.nodes) }
    return ids.map { Symbol(self, nodes[$0], 0) }
  }

  /// The variables an optimizer changes when it is not told which.
  public var trainableVariables: [Symbol] {
    variables.filter { if case .variable(trainable: true) = $0.node.kind { true } else { false } }
  }

  /// Sets every variable made so far to its initial value. Run it before the first run that reads variables.
  public func initializer(
    name: String = "initialize", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    let (ids, nodes) = state.withLock { ($0.initializations, $0.nodes) }
    return group(ids.map { Symbol(self, nodes[$0], 0) }, name: name, fileID: fileID, line: line)
  }
}

extension Symbol {
  /// The variable's initial value, for another variable's initial value to start from.
  public var initialValue: Symbol {
    guard isVariable else { stop(.type("initialValue: '\(name)' is not a variable")) }
    let port = node.inputs[0]
    return Symbol(graph, graph.node(port.node), port.output)
  }

  /// Reads a variable again: a node of its own, which runs after the control dependencies it is made under.
  public func read(name: String = "read", fileID: String = #fileID, line: Int = #line) -> Symbol {
    checked { () throws(ArrayError) in
      guard isVariable else { throw .type("read: '\(self.name)' is not a variable") }
      return try reading(name: name, at: SourceLocation(fileID, line))
    }
  }

  func reading(name: String = "read", at location: SourceLocation? = nil) throws(ArrayError) -> Symbol {
    try graph.append(.read, [self], [staticType], name: name, at: location)
  }

  /// Sets this variable to `value` when it runs; the result is the new value.
  @discardableResult
  public func assign(
    _ value: Symbol, name: String = "assign", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try assigning(.set, value, name: name, at: SourceLocation(fileID, line))
    }
  }
  /// Adds `value` to this variable when it runs; the result is the new value.
  @discardableResult
  public func assignAdd(
    _ value: Symbol, name: String = "assign_add", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try assigning(.add, value, name: name, at: SourceLocation(fileID, line))
    }
  }
  /// Subtracts `value` from this variable when it runs; the result is the new value.
  @discardableResult
  public func assignSub(
    _ value: Symbol, name: String = "assign_sub", fileID: String = #fileID, line: Int = #line
  ) -> Symbol {
    checked { () throws(ArrayError) in
      try assigning(.subtract, value, name: name, at: SourceLocation(fileID, line))
    }
  }

  /// The throwing form of the assignments: refuses what is not a variable, another dtype, a shape that cannot be the variable's.
  public func assigning(
    _ assignment: Assignment, _ value: Symbol, name: String? = nil, at location: SourceLocation? = nil
  ) throws(ArrayError) -> Symbol {
    let place = graph.origin(location).text.map { " (made at \($0))" } ?? ""
    let operation = assignment.rawValue
    guard isVariable else {
      throw .type("\(operation): '\(self.name)' is not a variable and cannot be assigned to\(place)")
    }
    guard value.hasValue else { throw .type("\(operation): '\(value.name)' has no value to assign\(place)") }
    try require(
      value.dtype == dtype,
      .type(
        "\(operation): variable '\(self.name)' is \(dtype), but '\(value.name)' is \(value.dtype)\(place)"))
    if let shape = value.staticShape, let own = staticShape, !own.agrees(with: shape) {
      throw .value(
        "\(operation): variable '\(self.name)' has shape \(own), but '\(value.name)' has \(shape)\(place)")
    }
    return try recordAssignment(assignment, value, name: name ?? operation, at: location)
  }

  fileprivate func recordAssignment(
    _ assignment: Assignment, _ value: Symbol, name: String, at location: SourceLocation?
  ) throws(ArrayError) -> Symbol {
    try graph.append(.assign(assignment), [self, value], [staticType], name: name, at: location)
  }
}
