extension GraphDrawing {
  /// The drawing in the language of Graphviz, as UTF-8: `dot -Tsvg` draws it.
  public var dot: String {
    var lines = [
      "digraph \(DOT.quoted(name)) {",
      "  graph [charset=\"UTF-8\", rankdir=\(isRightward ? "LR" : "TB"), bgcolor=white, pad=0.2,",
      "    nodesep=0.4, ranksep=\(isRightward ? "0.6" : "0.45"), fontname=\"Sans\", fontsize=12, labelloc=t,",
      "    label=<\(heading)>];",
      "  node [fontname=\"Sans\", fontsize=12, margin=\"0.07,0.05\"];",
      "  edge [fontname=\"Sans\", fontsize=12, arrowsize=0.8, penwidth=1.2];",
      "  subgraph cluster_drawing {",
      "    peripheries=0; margin=12; labelloc=b;",
      "    label=<\(key)>;",
    ]
    appendNodes(to: &lines)
    // Operands are numbered where they arrive, unless gradients leave from the same place: then in the middle.
    let numbersHeads = !isRightward && !edges.contains { $0.kind == .back }
    for edge in edges { lines.append("    " + dot(edge, numbersHead: numbersHeads)) }
    lines += ["  }", "}", ""]
    return lines.joined(separator: "\n")
  }

  /// Whether the arrows go to the right.
  private var isRightward: Bool {
    switch direction {
    case .right: true
    case .down: false
    case .automatic: nodes.count <= 12
    }
  }

  private var heading: String {
    let title = "<b><font point-size=\"18\">\(DOT.escaped(title))</font></b>"
    let lines = subtitle.split(separator: "\n").map {
      "<font point-size=\"13\">\(DOT.escaped(String($0)))</font>"
    }
    return ([title] + lines).joined(separator: "<br/>")
  }

  /// What the looks mean, of those that occur.
  private var key: String {
    var meanings = Role.allCases.filter { role in nodes.contains { $0.role == role } }
      .map { GraphLooks.of($0).meaning }
    if edges.contains(where: { $0.kind == .back }) { meanings.append(GraphLooks.backMeaning) }
    if edges.contains(where: { $0.kind == .control }) { meanings.append("dotted arrow: runs before") }
    var rows: [String] = []
    for meaning in meanings {
      if let last = rows.last, last.count + meaning.count < 64 {
        rows[rows.count - 1] = last + "  ·  " + meaning
      } else {
        rows.append(meaning)
      }
    }
    let text = rows.map(DOT.escaped).joined(separator: "<br/>")
    return "<font point-size=\"11\" color=\"#404040\">\(text.isEmpty ? " " : text)</font>"
  }

  // MARK: Nodes and frames

  private func appendNodes(to lines: inout [String]) {
    var members = [[Int]](repeating: [], count: clusters.count)
    var children = members
    for (position, cluster) in clusters.enumerated() {
      if let parent = cluster.parent { children[parent].append(position) }
    }
    for (position, node) in nodes.enumerated() {
      if let cluster = node.cluster {
        members[cluster].append(position)
      } else {
        lines.append("    " + dot(node, position))
      }
    }
    // Frames within frames, without recursion: what is still to be written, the next at the end.
    enum Work {
      case open(Int)
      case close
    }
    var work = clusters.indices.filter { clusters[$0].parent == nil }.reversed().map(Work.open)
    var indentation = "    "
    while let next = work.popLast() {
      switch next {
      case .open(let cluster):
        lines.append("\(indentation)subgraph cluster_\(cluster) {")
        indentation += "  "
        let title = DOT.escaped(clusters[cluster].title)
        lines.append(
          "\(indentation)peripheries=1; style=\"rounded,filled\"; color=\"#8A8A8A\"; fillcolor=\"#FAFAFA\"; margin=10;"
        )
        lines.append("\(indentation)labelloc=t; labeljust=l; label=<<i>\(title)</i>>;")
        for node in members[cluster] { lines.append(indentation + dot(nodes[node], node)) }
        work.append(.close)
        work += children[cluster].reversed().map(Work.open)
      case .close:
        indentation.removeLast(2)
        lines.append("\(indentation)}")
      }
    }
  }

