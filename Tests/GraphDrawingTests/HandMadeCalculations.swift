import GraphDrawing

/// A node of a calculation made by hand; `bits` names the elements' bits where they are known.
struct Item {
  var node: GraphDrawing.Node
  var inputs: [String]

  static func leaf(_ name: String, bits: String? = nil, _ facts: GraphDrawing.Fact...) -> Item {
    Item(.leaf, name, [], bits, facts)
  }

  static func data(_ name: String, bits: String? = nil, _ facts: GraphDrawing.Fact...) -> Item {
    Item(.data, name, [], bits, facts)
  }

  /// The variable that an operation makes.
  static func inner(_ name: String, of operation: String, _ facts: GraphDrawing.Fact...) -> Item {
    Item(.inner, name, [operation], nil, facts)
  }

  /// An operation; `name` is what others read it by, and what rows call it.
  static func op(
    _ name: String, _ title: String, _ inputs: String..., bits: String? = nil, facts: [GraphDrawing.Fact] = []
  ) -> Item { Item(.operation, title, inputs, bits, [.init(.label, name)] + facts) }

  /// An update of which only the start and what it leaves are known.
  static func update(_ name: String, _ inputs: String..., bits: String? = nil) -> Item {
    Item(.operation, "update", inputs, bits, [.init(.label, name), .init(.unrecorded, "in place")])
  }

  private init(
    _ role: GraphDrawing.Role, _ title: String, _ inputs: [String], _ bits: String?,
    _ facts: [GraphDrawing.Fact]
  ) {
    node = .init(role, title, facts: facts + (bits.map { [.init(.bits, $0)] } ?? []))
    self.inputs = inputs
  }

  var name: String { node.fact(.label) ?? node.title }
}

/// A drawing of these nodes with a result for each purpose; nodes may be read before they are listed.
func calculation(_ items: Item..., results: KeyValuePairs<String, String?>) -> GraphDrawing {
  calculation(items, results: results)
}

func calculation(_ items: [Item], results: KeyValuePairs<String, String?>) -> GraphDrawing {
  var drawing = GraphDrawing(name: "sketch", title: "")
  drawing.nodes = items.map(\.node)
  func position(_ name: String) -> Int { items.firstIndex { $0.name == name }! }
  for (node, item) in items.enumerated() {
    for (port, input) in item.inputs.enumerated() {
      drawing.edges.append(.init(position(input), node, port: port))
    }
  }
  for (name, purpose) in results {
    let root = drawing.add(.init(.root, name, facts: purpose.map { [.init(.purpose, $0)] } ?? []))
    drawing.edges.append(.init(position(name), root))
  }
  return drawing
}

/// The rows in short: `w w same`, `c – single`.
func rows(_ a: GraphDrawing, _ b: GraphDrawing) -> [String] {
  GraphAlignment(a, b).rows.map { "\($0.first ?? "–") \($0.second ?? "–") \($0.verdict)" }
}

func reasons(_ a: GraphDrawing, _ b: GraphDrawing) -> [String] {
  GraphAlignment(a, b).rows.filter { $0.verdict == .different }.map(\.reason)
}
