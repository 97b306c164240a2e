/// A calculation as a picture would show it: values as circles, operations as boxes, name scopes as frames around them.
///
/// Both a graph as it was built and a program at any stage of its passes give one. `dot` and `json` write it down; whoever draws may
/// restyle it by `kind`.
public struct Diagram: Sendable {
  /// What a shape in the picture stands for.
  public enum Kind: String, Sendable {
    /// A value that is fed.
    case placeholder
    /// A value that never changes.
    case constant
    /// A value kept from run to run.
    case variable
    /// A calculated value.
    case value
    /// A calculation.
    case operation
    /// Several calculations in one pass.
    case kernel
    /// A change of a variable.
    case assignment
    /// Something to run that has no value.
    case group

    /// Whether it is drawn as a circle.
    public var isValue: Bool {
      switch self {
      case .placeholder, .constant, .variable, .value: true
      case .operation, .kernel, .assignment, .group: false
      }
    }
  }

  /// One circle or box.
  public struct Node: Sendable {
    /// Unique in the diagram.
    public let id: String
    /// What is written in it.
    public let label: String
    /// Type, parameters, source line.
    public let detail: String
    /// What it stands for.
    public let kind: Kind
    /// The scopes around it, the outermost first.
    public let scope: [String]
  }

  /// One arrow.
  public struct Edge: Sendable {
    /// Where it begins, by id.
    public let from: String
    /// Where it ends, by id.
    public let to: String
    /// Whether it only says "after".
    public let isControl: Bool
  }

  /// What it shows.
  public var title: String
  /// The circles and boxes.
  public var nodes: [Node] = []
  /// The arrows.
  public var edges: [Edge] = []

  init(title: String) { self.title = title }
}

// MARK: Graphviz

extension Diagram {
  /// The diagram in Graphviz' language.
  public var dot: String {
    var lines = [
      "digraph {", "  label=\(Diagram.quoted(title)); rankdir=LR; node [fontname=\"sans-serif\"];",
    ]
    lines += cluster([], indent: "  ")
    for edge in edges {
      lines.append(
        "  \(Diagram.quoted(edge.from)) -> \(Diagram.quoted(edge.to))\(edge.isControl ? " [style=dashed]" : "");"
      )
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  /// The nodes of a scope and the frames of the scopes in it.
  private func cluster(_ scope: [String], indent: String) -> [String] {
    var lines = nodes.filter { $0.scope == scope }.map { indent + statement($0) }
    var inner: [String] = []
    for node in nodes where node.scope.count > scope.count && Array(node.scope.prefix(scope.count)) == scope {
      let name = node.scope[scope.count]
      if !inner.contains(name) { inner.append(name) }
    }
    for name in inner {
      let path = scope + [name]
      lines.append("\(indent)subgraph \(Diagram.quoted("cluster_" + path.joined(separator: "/"))) {")
      lines.append("\(indent)  label=\(Diagram.quoted(name)); style=rounded;")
      lines += cluster(path, indent: indent + "  ")
      lines.append("\(indent)}")
    }
    return lines
  }

  private func statement(_ node: Node) -> String {
    let style =
      switch node.kind {
      case .placeholder: "shape=ellipse, style=dashed"
      case .constant: "shape=ellipse, style=dotted"
      case .variable: "shape=ellipse, peripheries=2"
      case .value: "shape=ellipse"
      case .operation: "shape=box"
      case .kernel: "shape=box3d"
      case .assignment: "shape=box, peripheries=2"
      case .group: "shape=box, style=rounded"
      }
    let label = node.detail.isEmpty ? node.label : node.label + "\n" + node.detail
    return
      "\(Diagram.quoted(node.id)) [label=\(Diagram.quoted(label)), class=\(Diagram.quoted(node.kind.rawValue)), \(style)];"
  }

  /// Text in Graphviz' quotes.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for character in text {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result + "\""
  }
}

// MARK: JSON

extension Diagram {
  /// The diagram as JSON: `{"title", "nodes": [{"id", "label", "detail", "kind", "scope"}], "edges": [{"from", "to", "control"}]}`.
  public var json: String {
    let nodes = nodes.map { node in
      let scope = node.scope.map(JSONText.quoted).joined(separator: ", ")
      return
        "    {\"id\": \(JSONText.quoted(node.id)), \"label\": \(JSONText.quoted(node.label)), \"detail\": \(JSONText.quoted(node.detail)), \"kind\": \"\(node.kind.rawValue)\", \"scope\": [\(scope)]}"
    }
    let edges = edges.map { edge in
      "    {\"from\": \(JSONText.quoted(edge.from)), \"to\": \(JSONText.quoted(edge.to)), \"control\": \(edge.isControl)}"
    }
    return """
      {
        "title": \(JSONText.quoted(title)),
        "nodes": [
      \(nodes.joined(separator: ",\n"))
        ],
        "edges": [
      \(edges.joined(separator: ",\n"))
        ]
      }

      """
  }
}

/// Text in JSON.
enum JSONText {
  /// The text in quotes.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
