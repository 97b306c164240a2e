extension Session {
  /// Writes variables to an `.npz` file under their names: those given, or all of the graph.
  ///
  /// Throws when a variable has no value in this session, or the file cannot be written.
  public func save(to path: String, variables: [Symbol]? = nil) throws(SessionError) {
    var arrays = NamedArrays()
    for variable in variables ?? graph.variables {
      try checkVariable(variable, "save")
      guard let value = value(of: variable) else {
        throw .uninitialized(variable.name)
      }
      arrays[variable.name] = value
    }
    do { try Npz.write(arrays, to: path) } catch {
      throw SessionError(.savedVariables, "save: \(error)")
    }
  }

  /// Sets variables from an `.npz` file by their names: those given, or all of the graph. They need not be initialised before; arrays of
  /// other names in the file are left alone.
  ///
  /// Throws when the file cannot be read, lacks a variable, or has it with another dtype or shape; then no variable is changed.
  public func restore(from path: String, variables: [Symbol]? = nil) throws(SessionError) {
    let variables = variables ?? graph.variables
    for variable in variables { try checkVariable(variable, "restore") }
    let arrays: NamedArrays
    do { arrays = try Npz.read(path, names: variables.map(\.name)) } catch {
      throw SessionError(.savedVariables, "restore: \(error)")
    }
    for variable in variables {
      let array = arrays[variable.name]!
      guard variable.staticType.admits(array.type) else {
        throw SessionError(
          .savedVariables,
          "restore: \(path) has '\(variable.name)' as \(array.dtype)\(array.shape), but the variable is \(variable.staticType)"
        )
      }
    }
    setVariables(variables.map { ($0.port.node, arrays[$0.name]!) })
  }

  private func checkVariable(_ symbol: Symbol, _ what: String) throws(SessionError) {
    guard symbol.graph === graph, symbol.isVariable else {
      throw SessionError(
        .savedVariables, "\(what): '\(symbol.name)' is not a variable of the session's graph")
    }
  }
}
