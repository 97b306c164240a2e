import CKernels

/// A fused kernel as a C function over a tile of its run.
///
/// Arithmetic is written out, in loops over the tile; other functions call the library's own kernels between the loops, so that they give
/// the same bits. Sums go over arrays of their terms, at the end.
struct NativeKernel {
  /// What the function finds in its table of operands.
  enum Operand {
    /// The memory of a value.
    case value(Int)
    /// One of the library's kernels.
    case function(UnsafeMutableRawPointer)
  }

  /// The function's name.
  let name: String
  /// The function, with comments.
  private(set) var text = ""
  /// Its operands in order.
  private(set) var operands: [Operand] = []

  private let program: Program
  private let kernel: FusedKernel
  private let outputs: Set<Int>
  private let access: (Int) -> RunAccess
  private var names: [Int: String] = [:]
  private var taken = NativeKernel.reserved
  /// The values that must lie in an array: read by another loop, a kernel or a sum.
  private var inArrays: Set<Int> = []
  private var uniform: Set<Int> = []
  private var declarations: [String] = []
  private var body: [String] = []
  private var loop: [String] = []
  private var atHand: Set<Int> = []

  /// The function for a fused step; nil when an operand's elements repeat in a pattern, for which the library has faster loads.
  init?(_ step: Program.Step, _ kernel: FusedKernel, name: String, _ program: Program, _ layouts: Layouts) {
    self.name = name
    self.program = program
    self.kernel = kernel
    outputs = Set(step.results)
    access = { layouts.access($0) }
    for input in step.inputs {
      if case .repeating = access(input) { return nil }
    }
    for input in step.inputs { declareInput(input) }
    findArrays(Set(step.inputs))
    for output in step.results { declareOutput(output) }
    for step in kernel.steps where !NativeKernel.isSum(step) { add(step) }
    closeLoop()
    addSums()
    assemble()
  }

  // MARK: Declarations

  private mutating func declareInput(_ value: Int) {
    let name = newName(value)
    let type = cType(value)
    if access(value) == .uniform {
      uniform.insert(value)
      declarations.append("const \(type) \(name) = *(const \(type) *)operands[\(operands.count)];")
    } else {
      declarations.append(
        "const \(type) *restrict const \(name)_at = (const \(type) *)operands[\(operands.count)] + start;")
    }
    operands.append(.value(value))
  }

  private mutating func declareOutput(_ value: Int) {
    let name = newName(value)
    if kernel.steps.contains(where: { NativeKernel.isSum($0) && $0.results[0] == value }) { return }
    let type = cType(value)
    declarations.append(
      "\(type) *restrict const \(name)_at = (\(type) *)operands[\(operands.count)] + start;  // result")
    operands.append(.value(value))
  }

  /// Finds which calculated values are read outside the loop that calculates them.
  private mutating func findArrays(_ inputs: Set<Int>) {
    inArrays = inputs.subtracting(uniform).union(outputs)
    var loopOf: [Int: Int] = [:]
    var current = 0
    for step in kernel.steps {
      let calls = NativeKernel.isSum(step) || expression(step) == nil
      if calls && !NativeKernel.isSum(step) { current += 1 }
      for input in step.inputs where !uniform.contains(input) {
        if calls || loopOf[input] != current { inArrays.insert(input) }
      }
      if calls {
        inArrays.insert(step.results[0])
      } else {
        loopOf[step.results[0]] = current
      }
    }
  }

  /// A tile for a value that stays inside the kernel.
  private mutating func declareTile(_ value: Int) {
    if !outputs.contains(value) { declarations.append("\(cType(value)) \(names[value]!)_at[TILE];") }
  }

  // MARK: Steps

  private mutating func add(_ step: Program.Step) {
    let result = step.results[0]
    if names[result] == nil { _ = newName(result) }
    if inArrays.contains(result) { declareTile(result) }
    guard let operation = step.operation, let function = ElementFunction(operation, step.inputs.map(dtype))
    else { fatalError("native code: '\(step.operationName)' is not a function of elements") }
    guard expression(step) != nil else { return call(function, step) }
    for input in step.inputs where !uniform.contains(input) && !atHand.contains(input) {
      loop.append("const \(cType(input)) \(names[input]!) = \(names[input]!)_at[i];")
      atHand.insert(input)
    }
    let text = expression(step)!
    loop.append("const \(cType(result)) \(names[result]!) = \(text);  // \(comment(step))")
    atHand.insert(result)
    if inArrays.contains(result) { loop.append("\(names[result]!)_at[i] = \(names[result]!);") }
  }

  private mutating func closeLoop() {
    if !loop.isEmpty {
      let end = kernel.count == 1 ? "1" : "n"
      body.append("for (size_t i = 0; i < \(end); i++) {")
      body += loop.map { "  " + $0 } + ["}"]
    }
    loop = []
    atHand = []
  }

