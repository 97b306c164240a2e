import CKernels

/// A fused kernel as C functions: `…_range` for some elements of its run, and one for all of them.
///
/// A range of more elements than a leaf is halved as the sums' order asks for. Arithmetic alone is written as what is done with one element,
/// eight of which are calculated at once, sums growing in registers; where halving ends in eight blocks, they are one leaf. Where other functions occur, the library's own kernels are called
/// between loops over a tile, so that they give the same bits, and sums go over arrays of their terms.
struct NativeKernel {
  /// What the functions find in their table of operands.
  enum Operand {
    /// The memory of a value.
    case value(Int)
    /// One of the library's kernels.
    case function(UnsafeMutableRawPointer)
  }
  /// A value in memory, or a number, that the functions read or write.
  struct Argument {
    let name: String
    let type: String
    /// Its place in the table of operands.
    let operand: Int
    /// How it is handed on: as one value, as memory that is read, or as memory that is written.
    let use: Use
    enum Use { case uniform, read, written }

    /// As the parameter of a function.
    var parameter: String {
      switch use {
      case .uniform: "\(type) \(name)"
      case .read: "const \(type) *restrict \(name)_at"
      case .written: "\(type) *restrict \(name)_at"
      }
    }
    /// As handed to such a function.
    var handed: String { use == .uniform ? name : name + "_at" }
    /// Its declaration, taken from the table; memory begins at element `first`.
    func declaration(from first: String? = nil) -> String {
      let place = first.map { " + \($0)" } ?? ""
      return switch use {
      case .uniform: "const \(type) \(name) = *(const \(type) *)operands[\(operand)];"
      case .read: "const \(type) *restrict const \(name)_at = (const \(type) *)operands[\(operand)]\(place);"
      case .written:
        "\(type) *restrict const \(name)_at = (\(type) *)operands[\(operand)]\(place);  // result"
      }
    }
  }
  /// A sum over the run.
  struct Total {
    /// The step.
    let step: Program.Step
    /// The C type.
    let type: String
    /// The place of its result's address in the table of operands.
    let operand: Int
  }

  /// Elements in a tile at most.
  static let tile = Int(CK_TILE)
  /// Terms that eight accumulators add up at most.
  static let block = 128

  /// The name of the function for the whole run.
  let name: String
  /// The name of the function for part of a run: operands, first element, number of elements, and where the sums go, 8 bytes each.
  var rangeName: String { name + "_range" }
  /// The functions, with comments.
  private(set) var text = ""
  /// Their operands in order.
  private(set) var operands: [Operand] = []

  let program: Program
  let kernel: FusedKernel
  let outputs: Set<Int>
  private(set) var arguments: [Argument] = []
  private(set) var totals: [Total] = []
  private(set) var names: [Int: String] = [:]
  private(set) var uniform: Set<Int> = []
  private var taken = NativeKernel.reserved

  /// The functions for a fused step; nil when an operand's elements repeat in a pattern, for which the library has faster loads.
  init?(_ step: Program.Step, _ kernel: FusedKernel, name: String, _ program: Program, _ layouts: Layouts) {
    self.name = name
    self.program = program
    self.kernel = kernel
    outputs = Set(step.results)
    for input in step.inputs {
      if case .repeating = layouts.access(input) { return nil }
    }
    for input in step.inputs {
      let isUniform = layouts.access(input) == .uniform
      if isUniform { uniform.insert(input) }
      declare(input, isUniform ? .uniform : .read)
    }
    let sums = kernel.steps.filter(NativeKernel.isSum)
    for output in step.results where !sums.contains(where: { $0.results[0] == output }) {
      declare(output, .written)
    }
    for sum in sums {
      totals.append(Total(step: sum, type: cType(sum.inputs[0]), operand: operands.count))
      operands.append(.value(sum.results[0]))
    }
    for step in kernel.steps { _ = newName(step.results[0]) }
    if kernel.steps.contains(where: { !NativeKernel.isSum($0) && expression($0) == nil }) {
      text = tiles()
    } else {
      text = elements()
    }
    text = NativeKernel.wrapped(text + whole())
  }

  private mutating func declare(_ value: Int, _ use: Argument.Use) {
    arguments.append(Argument(name: newName(value), type: cType(value), operand: operands.count, use: use))
    operands.append(.value(value))
  }

  /// One more operand: a kernel of the library. Returns its place in the table.
  mutating func declare(_ function: UnsafeMutableRawPointer) -> Int {
    operands.append(.function(function))
    return operands.count - 1
  }

