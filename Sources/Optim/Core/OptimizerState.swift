/// What an optimizer's state dictionary holds: the options of each group, and per parameter what was remembered.
///
/// Saved and loaded, training goes on as if it had not stopped, to the bit. As in PyTorch parameters are known by their number,
/// counted through the groups. Unlike PyTorch's the arrays are copies: the dictionary stays as it was when training goes on.
public struct OptimizerState: Sendable {
  /// One parameter group.
  public struct Group: Sendable {
    /// The options by PyTorch's names; `initial_lr` too when there is a schedule.
    public var options: [String: OptionValue]
    /// The numbers of its parameters.
    public var parameters: [Int] = []
  }

  /// The groups in order.
  public var groups: [Group] = []
  /// What is remembered for the parameter of a number; there is none before its first step.
  public var states: [Int: NamedArrays] = [:]

  init() {}

  /// Throws with PyTorch's words when the groups have other sizes.
  func checkGroups(_ own: [[Tensor]], _ name: String) throws(ArrayError) {
    try require(
      own.count == groups.count,
      .value(
        "\(name): loaded state dict has a different number of parameter groups: \(groups.count), not \(own.count)"
      ))
    for (mine, group) in zip(own, groups) {
      try require(
        mine.count == group.parameters.count,
        .value(
          "\(name): loaded state dict contains a parameter group that doesn't match the size of optimizer's group: \(group.parameters.count) parameters, not \(mine.count)"
        ))
    }
  }
}

// MARK: Files

extension OptimizerState {
  /// All of it as arrays by name, the form in files: `state.0.exp_avg`, `param_groups.0.params`, `param_groups.0.lr`.
  ///
  /// Options are 0-d (a pair [2]), float64, int64 or bool; a word is its UTF-8 bytes; an absent value is an empty bool array.
  public var arrays: NamedArrays {
    var result = NamedArrays()
    for (index, group) in groups.enumerated() {
      let prefix = "param_groups.\(index)."
      result[prefix + "params"] = NDArray(group.parameters)
      for (name, value) in group.options.sorted(by: { $0.key < $1.key }) {
        result[prefix + name] = value.array
      }
    }
    for (number, state) in states.sorted(by: { $0.key < $1.key }) {
      for (name, array) in state { result["state.\(number).\(name)"] = array }
    }
    return result
  }

  /// The dictionary from its arrays. Throws a value error for a name or an array that is not of the form of `arrays`.
  public init(_ arrays: NamedArrays) throws(ArrayError) {
    var found: [Int: Group] = [:]
    for (name, array) in arrays {
      let words = name.split(separator: ".", maxSplits: 2).map(String.init)
      guard words.count == 3, let number = Int(words[1]), number >= 0,
        words[0] == "state" || words[0] == "param_groups"
      else {
        throw .value("optimizer state: the name '\(name)' is not one of state.N.NAME and param_groups.N.NAME")
      }
      if words[0] == "state" {
        states[number, default: NamedArrays()][words[2]] = array
      } else if words[2] == "params" {
        found[number, default: Group(options: [:])].parameters = array.toArray(of: Int.self)
      } else {
        found[number, default: Group(options: [:])].options[words[2]] = try OptionValue(array, name)
      }
    }
    for index in 0..<found.count {
      guard let group = found[index] else { throw .value("optimizer state: group \(index) is missing") }
      groups.append(group)
    }
  }

  /// Writes the dictionary to a `.safetensors` or `.npz` file; a file of that name is replaced. Throws when it cannot be written, or
  /// its name ends in neither.
  public func save(to path: String) throws(ArrayFileError) { try arrays.write(to: path) }

  /// The dictionary in a `.safetensors` or `.npz` file. Throws when it cannot be read, or holds something else.
  public init(contentsOf path: String) throws(ArrayFileError) {
    let arrays = try NamedArrays(contentsOf: path)
    do throws(ArrayError) { try self.init(arrays) } catch {
      throw ArrayFileError(.malformed, path, error.message)
    }
  }
}

extension OptionValue {
  fileprivate var array: NDArray {
    switch self {
    case .none: NDArray([Bool]())
    case .flag(let value): NDArray([value], shape: [])
    case .integer(let value): NDArray([value], shape: [])
    case .real(let value): NDArray([value], shape: [])
    case .reals(let values): NDArray(values)
    case .word(let text): NDArray(Array(text.utf8))
    }
  }

  fileprivate init(_ array: NDArray, _ name: String) throws(ArrayError) {
    switch (array.dtype, array.rank) {
    case (.bool, 0): self = .flag(array.item())
    case (.bool, 1) where array.count == 0: self = .none
    case (.int64, 0): self = .integer(array.item())
    case (.float64, 0): self = .real(array.item())
    case (.float64, 1): self = .reals(array.toArray())
    case (.uint8, 1): self = .word(String(decoding: array.toArray(of: UInt8.self), as: UTF8.self))
    default:
      throw .value("optimizer state: '\(name)' of dtype \(array.dtype) and shape \(array.shape) is no option")
    }
  }
}