  /// One of the library's kernels over the whole tile.
  private mutating func call(_ function: ElementFunction, _ step: Program.Step) {
    closeLoop()
    var arguments = step.inputs.map { value in
      uniform.contains(value) ? "&\(names[value]!), 0" : "\(names[value]!)_at, 1"
    }
    let pointer: UnsafeMutableRawPointer
    let type: String
    switch function.call {
    case .unary(let kernel):
      (pointer, type) = (unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self), "unary")
    case .binary(let kernel):
      (pointer, type) = (unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self), "binary")
    case .ternary(let kernel):
      (pointer, type) = (unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self), "ternary")
    case .withNumber(let kernel, let bits, let side):
      (pointer, type) = (unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self), "binary")
      let number = "number_\(operands.count)"
      declarations.append(
        "const unsigned long long \(number) = 0x\(String(bits, radix: 16))ull;  // its bits")
      arguments.insert("&\(number), 0", at: side == .left ? 0 : 1)
    }
    let result = names[step.results[0]]!
    body.append(
      "((\(type))operands[\(operands.count)])(n, \(result)_at, 1, \(arguments.joined(separator: ", ")));  // \(comment(step))"
    )
    operands.append(.function(pointer))
  }

  private mutating func addSums() {
    for (number, step) in kernel.steps.filter(NativeKernel.isSum).enumerated() {
      let summed = step.inputs[0]
      let type = cType(summed)
      if uniform.contains(summed) {
        body.append("\(type) terms_\(number)[TILE];")
        body.append("for (size_t i = 0; i < n; i++) terms_\(number)[i] = \(names[summed]!);")
      }
      let terms = uniform.contains(summed) ? "terms_\(number)" : "\(names[summed]!)_at"
      body.append("*(\(type) *)(sums + \(8 * number)) = sum_\(type)(n, \(terms));  // \(comment(step))")
    }
  }

  // MARK: Expressions

  /// The operation in C, where C's own arithmetic gives the bits of the library's kernel; nil where the kernel is to be called.
  private func expression(_ step: Program.Step) -> String? {
    guard let operation = step.operation, let function = ElementFunction(operation, step.inputs.map(dtype))
    else { return nil }
    var operands = step.inputs.map { names[$0] ?? "x" }
    let types = step.inputs.map(dtype)
    if function.name == Clone.name { return operands[0] }
    if case .ternary = function.call, function.name == Where.name {
      return "\(operands[0]) ? \(operands[1]) : \(operands[2])"
    }
    guard types.allSatisfy(\.isFloatingPoint) else { return nil }
    if case .withNumber(_, let bits, let side) = function.call {
      guard let number = NativeKernel.literal(bits, types[0]) else { return nil }
      operands.insert(number, at: side == .left ? 0 : 1)
    }
    return CArithmetic.expression(function.name, operands, types[0])
  }

  /// A number as C writes it, without loss; nil unless finite.
  private static func literal(_ bits: UInt64, _ dtype: DType) -> String? {
    let value =
      dtype == .float64
      ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    guard value.isFinite else { return nil }
    // Swift's shortest decimal form is read back as the same number.
    let text = dtype == .float64 ? "\(value)" : "\(Float(value))f"
    return value.sign == .minus ? "(\(text))" : text
  }

  // MARK: Words

  private func dtype(_ value: Int) -> DType { program.values[value].type.dtype }
  private func cType(_ value: Int) -> String { CArithmetic.type(dtype(value)) }

  private func comment(_ step: Program.Step) -> String {
    let name = step.name.map { $0.isASCII && !$0.isNewline && $0 != "\\" ? $0 : "?" }
    return "\(String(name)): \(step.operationName)"
  }

  private static func isSum(_ step: Program.Step) -> Bool {
    step.operation.map { $0.base is Sum || $0.base is SumTo } ?? false
  }

  /// An identifier made of the value's name.
  private mutating func newName(_ value: Int) -> String {
    if let known = names[value] { return known }
    var stem = String(
      program.values[value].name.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    if stem.first.map({ !$0.isLetter }) ?? true { stem = "v" + stem }
    var name = stem
    var number = 2
    while !taken.insert(name).inserted {
      name = "\(stem)_v\(number)"
      number += 1
    }
    names[value] = name
    return name
  }

  /// Words that are the language's or the function's own.
  private static let reserved: Set<String> = [
    "i", "n", "start", "sums", "operands", "unary", "binary", "ternary", "size_t", "TILE", "auto", "break",
    "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float", "for",
    "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "typedef", "typeof", "union", "unsigned", "void", "volatile", "while",
    "true", "false", "bool", "asm", "sum_float", "sum_double", "linux", "unix", "nullptr", "constexpr",
    "alignas", "alignof", "static_assert", "thread_local", "ptrdiff_t",
  ]

  private mutating func assemble() {
    let lines = declarations + body
    text =
      "void \(name)(const void *const *operands, size_t start, size_t n, char *sums) {\n"
      + lines.map { "  \($0)\n" }.joined() + "}\n"
  }
}
