extension GraphDrawing {
  /// The drawing as text: from each root a tree towards what it was made from, `(w)` a variable, `[mul]` an operation.
  ///
  /// A node that several others read is shown in full once; elsewhere an arrow up says that it stands above. A branch that has become too
  /// deep to indent goes on below. Takes time and memory in proportion to the graph.
  public var text: String {
    let heading = subtitle.isEmpty ? [title] : [title, subtitle]
    return (heading + ["", tree, ""]).joined(separator: "\n")
  }

  /// The text without the heading; no line end behind the last line.
  public var tree: String {
    var printer = TreePrinter(self)
    return printer.print()
  }
}

/// Lays out the tree.
private struct TreePrinter {
  private let drawing: GraphDrawing
  /// Per node the nodes it is made from, in the order of its arguments.
  private var sources: [[Int]]
  private var rows: [(tree: String, columns: [String])] = []
  private var shown: [Bool]
  /// Nodes whose branches go on below.
  private var postponed: [Int] = []

  private static let deepest = 12

  init(_ drawing: GraphDrawing) {
    self.drawing = drawing
    sources = [[Int]](repeating: [], count: drawing.nodes.count)
    shown = [Bool](repeating: false, count: drawing.nodes.count)
    for edge in drawing.edges where edge.kind != .back { sources[edge.to].append(edge.from) }
  }

  mutating func print() -> String {
    var isSource = [Bool](repeating: false, count: drawing.nodes.count)
    for list in sources {
      for source in list { isSource[source] = true }
    }
    // The declared roots, then whatever nobody reads.
    let roots = drawing.nodes.indices.filter { drawing.nodes[$0].role == .root }
    let others = drawing.nodes.indices.filter { !isSource[$0] && drawing.nodes[$0].role != .root }
    for root in roots + others where !shown[root] {
      tree(from: root)
      var next = 0
      while next < postponed.count {
        if !shown[postponed[next]] { tree(from: postponed[next]) }
        next += 1
      }
      postponed = []
    }
    return laidOut().joined(separator: "\n")
  }

  private mutating func tree(from root: Int) {
    /// What is still to be shown, the next at the end.
    var work: [(node: Int, before: String, after: String, depth: Int)] = [(root, "", "", 0)]
    while let (node, before, after, depth) = work.popLast() {
      let (label, branches) = described(node)
      if shown[node] {
        rows.append((before + reference(node, label) + " ↑", []))
        continue
      }
      if depth > TreePrinter.deepest, !branches.isEmpty {
        rows.append((before + reference(node, label) + " ↓", []))
        postponed.append(node)
        continue
      }
      shown[node] = true
      rows.append((before + label, columns(node)))
      for (position, branch) in branches.enumerated().reversed() {
        let isLast = position == branches.count - 1
        work.append((branch, after + (isLast ? "└─ " : "├─ "), after + (isLast ? "   " : "│  "), depth + 1))
      }
    }
  }

  /// The operation that made a variable, where that is all there is to say of where it comes from.
  private func maker(_ node: Int) -> Int? {
    guard drawing.nodes[node].role.isVariable, sources[node].count == 1 else { return nil }
    let source = sources[node][0]
    return drawing.nodes[source].role == .operation ? source : nil
  }

  /// A node in brackets of its kind, with its maker, and what it leads to.
  private func described(_ node: Int) -> (label: String, branches: [Int]) {
    let title = drawing.nodes[node].title
    if let maker = maker(node) {
      return ("(\(title)) = [\(drawing.nodes[maker].title)]", sources[maker])
    }
    return (drawing.nodes[node].role.isVariable ? "(\(title))" : "[\(title)]", sources[node])
  }

  /// What refers to a node that stands elsewhere: where titles repeat, its own name as well.
  private func reference(_ node: Int, _ label: String) -> String {
    drawing.nodes[node].fact(.label).map { "\(label) \($0)" } ?? label
  }

  private func columns(_ node: Int) -> [String] {
    let shown = drawing.nodes[node]
    let made = maker(node).map { drawing.nodes[$0] } ?? shown
    let come = shown.flow.flatMap { drawing.hasFlowed(in: $0.step) ? $0 : nil }
    let flow = come.map { "\($0.name) = \($0.value)" } ?? ""
    let parameters = made.facts.filter { $0.name == .parameter || $0.name == .label || $0.name == .note }
    let own = shown.facts.filter { $0.name == .note && shown != made }
    return [
      shown.role.isVariable ? shown.role.rawValue : "", shown.fact(.type) ?? "", shown.fact(.value) ?? "",
      flow,
      ([made.fact(.derivative)].compactMap { $0 } + (parameters + own).map(\.value)).joined(separator: "  "),
    ]
  }

  /// The rows with their columns below each other; empty columns are left out.
  private func laidOut() -> [String] {
    var widths = [Int](repeating: 0, count: 5)
    var treeWidth = 0
    for row in rows {
      if !row.columns.isEmpty { treeWidth = max(treeWidth, columnCount(row.tree)) }
      for (column, text) in row.columns.enumerated() {
        widths[column] = max(widths[column], columnCount(text))
      }
    }
    return rows.map { row in
      var line = row.tree
      guard !row.columns.isEmpty else { return line }
      var target = treeWidth
      for (column, text) in row.columns.enumerated() where widths[column] > 0 {
        line += String(repeating: " ", count: max(0, target - columnCount(line)) + 2) + text
        target += 2 + widths[column]
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

/// How many columns of a terminal a text takes: Chinese, Japanese and Korean characters take two.
private func columnCount(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.reduce(0) { sum, character in
    guard let scalar = character.unicodeScalars.first else { return sum }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return sum + 2
    default: return sum + 1
    }
  }
}
