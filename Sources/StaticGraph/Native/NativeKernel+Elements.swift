/// Kernels of arithmetic alone.
extension NativeKernel {
  /// What is done with one element, and the function for a range that does it with eight at once.
  func elements() -> String {
    let leaf = totals.isEmpty ? plainLeaf() : kernel.count < 8 ? shortLeaf() : blockLeaf()
    return element()
      + range(leaf, limit: "BLOCK", isSplit: !totals.isEmpty && kernel.count > 128)
  }

  /// The function that does it all with element i; sums find their term in `term_…`.
  private func element() -> String {
    var lines: [String] = []
    var atHand = uniform
    for step in kernel.steps {
      for input in step.inputs where atHand.insert(input).inserted {
        lines.append("const \(cType(input)) \(names[input]!) = \(names[input]!)_at[i];")
      }
      if let index = totals.firstIndex(where: { $0.step.results == step.results }) {
        lines.append("*term_\(index) = \(names[step.inputs[0]]!);  // \(comment(step))")
        continue
      }
      let result = step.results[0]
      lines.append(
        "const \(cType(result)) \(names[result]!) = \(expression(step)!);  // \(comment(step))")
      if outputs.contains(result) { lines.append("\(names[result]!)_at[i] = \(names[result]!);") }
      atHand.insert(result)
    }
    let parameters =
      arguments.map(\.parameter) + ["size_t i"]
      + totals.enumerated().map { "\($1.type) *restrict term_\($0)" }
    return "INLINE void \(name)_element(\n    \(parameters.joined(separator: ", "))) {\n"
      + lines.map { "  \($0)\n" }.joined() + "}\n\n"
  }

  /// A call of that function.
  private func call(_ place: String, _ term: (Int) -> String) -> String {
    let handed = arguments.map(\.handed) + [place] + totals.indices.map(term)
    return "\(name)_element(\(handed.joined(separator: ", ")));"
  }

  private func plainLeaf() -> [String] {
    if kernel.count == 1 { return arguments.map { $0.declaration() } + [call("0") { _ in "" }] }
    return arguments.map { $0.declaration() } + [
      "VECTORIZE for (size_t i = start; i < start + n; i++) \(call("i") { _ in "" })"
    ]
  }

  /// Fewer than eight terms are added one after the other.
  private func shortLeaf() -> [String] {
    var lines = arguments.map { $0.declaration() }
    for (index, total) in totals.enumerated() {
      lines.append("\(total.type) term_\(index), total_\(index) = 0;")
    }
    lines.append("for (size_t i = start; i < start + n; i++) {")
    lines.append("  " + call("i") { "&term_\($0)" })
    for index in totals.indices { lines.append("  total_\(index) += term_\(index);") }
    lines.append("}")
    for index in totals.indices { lines.append("\(sum(index)) = total_\(index);") }
    return lines
  }

  /// Whether a run reads more than stays in the second-level cache until the next.
  private var leavesCache: Bool {
    let bytes = arguments.reduce(0) { sum, argument in
      guard argument.use == .read, case .value(let value) = operands[argument.operand] else { return sum }
      return sum + kernel.count * dtype(value).byteSize
    }
    return bytes > 256 * 1024
  }

  /// A block of 8 to 128 elements.
  private func blockLeaf() -> [String] {
    let eight = "EIGHT_AT_ONCE for (int k = 0; k < 8; k++) "
    var lines = arguments.map { $0.declaration() }
    for (index, total) in totals.enumerated() { lines.append("\(total.type) terms_\(index)[8];") }
    lines.append(eight + call("start + k") { "&terms_\($0)[k]" })
    for (index, total) in totals.enumerated() {
      lines.append("eight_\(total.type)s lanes_\(index) = *(const eight_\(total.type)s *)terms_\(index);")
    }
    lines.append("size_t i = 8;")
    lines.append("for (; i + 8 <= n; i += 8) {")
    if leavesCache {
      lines += arguments.filter { $0.use == .read }.map { "  FETCH(\($0.name)_at + start + i);" }
    }
    lines.append("  " + eight + call("start + i + k") { "&terms_\($0)[k]" })
    for (index, total) in totals.enumerated() {
      lines.append("  lanes_\(index) += *(const eight_\(total.type)s *)terms_\(index);")
    }
    lines.append("}")
    for (index, total) in totals.enumerated() {
      lines.append("\(total.type) total_\(index) = total_\(total.type)(lanes_\(index));")
    }
    lines.append("for (; i < n; i++) {")
    lines.append("  " + call("start + i") { "terms_\($0)" })
    for index in totals.indices { lines.append("  total_\(index) += terms_\(index)[0];") }
    lines.append("}")
    for (index, total) in totals.enumerated() {
      lines.append("\(sum(index)) = total_\(index);  // \(comment(total.step))")
    }
    return lines
  }
}