  private func dot(_ node: Node, _ position: Int) -> String {
    let looks = GraphLooks.of(node.role)
    let title = node.role.isVariable ? DOT.broken(node.title) : [node.title]
    var rows = title.map { "<b><font point-size=\"17\">\(DOT.escaped($0))</font></b>" }
    for fact in node.facts where fact.name != .bits { rows += DOT.lines(of: fact).map(DOT.escaped) }
    if let flow = node.flow {
      let text =
        flow.name.count + flow.value.count <= 9
        ? ["\(flow.name) = \(flow.value)"] : ["\(flow.name) ="] + DOT.wrapped(flow.value)
      let color = hasFlowed(in: flow.step) ? GraphLooks.back.text : looks.fill
      rows += text.map { "<font color=\"\(color)\"><b>\(DOT.escaped($0))</b></font>" }
    }
    let width = node.role.isVariable ? ", width=0.75" : ", height=0.55"
    return "n\(position) [shape=\(looks.shape), style=\"\(looks.style)\", penwidth=\(looks.lineWidth), "
      + "color=\"\(looks.line)\", fillcolor=\"\(looks.fill)\"\(width), label=<\(rows.joined(separator: "<br/>"))>];"
  }

  private func dot(_ edge: Edge, numbersHead: Bool) -> String {
    var attributes: [String] = []
    var label = edge.port.map { "\($0)" } ?? ""
    switch edge.kind {
    case .data: attributes.append("color=\"#000000\"")
    case .control: attributes += ["style=dotted", "color=\"#4D4D4D\"", "arrowhead=empty"]
    case .back:
      label = edge.step.map { "\($0)" } ?? ""
      let isCurrent = step != nil && edge.step == step
      let style = !hasFlowed(in: edge.step) ? "invis" : isCurrent ? "\"dashed,bold\"" : "dashed"
      attributes += [
        "style=\(style)", "penwidth=\(isCurrent ? 4.5 : 2.2)",
        "color=\"\(GraphLooks.back.line)\"", "fontcolor=\"\(GraphLooks.back.text)\"", "constraint=false",
      ]
    }
    if !label.isEmpty {
      if numbersHead {
        attributes += ["headlabel=<\(label)>", "labeldistance=2.2", "labelangle=20"]
      } else {
        // The space keeps the number off a line that runs down.
        attributes.append(
          edge.kind == .back ? "label=<&#160;&#160;<b>\(label)</b>>" : "label=<&#160;\(label)>")
      }
    }
    return "n\(edge.from) -> n\(edge.to) [\(attributes.joined(separator: ", "))];"
  }
}

/// Text as Graphviz reads it.
enum DOT {
  /// An identifier in quotes.
  static func quoted(_ text: String) -> String {
    "\"" + printable(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Text inside an HTML-like label.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in printable(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result.isEmpty ? " " : result
  }

  /// The text with a blank for each line end or tab and the replacement character for what XML has no place for.
  private static func printable(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0A, 0x0D: scalars.append(" ")
      case 0x00...0x1F, 0x7F, 0xFFFE, 0xFFFF: scalars.append("\u{FFFD}")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  /// A fact in lines; a type that is too long for one is broken before its shape.
  static func lines(of fact: GraphDrawing.Fact) -> [String] {
    guard fact.name == .type, fact.value.count > 12, let shape = fact.value.firstIndex(of: "[") else {
      return wrapped(fact.value)
    }
    return [String(fact.value[..<shape]), String(fact.value[shape...])]
  }

  /// A name in lines of about 10 characters, broken after underscores: a circle around a long name is a large circle.
  static func broken(_ name: String, width: Int = 10) -> [String] {
    var lines: [String] = []
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    for (position, part) in parts.enumerated() {
      let text = position == parts.count - 1 ? String(part) : part + "_"
      if let last = lines.last, last.count + text.count <= width || text.isEmpty {
        lines[lines.count - 1] = last + text
      } else {
        lines.append(text)
      }
    }
    return lines
  }

  /// The text in lines of about 14 characters, broken after a comma or at a blank: a circle around a long line is a large circle.
  static func wrapped(_ text: String, width: Int = 14) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
