/// A drawing as a calculation: for each value what makes it.
struct DrawnCalculation {
  /// Copies to a larger shape and reads.
  private static let copies: Set = ["broadcast_to", "broadcast_against", "expand", "read", "identity"]
  /// What leaves the elements as they are, if it leaves them in their order.
  private static let moves: Set = [
    "sum_to_size", "reshape", "view", "t", "transpose", "permute", "squeeze", "unsqueeze", "clone",
  ]
  private static let commutative: Set = ["add", "mul", "maximum", "minimum"]

  let drawing: GraphDrawing
  /// The values that everything leads to, with what they are for.
  private(set) var results: [(purpose: String?, maker: Int)] = []
  /// For each node its sources, in the order of arguments.
  private let sources: [[Int]]
  /// For each operation the first variable it makes.
  private var made: [Int?]
  /// For each node the operation or the given variable behind it.
  private var makers: [Int]
  /// Whether a node depends on something learned.
  private var learned: [Bool]

  init(_ drawing: GraphDrawing) {
    self.drawing = drawing
    let count = drawing.nodes.count
    var arguments = [[(position: Int, source: Int)]](repeating: [], count: count)
    made = Array(repeating: nil, count: count)
    for edge in drawing.edges where edge.kind == .data {
      arguments[edge.to].append((edge.port ?? 0, edge.from))
      if made[edge.from] == nil, !drawing.nodes[edge.from].role.isVariable,
        drawing.nodes[edge.to].role.isVariable
      {
        made[edge.from] = edge.to
      }
    }
    sources = arguments.map { list in list.sorted { $0.position < $1.position }.map(\.source) }
    learned = Array(repeating: false, count: count)
    makers = Array(0..<count)
    for node in 0..<count { makers[node] = followed(node) }
    shareData()
    spreadLearned()
    results = drawing.nodes.indices.filter { drawing.nodes[$0].role == .root }.map {
      (drawing.nodes[$0].fact(.purpose), makers[$0])
    }
  }

  // MARK: What is behind a node

  /// The operation or the given variable behind a node.
  func maker(_ node: Int) -> Int { makers[node] }

  func inputs(_ node: Int) -> [Int] { sources[node].map { makers[$0] } }

  func isOperation(_ node: Int) -> Bool { !drawing.nodes[node].role.isVariable }

  /// Whether it calculates, rather than copies.
  func calculates(_ node: Int) -> Bool { makers[node] == node }

  private func followed(_ start: Int) -> Int {
    var node = start
    // As many steps as there are nodes: a file may hold a circle.
    for _ in drawing.nodes.indices {
      guard drawing.nodes[node].role.isVariable || passesOn(node), let source = sources[node].first else {
        break
      }
      node = source
    }
    return node
  }

  /// Whether an operation's values are those of its first operand.
  private func passesOn(_ node: Int) -> Bool {
    let title = drawing.nodes[node].title
    if Self.copies.contains(title) { return true }
    // x¹ stands in a recorded gradient so that it can be differentiated in turn.
    let isFirstPower = title == "pow" && parameters(node).contains { $0 == "right=1" || $0 == "right=1.0" }
    guard Self.moves.contains(title) || isFirstPower, let source = sources[node].first,
      let bits = fact(.bits, node)
    else { return false }
    return bits == fact(.bits, source)
  }

  /// Given values that the drawing has twice, without knowing it, are one.
  private mutating func shareData() {
    var known: [[String]: Int] = [:]
    var shared: [Int: Int] = [:]
    for (position, node) in drawing.nodes.enumerated() where node.role == .data {
      guard let bits = node.fact(.bits), let type = node.fact(.type) else { continue }
      if let first = known[[bits, type]] {
        shared[position] = first
      } else {
        known[[bits, type]] = position
      }
    }
    if !shared.isEmpty { makers = makers.map { shared[$0] ?? $0 } }
  }

  /// Notes all that the learned variables lead to.
  private mutating func spreadLearned() {
    var users = [[Int]](repeating: [], count: sources.count)
    for node in sources.indices { for input in inputs(node) { users[input].append(node) } }
    var work = drawing.nodes.indices.filter { drawing.nodes[$0].role == .leaf }
    while let node = work.popLast() {
      if learned[node] { continue }
      learned[node] = true
      work += users[node]
    }
  }

  /// Whether it depends on anything learned.
  func dependsOnLearned(_ node: Int) -> Bool { learned[node] }

  // MARK: What is known of it

  /// Whether the order of its operands does not matter.
  func isCommutative(_ node: Int) -> Bool { Self.commutative.contains(drawing.nodes[node].title) }

  /// How the value behind an operation is called: by its variable, by the operation's own name, or by what it does; in name scopes.
  func name(_ node: Int) -> String {
    let shown = made[node].map { drawing.nodes[$0] } ?? drawing.nodes[node]
    let own =
      shown.role.isVariable
      ? shown.title : drawing.nodes[node].fact(.label) ?? drawing.nodes[node].title
    var path = [own]
    var frame = shown.cluster
    while let cluster = frame {
      path.insert(drawing.clusters[cluster].title, at: 0)
      frame = drawing.clusters[cluster].parent
    }
    return path.joined(separator: "/")
  }

  /// The value of a fact, which may stand at the variable that an operation makes.
  func fact(_ name: GraphDrawing.Fact.Name, _ node: Int) -> String? {
    drawing.nodes[node].fact(name) ?? made[node].flatMap { drawing.nodes[$0].fact(name) }
  }

  /// The gradient that a drawing of the backward pass shows at it.
  func flow(_ node: Int) -> String? {
    (drawing.nodes[node].flow ?? made[node].flatMap { drawing.nodes[$0].flow })?.value
  }

  /// Its parameters but for the shape, which the type says.
  func parameters(_ node: Int) -> [String] {
    drawing.nodes[node].facts.filter { $0.name == .parameter && !$0.value.hasPrefix("shape=") }
      .map(\.value).sorted()
  }

  /// Whether a given variable is called that.
  func hasVariable(_ name: String) -> Bool {
    drawing.nodes.contains { $0.title == name && ($0.role == .data || $0.role == .leaf) }
  }

  /// `square(x)`, `c1`: how it is calculated, down to variables and to what is `known`.
  func expression(_ node: Int, known: (Int) -> Bool = { _ in false }, depth: Int = 8) -> String {
    guard isOperation(node) else { return name(node) }
    let operands =
      depth == 0
      ? ["…"]
      : inputs(node).map { known($0) ? name($0) : expression($0, known: known, depth: depth - 1) }
    return "\(drawing.nodes[node].title)(\((operands + parameters(node)).joined(separator: ", ")))"
  }
}
