import Foundation
import GraphDrawing
import Testing

/// What `dot` makes of a drawing: the picture, or its complaint.
func graphviz(_ dot: String, as format: String) throws -> (status: Int32, output: Data, errors: String) {
  let folder = FileManager.default.temporaryDirectory.appending(path: "drawing-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try Data(dot.utf8).write(to: folder.appending(path: "a.dot"))
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["dot", "-T\(format)", "a.dot", "-o", "a.out"]
  process.currentDirectoryURL = folder
  let errors = Pipe()
  process.standardError = errors
  try process.run()
  let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  let output = (try? Data(contentsOf: folder.appending(path: "a.out"))) ?? Data()
  return (process.terminationStatus, output, text)
}

/// One of everything.
private func everything() -> GraphDrawing {
  var drawing = GraphDrawing(name: "all", title: "One of everything", subtitle: "and a subtitle")
  drawing.clusters = [.init("layer"), .init("inner", parent: 0), .init("other")]
  let w = drawing.add(.init(.leaf, "w", facts: [.init(.type, "float32 [1, 1]"), .init(.value, "[[2.]]")]))
  let x = drawing.add(.init(.data, "x", facts: [.init(.note, "not kept")], cluster: 2))
  let mul = drawing.add(
    .init(
      .operation, "mul", facts: [.init(.parameter, "dim=1"), .init(.derivative, "MulBackward0")], cluster: 1))
  let y = drawing.add(.init(.inner, "y", flow: .init("∂z/∂y", "1.", step: 2), cluster: 0))
  let sum = drawing.add(.init(.operation, "sum"))
  let z = drawing.add(.init(.root, "z"))
  drawing.edges = [
    .init(w, mul, port: 0), .init(x, mul, port: 1), .init(mul, y), .init(y, sum), .init(sum, z),
    .init(x, sum, kind: .control), .init(sum, y, kind: .back, step: 2),
    .init(y, mul, kind: .back, step: 3),
  ]
  return drawing
}

@Suite struct `A drawing for Graphviz` {
  @Test(arguments: ["svg", "png", "pdf"]) func `dot accepts it without a remark`(_ format: String) throws {
    let drawn = try graphviz(everything().dot, as: format)
    #expect(drawn.status == 0)
    #expect(drawn.errors == "")
    #expect(drawn.output.count > 500)
  }

  @Test func `every node, frame and arrow is in the picture`() throws {
    let svg = String(decoding: try graphviz(everything().dot, as: "svg").output, as: UTF8.self)
    for text in [
      "One of everything", "and a subtitle", "MulBackward0", "∂z/∂y", "dim=1", "layer", "inner", "other",
    ] {
      #expect(svg.contains(">\(text)"), "\(text)")
    }
    #expect(svg.components(separatedBy: "<g id=\"node").count - 1 == 6)
    #expect(svg.components(separatedBy: "<g id=\"edge").count - 1 == 8)
    #expect(svg.components(separatedBy: "<g id=\"clust").count - 1 == 4, "three frames and the drawing's own")
  }

  @Test func `roles differ in shape or line, not in colour alone`() {
    let dot = everything().dot
    func looks(_ node: Int) -> [String] {
      let line = dot.split(separator: "\n").first { $0.contains("n\(node) [shape") } ?? ""
      return line.split(separator: ",").filter { part in
        ["shape=", "style=", "dashed", "penwidth="].contains { part.contains($0) }
      }
      .map { $0.split(separator: "[").last.map(String.init) ?? "" }
    }
    // leaf, data, operation, inner, root
    let all = [0, 1, 2, 3, 5].map(looks)
    #expect(all.allSatisfy { !$0.isEmpty })
    #expect(Set(all).count == 5)
  }

  @Test(arguments: [
    "数据 x², 权重", "a \"quoted\" \\n name", "<b>&amp;</b>", "line\nbreak\tand \u{1}\u{7f}", "", "   ", "}]>;--",
    "🧮",
    "\\N\\G\\L", "a->b", String(repeating: "long ", count: 100),
  ])
  func `any text is a name`(_ text: String) throws {
    var drawing = GraphDrawing(name: text, title: text, subtitle: text)
    drawing.clusters = [.init(text)]
    drawing.add(.init(.leaf, text, facts: [.init(.value, text)], flow: .init(text, text), cluster: 0))
    drawing.add(.init(.operation, text))
    drawing.edges = [.init(0, 1)]
    let drawn = try graphviz(drawing.dot, as: "svg")
    #expect(drawn.status == 0)
    #expect(drawn.errors == "")
    let svg = unescaped(drawn.output)
    #expect(svg.contains("</svg>"))
    #expect(!svg.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    if text == "数据 x², 权重" { #expect(svg.contains("权重<")) }
    if text == "<b>&amp;</b>" { #expect(svg.contains("><b>&amp;</b><")) }
  }

  @Test func `an empty drawing is one, too`() throws {
    #expect(try graphviz(GraphDrawing(name: "none", title: "Nothing").dot, as: "svg").errors == "")
  }

  @Test func `small graphs go to the right, larger ones down, unless told otherwise`() {
    var drawing = GraphDrawing(name: "a", title: "a")
    for _ in 0..<12 { drawing.add(.init(.inner, "v")) }
    #expect(drawing.dot.contains("rankdir=LR"))
    drawing.add(.init(.inner, "v"))
    #expect(drawing.dot.contains("rankdir=TB"))
    drawing.direction = .right
    #expect(drawing.dot.contains("rankdir=LR"))
  }

  @Test func `long names in circles are broken after underscores, those in boxes and short ones are not`() {
    var drawing = GraphDrawing(name: "names", title: "")
    for (role, title) in [
      (GraphDrawing.Role.root, "divide_by_count_like"), (.data, "pred_y_1_2"), (.leaf, "_w_"),
      (.operation, "sum_to_size_1"),
    ] { drawing.add(.init(role, title)) }
    func named(_ lines: String...) -> String {
      "label=<" + lines.map { "<b><font point-size=\"17\">\($0)</font></b>" }.joined(separator: "<br/>") + ">"
    }
    for label in [
      named("divide_by_", "count_like"), named("pred_y_1_2"), named("_w_"), named("sum_to_size_1"),
    ] { #expect(drawing.dot.contains(label), "\(label)") }
  }

  @Test func `the pictures of one pass lie over one another`() throws {
    var drawing = everything()
    drawing.edges.append(.init(1, 2, kind: .back, step: 4))
    drawing.nodes[0].flow = .init("∂z/∂w", "12.", step: 4)
    func picture(_ step: Int?) throws -> (places: [[Substring]], shown: Set<String>) {
      drawing.step = step
      let plain = String(decoding: try graphviz(drawing.dot, as: "plain").output, as: UTF8.self)
      let places = plain.split(separator: "\n").filter { $0.hasPrefix("node") }
        .map { $0.split(separator: " ")[1...5].map { $0 } }
      let svg = String(decoding: try graphviz(drawing.dot, as: "svg").output, as: UTF8.self)
      let arrows = svg.components(separatedBy: "<g id=\"edge").dropFirst().filter { $0.contains("#d55e00") }
      let bold = arrows.filter { $0.contains("stroke-width=\"4.5\"") }
      let texts = ["∂z/∂y", "∂z/∂w"].filter { text in
        svg.components(separatedBy: "<text").contains { $0.contains(text) && $0.contains("#a33c00") }
      }
      return (places, Set(texts + ["\(arrows.count) arrows, \(bold.count) bold"]))
    }
    let all = try picture(nil)
    #expect(all.places.count == 6)
    #expect(all.shown == ["∂z/∂y", "∂z/∂w", "3 arrows, 0 bold"])
    for (step, shown) in [
      (1, ["0 arrows, 0 bold"]), (2, ["∂z/∂y", "1 arrows, 1 bold"]), (3, ["∂z/∂y", "2 arrows, 1 bold"]),
      (4, ["∂z/∂y", "∂z/∂w", "3 arrows, 1 bold"]),
    ] {
      let frame = try picture(step)
      #expect(frame.places == all.places, "step \(step)")
      #expect(frame.shown == Set(shown), "step \(step)")
    }
  }

  @Test func `operands are numbered at the arrow's head, but beside gradients that leave from there`() {
    var drawing = GraphDrawing(name: "a", title: "a")
    let (x, sum) = (drawing.add(.init(.data, "x")), drawing.add(.init(.operation, "add")))
    drawing.edges = [.init(x, sum, port: 1)]
    drawing.direction = .down
    #expect(drawing.dot.contains("headlabel=<1>"))
    drawing.direction = .right
    #expect(!drawing.dot.contains("headlabel") && drawing.dot.contains("label=<&#160;1>"))
    drawing.direction = .down
    drawing.edges.append(.init(sum, x, kind: .back, step: 1))
    #expect(!drawing.dot.contains("headlabel"))
  }
}

/// A picture's source with the entities that Graphviz writes replaced by what they stand for.
private func unescaped(_ svg: Data) -> String {
  var text = String(decoding: svg, as: UTF8.self)
  for (entity, character) in [
    ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#45;", "-"), ("&#160;", " "),
    ("&amp;", "&"),
  ] {
    text = text.replacing(entity, with: character)
  }
  return text
}

@Suite struct `A drawing as JSON` {
  @Test func `reads back as it was`() throws {
    let drawings = [everything(), GraphDrawing(name: "b", title: "另一个")]
    let text = try GraphDrawing.json(drawings)
    #expect(try GraphDrawing.drawings(json: Data(text.utf8)) == drawings)
    #expect(text == (try GraphDrawing.json(drawings)), "the same bytes each time")
  }

  @Test func `a gradient that did not come is absent, not zero`() throws {
    let text = try GraphDrawing.json([everything()])
    #expect(text.components(separatedBy: "\"flow\"").count - 1 == 1)
  }

  @Test(arguments: [
    ("", "is not a graph in the form workbench-graph-1"),
    ("{}", "is not a graph in the form workbench-graph-1"),
    (#"{"format": "x", "drawings": []}"#, #"has the format "x"; "workbench-graph-1" is needed"#),
    (
      #"{"format": "workbench-graph-1", "drawings": [{"name": "a", "title": "", "subtitle": "", "nodes": [], "clusters": [], "direction": "down", "edges": [{"from": 0, "to": 1, "kind": "data"}]}]}"#,
      "has an arrow from node 0 to node 1; there are 0 nodes"
    ),
    (
      #"{"format": "workbench-graph-1", "drawings": [{"name": "a", "title": "", "subtitle": "", "nodes": [], "edges": [], "direction": "down", "clusters": [{"title": "a", "parent": 0}]}]}"#,
      "has a frame 0 inside frame 0, which is no earlier one"
    ),
  ])
  func `what is no drawing is refused with the reason`(_ json: String, _ reason: String) {
    #expect(throws: DrawingFileError(reason: reason)) { try GraphDrawing.drawings(json: Data(json.utf8)) }
  }
}

@Suite struct `A drawing as text` {
  @Test func `shows what each node is made from, and leaves nothing out`() {
    let text = everything().text
    #expect(
      text == """
        One of everything
        and a subtitle

        (z) = [sum]     root
        ├─ (y) = [mul]  inner                          ∂z/∂y = 1.  MulBackward0  dim=1
        │  ├─ (w)       leaf   float32 [1, 1]  [[2.]]
        │  └─ (x)       data                                       not kept
        └─ (x) ↑

        """)
  }

  @Test func `columns stand below each other beside Chinese names, which are twice as wide`() {
    var drawing = GraphDrawing(name: "a", title: "a")
    let x = drawing.add(.init(.data, "数据", facts: [.init(.value, "2.")]))
    let y = drawing.add(.init(.root, "y", facts: [.init(.value, "4.")]))
    drawing.edges = [.init(x, y)]
    #expect(drawing.text == "a\n\n(y)        root  4.\n└─ (数据)  data  2.\n")
  }

  @Test func `operations without a variable behind them stand by themselves`() {
    var drawing = GraphDrawing(name: "a", title: "a")
    let a = drawing.add(.init(.data, "a"))
    let assign = drawing.add(.init(.operation, "assign", facts: [.init(.label, "update")]))
    let group = drawing.add(.init(.operation, "group"))
    drawing.edges = [.init(a, assign), .init(assign, group, kind: .control)]
    #expect(drawing.text == "a\n\n[group]\n└─ [assign]        update\n   └─ (a)    data\n")
  }
}
