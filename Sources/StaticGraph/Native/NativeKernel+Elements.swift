/// Kernels of arithmetic alone.
extension NativeKernel {
  /// What is done with one element, and the function for a range that does it with eight at once.
  func elements() -> String {
    if totals.isEmpty { return element() + range(plainLeaf()) }
    if kernel.count < 8 { return element() + range(shortLeaf()) }
    if kernel.count <= NativeKernel.block { return element() + range(blockLeaf()) }
    return element() + block() + eightBlocks() + range(blocks())
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

  /// A block of 8 to 128 elements.
  private func blockLeaf() -> [String] {
    var lines = opening
    lines += accumulation(in: { "lanes_\($0)" }, isDeclared: false)
    for (index, total) in totals.enumerated() {
      lines.append("\(total.type) total_\(index) = total_\(total.type)(lanes_\(index));")
    }
    return lines + ending(last: { "total_\($0)" }, whole: { index, _ in "total_\(index)" })
  }

  /// What a function for elements start..<start + n begins with; i is the one it comes to.
  private var opening: [String] {
    arguments.map { $0.declaration() } + ["const size_t end = start + n;", "size_t i = start;"]
  }

  /// The lines in which accumulators, eight to a sum, take in the whole vectors of a block, elements i to `end`; i goes behind them.
  private func accumulation(in lanes: (Int) -> String, isDeclared: Bool) -> [String] {
    let eight = "EIGHT_AT_ONCE for (int k = 0; k < 8; k++) " + call("i + k") { "&terms_\($0)[k]" }
    var lines = totals.enumerated().map { "\($1.type) terms_\($0)[8];" } + [eight]
    for (index, total) in totals.enumerated() {
      let declaration = isDeclared ? "" : "eight_\(total.type)s "
      lines.append("\(declaration)\(lanes(index)) = *(const eight_\(total.type)s *)terms_\(index);")
    }
    lines += ["for (i += 8; i + 8 <= end; i += 8) {", "  " + eight]
    for (index, total) in totals.enumerated() {
      lines.append("  \(lanes(index)) += *(const eight_\(total.type)s *)terms_\(index);")
    }
    return lines + ["}"]
  }

  /// The lines in which sums take in the terms that are left, and are stored.
  private func ending(last: (Int) -> String, whole: (Int, Total) -> String) -> [String] {
    var lines = ["for (; i < end; i++) {", "  " + call("i") { "terms_\($0)" }]
    for index in totals.indices { lines.append("  \(last(index)) += terms_\(index)[0];") }
    lines.append("}")
    for (index, total) in totals.enumerated() {
      lines.append("\(sum(index)) = \(whole(index, total));  // \(comment(total.step))")
    }
    return lines
  }

  // MARK: Several blocks

  /// The function for what accumulates a block.
  private func block() -> String {
    let parameters =
      arguments.map(\.parameter) + ["size_t i", "size_t end"]
      + totals.enumerated().map { "eight_\($1.type)s *restrict lanes_\($0)" }
    let lines = accumulation(in: { "*lanes_\($0)" }, isDeclared: true) + ["return i;"]
    return "// The accumulators of a block's whole vectors, and where these end.\n"
      + "INLINE size_t \(name)_block(\n    \(parameters.joined(separator: ", "))) {\n"
      + lines.map { "  \($0)\n" }.joined() + "}\n\n"
  }

  /// The function for eight blocks in one go.
  private func eightBlocks() -> String {
    let handed =
      arguments.map(\.handed) + ["i", "start + ends[block]"] + totals.indices.map { "&lanes_\($0)[block]" }
    var lines = opening
    lines += totals.enumerated().map { "eight_\($1.type)s lanes_\($0)[8];" }
    lines.append("ALL_EIGHT for (int block = 0; block < 8; block++)")
    lines.append("  i = \(name)_block(\(handed.joined(separator: ", ")));")
    for (index, total) in totals.enumerated() {
      lines.append("eight_\(total.type)s totals_\(index) = totals_\(total.type)(lanes_\(index));")
    }
    lines += totals.enumerated().map { "\($1.type) terms_\($0)[1];" }
    lines += ending(
      last: { "totals_\($0)[7]" }, whole: { index, total in "total_\(total.type)(totals_\(index))" })
    let parameters = "const void *const *operands, size_t start, size_t n, const size_t *ends, char *sums"
    return "static void \(name)_eight_blocks(\n    \(parameters)) {\n"
      + lines.map { "  \($0)\n" }.joined() + "}\n\n"
  }

  /// A range: one block, eight, or two halves.
  private func blocks() -> [String] {
    split(
      blockLeaf(), limit: "BLOCK",
      others: [
        "size_t ends[8];",
        "if (ends_of_blocks(n, ends)) return \(name)_eight_blocks(operands, start, n, ends, sums);",
      ])
  }
}
