/// The fused kernels of a program as one C file.
struct NativeSource {
  /// The functions, by the number of their step; steps without one are interpreted.
  private(set) var kernels: [Int: NativeKernel] = [:]
  /// The steps that one function does from first to last: the kernels at the program's end, if all of them are compiled.
  let ending: [Int]
  /// The whole file.
  let text: String

  /// The name of the function that does the ending.
  static let endingName = "run"

  /// The file for a program whose shapes are all known.
  init(_ program: Program, _ layouts: Layouts) {
    var parts: [String] = []
    for (number, step) in program.steps.enumerated() {
      guard case .fused(let kernel) = step.kind else { continue }
      let name = "kernel_\(parts.count)"
      if let native = NativeKernel(step, kernel, name: name, program, layouts) {
        kernels[number] = native
        parts.append("// \(kernel.steps.count) nodes of the graph over \(kernel.elements).\n" + native.text)
      } else {
        parts.append(
          "// A kernel over \(kernel.elements) repeats a row or column: it is left to the interpreter.\n")
      }
    }
    let steps = program.steps.enumerated().filter { number, step in
      // Leaves and views do nothing when they run.
      !(step.isLeaf && !step.isRandom) && layouts.aliases[step.results[0]] == nil
    }
    let last = steps.reversed().prefix { if case .fused = $0.element.kind { true } else { false } }.reversed()
    ending = last.map(\.offset)
    var functions: [NativeKernel] = []
    for number in ending { if let native = kernels[number] { functions.append(native) } }
    if !functions.isEmpty && functions.count == ending.count { parts.append(NativeSource.ending(functions)) }
    text = NativePreamble.text(for: parts.joined(separator: "\n"))
  }

  private static func ending(_ kernels: [NativeKernel]) -> String {
    var offset = 0
    var lines: [String] = []
    for kernel in kernels {
      lines.append("  \(kernel.name)(operands + \(offset));\n")
      offset += kernel.operands.count
    }
    return "// All of it, one kernel after the other.\n"
      + "void \(endingName)(const void *const *operands) {\n\(lines.joined())}\n"
  }
}

extension Program.Step {
  /// Whether it draws numbers.
  fileprivate var isRandom: Bool { if case .random = kind { true } else { false } }
}
