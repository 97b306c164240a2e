/// Kernels in which functions of the library are called.
extension NativeKernel {
  /// The function for a range, by loops and calls over tiles.
  mutating func tiles() -> String {
    var tiles = Tiles(self)
    for step in kernel.steps where !NativeKernel.isSum(step) { tiles.add(step, &self) }
    tiles.closeLoop()
    tiles.addSums(self)
    let leaf = tiles.declarations + tiles.body
    return range(kernel.count > NativeKernel.tile ? split(leaf, limit: "TILE") : leaf)
  }
}

/// The lines of a kernel over one tile.
private struct Tiles {
  private(set) var declarations: [String]
  private(set) var body: [String] = []
  /// The values that must lie in an array: read by another loop, a kernel or a sum.
  private var inArrays: Set<Int> = []
  private var loop: [String] = []
  private var atHand: Set<Int> = []

  init(_ kernel: NativeKernel) {
    declarations = kernel.arguments.map { $0.declaration(from: "start") }
    findArrays(kernel)
  }

  /// Finds which calculated values are read outside the loop that calculates them.
  private mutating func findArrays(_ kernel: NativeKernel) {
    inArrays = kernel.outputs
    var loopOf: [Int: Int] = [:]
    var current = 0
    for step in kernel.kernel.steps {
      let calls = NativeKernel.isSum(step) || kernel.expression(step) == nil
      if calls && !NativeKernel.isSum(step) { current += 1 }
      for input in step.inputs where loopOf[input] != nil {
        if calls || loopOf[input] != current { inArrays.insert(input) }
      }
      if calls {
        inArrays.insert(step.results[0])
      } else {
        loopOf[step.results[0]] = current
      }
    }
  }

  // MARK: Steps

  mutating func add(_ step: Program.Step, _ kernel: inout NativeKernel) {
    let result = step.results[0]
    let name = kernel.names[result]!
    if inArrays.contains(result) && !kernel.outputs.contains(result) {
      declarations.append("\(kernel.cType(result)) \(name)_at[TILE];")
    }
    guard let text = kernel.expression(step) else { return call(step, &kernel) }
    for input in step.inputs where !kernel.uniform.contains(input) && atHand.insert(input).inserted {
      let name = kernel.names[input]!
      loop.append("const \(kernel.cType(input)) \(name) = \(name)_at[i];")
    }
    loop.append("const \(kernel.cType(result)) \(name) = \(text);  // \(kernel.comment(step))")
    atHand.insert(result)
    if inArrays.contains(result) { loop.append("\(name)_at[i] = \(name);") }
  }

  mutating func closeLoop() {
    if !loop.isEmpty {
      body.append("VECTORIZE for (size_t i = 0; i < n; i++) {")
      body += loop.map { "  " + $0 } + ["}"]
    }
    loop = []
    atHand = []
  }

  /// One of the library's kernels over the whole tile.
  private mutating func call(_ step: Program.Step, _ kernel: inout NativeKernel) {
    closeLoop()
    guard let operation = step.operation,
      let function = ElementFunction(operation, step.inputs.map { kernel.dtype($0) })
    else { fatalError("native code: '\(step.operationName)' is not a function of elements") }
    var arguments = step.inputs.map { value in
      let name = kernel.names[value]!
      return kernel.uniform.contains(value) ? "&\(name), 0" : "\(name)_at, 1"
    }
    let type =
      switch function.call {
      case .unary: "unary"
      case .binary, .withNumber: "binary"
      case .ternary: "ternary"
      }
    let operand = kernel.declare(TileCode.function(function.call).1)
    if case .withNumber(_, let bits, let side) = function.call {
      let number = "number_\(operand)"
      declarations.append(
        "const unsigned long long \(number) = 0x\(String(bits, radix: 16))ull;  // its bits")
      arguments.insert("&\(number), 0", at: side == .left ? 0 : 1)
    }
    let result = kernel.names[step.results[0]]!
    body.append(
      "((\(type))operands[\(operand)])(n, \(result)_at, 1, \(arguments.joined(separator: ", ")));"
        + "  // \(kernel.comment(step))")
  }

  mutating func addSums(_ kernel: NativeKernel) {
    for (index, total) in kernel.totals.enumerated() {
      let summed = total.step.inputs[0]
      var terms = "\(kernel.names[summed]!)_at"
      if kernel.uniform.contains(summed) {
        terms = "terms_\(index)"
        body.append("\(total.type) \(terms)[TILE];")
        body.append("for (size_t i = 0; i < n; i++) \(terms)[i] = \(kernel.names[summed]!);")
      }
      body.append(
        "\(kernel.sum(index)) = sum_\(total.type)(n, \(terms));  // \(kernel.comment(total.step))")
    }
  }
}