  /// The table of operands, given the memory of values.
  func addresses(_ memory: (Int) -> UnsafeMutableRawPointer) -> [UnsafeRawPointer] {
    operands.map { operand in
      switch operand {
      case .value(let value): UnsafeRawPointer(memory(value))
      case .function(let function): UnsafeRawPointer(function)
      }
    }
  }

  /// Long lines broken behind commas, unless they end in a comment.
  private static func wrapped(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.count <= 120 || line.contains("//") { return String(line) }
      let indent = String(repeating: " ", count: line.prefix { $0 == " " }.count + 4)
      var parts: [String] = []
      for item in line.split(separator: ", ") {
        if let last = parts.last, last.count + item.count < 116 {
          parts[parts.count - 1] += ", " + item
        } else {
          parts.append(parts.isEmpty ? String(item) : indent + item)
        }
      }
      return parts.joined(separator: ",\n")
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Ranges

  /// The function for a range.
  func range(_ lines: [String]) -> String {
    "void \(rangeName)(const void *const *operands, size_t start, size_t n, char *sums) {\n"
      + lines.map { "  \($0)\n" }.joined() + "}\n"
  }

  /// The lines for a range, by `leaf`, the lines for one of at most `limit` elements, by `others`, which may do more, and by halves.
  func split(_ leaf: [String], limit: String, others: [String] = []) -> [String] {
    var lines = ["if (n <= \(limit)) {"] + leaf.map { "  " + $0 } + ["  return;", "}"] + others
    lines.append("const size_t left = half(n);")
    if !totals.isEmpty { lines.append("char right[\(8 * totals.count)] __attribute__((aligned(8)));") }
    lines.append("\(rangeName)(operands, start, left, sums);")
    lines.append(
      "\(rangeName)(operands, start + left, n - left, \(totals.isEmpty ? "sums" : "right"));")
    for index in totals.indices { lines.append("\(sum(index)) += \(sum(index, in: "right"));") }
    return lines
  }

  /// A sum's cell.
  func sum(_ index: Int, in cells: String = "sums") -> String {
    "*(\(totals[index].type) *)(\(cells) + \(8 * index))"
  }

  /// The function for the whole run. A sum of negative zeros is 0, hence the addition.
  private func whole() -> String {
    var lines: [String] = []
    if !totals.isEmpty { lines.append("char sums[\(8 * totals.count)] __attribute__((aligned(8)));") }
    lines.append("\(rangeName)(operands, 0, \(kernel.count), \(totals.isEmpty ? "0" : "sums"));")
    for (index, total) in totals.enumerated() {
      lines.append("*(\(total.type) *)operands[\(total.operand)] = 0 + \(sum(index));")
    }
    return "\nvoid \(name)(const void *const *operands) {\n" + lines.map { "  \($0)\n" }.joined() + "}\n"
  }

  // MARK: Expressions

  /// The operation in C, where C's own arithmetic gives the bits of the library's kernel; nil where the kernel is to be called.
  func expression(_ step: Program.Step) -> String? {
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

  func dtype(_ value: Int) -> DType { program.values[value].type.dtype }
  func cType(_ value: Int) -> String { CArithmetic.type(dtype(value)) }

  func comment(_ step: Program.Step) -> String {
    let name = step.name.map { $0.isASCII && !$0.isNewline && $0 != "\\" ? $0 : "?" }
    return "\(String(name)): \(step.operationName)"
  }

  static func isSum(_ step: Program.Step) -> Bool {
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
  private static let reserved = Set([
    "i", "n", "start", "sums", "operands", "unary", "binary", "ternary", "size_t", "TILE", "auto", "break",
    "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float", "for",
    "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof",
    "static", "struct", "switch", "typedef", "typeof", "union", "unsigned", "void", "volatile", "while",
    "true", "false", "bool", "asm", "sum_float", "sum_double", "linux", "unix", "nullptr", "constexpr",
    "alignas", "alignof", "static_assert", "thread_local", "ptrdiff_t", "k", "half", "left", "right", "run",
    "end", "ends", "block", "ends_of_blocks", "total_float", "total_double", "totals_float", "totals_double",
    "BLOCK", "INLINE", "VECTORIZE", "EIGHT_AT_ONCE", "ALL_EIGHT", "PAIRS", "FOURS",
  ]).union(
    (0..<Int(CK_TILE_SUMS)).flatMap {
      ["term_\($0)", "terms_\($0)", "lanes_\($0)", "total_\($0)", "totals_\($0)"]
    })
}
