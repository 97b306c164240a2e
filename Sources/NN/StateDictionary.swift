/// Which names of a state dictionary and a module did not meet.
public struct IncompatibleKeys: Sendable, Equatable {
  /// Names the module has and the dictionary lacks.
  public var missingKeys: [String] = []
  /// Names the dictionary has and the module lacks.
  public var unexpectedKeys: [String] = []

  /// No such names.
  public init() {}
}

extension Module {
  /// All parameters and persistent buffers by dotted name, a shared one under each of its names.
  ///
  /// As in PyTorch the arrays share the module's memory: they change when training goes on. `save(to:)` writes them at once.
  public final var stateDictionary: NamedArrays {
    var result = NamedArrays()
    for (name, tensor) in state(prefix: "") { result[name] = tensor.array }
    return result
  }

  /// PyTorch's order: own parameters, own buffers, then child by child.
  private func state(prefix: String) -> [(name: String, tensor: Tensor)] {
    checkRegistration()
    var result = ownParameters.map { (prefix + $0.name, $0.tensor) }
    for buffer in ownBuffers where buffer.isPersistent {
      result.append((prefix + buffer.name, buffer.tensor))
    }
    for (name, child) in ownChildren { result += child.state(prefix: prefix + name + ".") }
    return result
  }

  /// The names that begin with `prefix`, which is this module's, and belong to nothing in it: PyTorch's order, the module's own and then child
  /// by child.
  private func unexpected(in names: [String], prefix: String) -> [String] {
    let names = names.filter { $0.hasPrefix(prefix) }
    let own = Set(ownParameters.map(\.name) + ownBuffers.filter(\.isPersistent).map(\.name))
    let children = Set(ownChildren.map(\.name))
    var result = names.filter { name in
      let parts = name.dropFirst(prefix.count).split(
        separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      return !(parts.count > 1 ? children : own).contains(String(parts[0]))
    }
    for (name, child) in ownChildren { result += child.unexpected(in: names, prefix: prefix + name + ".") }
    return result
  }

  /// Copies the arrays of a state dictionary into the parameters and buffers of the same names, converted to their dtype.
  ///
  /// When `strict` every name must meet; otherwise the names that do not are returned. Stops with PyTorch's text otherwise, and always
  /// where the shapes differ; nothing has been changed then. `restore` is the throwing form.
  @discardableResult
  public final func loadStateDictionary(_ dictionary: NamedArrays, strict: Bool = true) -> IncompatibleKeys {
    checked { () throws(ArrayError) in try restore(dictionary, strict: strict) }
  }

  /// The throwing form of `loadStateDictionary`.
  @discardableResult
  public final func restore(
    _ dictionary: NamedArrays, strict: Bool = true
  ) throws(ArrayError) -> IncompatibleKeys {
    let own = state(prefix: "")
    var keys = IncompatibleKeys()
    keys.unexpectedKeys = unexpected(in: dictionary.names, prefix: "")
    var problems: [String] = []
    var copies: [(to: Tensor, from: NDArray)] = []
    for (name, tensor) in own {
      guard var array = dictionary[name] else {
        keys.missingKeys.append(name)
        continue
      }
      if tensor.rank == 0 && array.shape == [1] { array = array.strided([], [], offset: array.offset) }
      if array.shape == tensor.shape {
        copies.append((tensor, array))
      } else {
        problems.append(
          "size mismatch for \(name): copying a param with shape torch.Size(\(array.shape)) from checkpoint, the shape in current model is torch.Size(\(tensor.shape))."
        )
      }
    }
    if strict {
      func listed(_ list: [String]) -> String { list.map { "\"\($0)\"" }.joined(separator: ", ") }
      if !keys.unexpectedKeys.isEmpty {
        problems.insert("Unexpected key(s) in state_dict: \(listed(keys.unexpectedKeys)). ", at: 0)
      }
      if !keys.missingKeys.isEmpty {
        problems.insert("Missing key(s) in state_dict: \(listed(keys.missingKeys)). ", at: 0)
      }
    }
    if !problems.isEmpty {
      throw .runtime(
        "Error(s) in loading state_dict for \(moduleName):\n\t" + problems.joined(separator: "\n\t"))
    }
    for (tensor, array) in copies {
      tensor.array.write(from: array)
      tensor.array.storage.version += 1
    }
    return keys
  }

  // MARK: Files

  /// Writes the state dictionary to an `.npz` or `.safetensors` file; a file of that name is replaced. Throws when it cannot be written, or
  /// its name ends in neither.
  public final func save(to path: String) throws(ArrayFileError) { try stateDictionary.write(to: path) }

  /// Loads the state dictionary in an `.npz` or `.safetensors` file, as `loadStateDictionary` does. Throws when the file cannot be read
  /// or does not fit the module; nothing has been changed then.
  @discardableResult
  public final func load(from path: String, strict: Bool = true) throws(ArrayFileError) -> IncompatibleKeys {
    let arrays = try NamedArrays(contentsOf: path)
    do throws(ArrayError) { return try restore(arrays, strict: strict) } catch {
      throw ArrayFileError(.malformed, path, error.message)
    }
  }
}
