/// Two drawn graphs laid over one another, from what they lead to down to variables and data: whether they are the same calculation, and
/// where they part if not.
///
/// Operations match if name, parameters and inputs do; of sums, products, maxima and minima the order of inputs does not matter.
/// Copies to a larger shape and reads of variables calculate nothing and are looked through. What is learned matches by name. What
/// only depends on data may be given on one side and calculated on the other; it is then assumed to be the same, and listed as that.
public struct GraphAlignment: Codable, Sendable, Equatable {
  /// How two values compare.
  public enum Verdict: String, Codable, Sendable {
    /// The same calculation of the same inputs.
    case same
    /// Both depend on data alone, one of them or both given: nothing says that they differ.
    case assumed
    /// Not the same; what is below is not compared.
    case different
    /// Only one side has it, and it calculates nothing or nothing that the result needs.
    case single
  }

  /// One line of the comparison.
  public struct Row: Codable, Sendable, Equatable {
    /// The operation or the kind of variable.
    public var operation: String
    /// What it is called in the first graph; nil if only the second has it.
    public var first: String?
    /// What it is called in the second graph; nil if only the first has it.
    public var second: String?
    /// dtype and shape in the first graph, and in the second.
    public var types: [String]
    public var verdict: Verdict
    /// Why the two differ; empty otherwise.
    public var reason: String
  }

  /// What both graphs have, inputs before what is made of them, then what only one has.
  public private(set) var rows: [Row] = []

  /// Whether the two are the same calculation.
  public var isSame: Bool { !rows.contains { $0.verdict == .different } }

  /// Lays `second` over `first`, from the first result of each.
  public init(_ first: GraphDrawing, _ second: GraphDrawing) {
    var aligner = Aligner(Calculation(first), Calculation(second))
    aligner.align()
    rows = aligner.rows
  }
}

/// A drawing as a calculation: for each value what makes it.
private struct Calculation {
  static let lookedThrough: Set = ["broadcast_to", "broadcast_against", "expand", "read", "identity"]
  static let commutative: Set = ["add", "mul", "maximum", "minimum"]

  let drawing: GraphDrawing
  /// For each node its sources, in the order of arguments.
  private(set) var sources: [[Int]]
  /// The value that everything leads to.
  private(set) var result: Int?
  /// Whether a node depends on something learned.
  private var learned: [Bool?]

  init(_ drawing: GraphDrawing) {
    self.drawing = drawing
    var arguments = [[(position: Int, source: Int)]](repeating: [], count: drawing.nodes.count)
    for edge in drawing.edges where edge.kind == .data {
      arguments[edge.to].append((edge.port ?? 0, edge.from))
    }
    sources = arguments.map { list in list.sorted { $0.position < $1.position }.map(\.source) }
    learned = Array(repeating: nil, count: drawing.nodes.count)
    result = drawing.nodes.indices.first { drawing.nodes[$0].role == .root }.map { maker($0) }
  }

  /// The operation or the given variable behind a node.
  func maker(_ node: Int) -> Int {
    var node = node
    // As many steps as there are nodes: a file may hold a circle.
    for _ in drawing.nodes.indices {
      let isCopy =
        drawing.nodes[node].role.isVariable || Self.lookedThrough.contains(drawing.nodes[node].title)
      guard isCopy, let source = sources[node].first else { break }
      node = source
    }
    return node
  }

  func inputs(_ node: Int) -> [Int] { sources[node].map(maker) }

  func isOperation(_ node: Int) -> Bool { !drawing.nodes[node].role.isVariable }

  mutating func dependsOnLearned(_ node: Int) -> Bool {
    if let known = learned[node] { return known }
    learned[node] = false
    var answer = drawing.nodes[node].role == .leaf
    for input in inputs(node) where dependsOnLearned(input) { answer = true }
    learned[node] = answer
    return answer
  }

  /// How the value behind an operation is called: by its variable, by the operation's own name, or by what it does.
  func name(_ node: Int) -> String {
    guard isOperation(node) else { return drawing.nodes[node].title }
    let made = drawing.edges.first { $0.from == node && $0.kind == .data && isVariable($0.to) }?.to
    return made.map { drawing.nodes[$0].title } ?? drawing.nodes[node].fact(.label)
      ?? drawing.nodes[node].title
  }

  private func isVariable(_ node: Int) -> Bool { drawing.nodes[node].role.isVariable }

  /// The value of a fact, which may stand at the variable that an operation makes.
  func fact(_ name: GraphDrawing.Fact.Name, _ node: Int) -> String? {
    if let own = drawing.nodes[node].fact(name) { return own }
    return made(node)?.fact(name)
  }

  func flow(_ node: Int) -> String? { (drawing.nodes[node].flow ?? made(node)?.flow)?.value }

  private func made(_ node: Int) -> GraphDrawing.Node? {
    guard isOperation(node) else { return nil }
    return drawing.edges.first { $0.from == node && $0.kind == .data && isVariable($0.to) }.map {
      drawing.nodes[$0.to]
    }
  }

  func parameters(_ node: Int) -> [String] {
    drawing.nodes[node].facts.filter { $0.name == .parameter }.map(\.value).sorted()
  }

  /// `square(x)`, `c1`: the expression of something that depends on data alone.
  func expression(_ node: Int, depth: Int = 8) -> String {
    guard isOperation(node) else { return drawing.nodes[node].title }
    let operands = depth == 0 ? ["…"] : inputs(node).map { expression($0, depth: depth - 1) }
    return "\(drawing.nodes[node].title)(\((operands + parameters(node)).joined(separator: ", ")))"
  }
}

/// Walks two calculations together.
private struct Aligner {
  private var first: Calculation
  private var second: Calculation
  private(set) var rows: [GraphAlignment.Row] = []
  private var partner: [Int: Int] = [:]
  private var partnerOfSecond: [Int: Int] = [:]
  private var codes: [[String]: Int] = [:]
  private var known: [[Int]: Int] = [:]

  init(_ first: Calculation, _ second: Calculation) {
    self.first = first
    self.second = second
  }

  mutating func align() {
    guard let a = first.result, let b = second.result else {
      rows.append(
        GraphAlignment.Row(
          operation: "result", first: first.result.map(first.name), second: second.result.map(second.name),
          types: [], verdict: .different, reason: "a graph without a result cannot be compared"))
      return
    }
    align(a, b)
    listSingles(first, matched: Set(partner.keys), isFirst: true)
    listSingles(second, matched: Set(partnerOfSecond.keys), isFirst: false)
  }

  private mutating func align(_ a: Int, _ b: Int) {
    if partner[a] == b { return }
    guard partner[a] == nil, partnerOfSecond[b] == nil else {
      let other = partner[a].map { second.expression($0) } ?? first.expression(partnerOfSecond[b]!)
      return part(a, b, "one of them is already the same as \(other)")
    }
    (partner[a], partnerOfSecond[b]) = (b, a)
    if let reason = contradiction(a, b) { return part(a, b, reason) }
    let (aIsOperation, bIsOperation) = (first.isOperation(a), second.isOperation(b))
    if !first.dependsOnLearned(a), !second.dependsOnLearned(b), !aIsOperation || !bIsOperation {
      return alignData(a, b)
    }
    guard aIsOperation, bIsOperation else {
      let isSame =
        aIsOperation == bIsOperation && first.drawing.nodes[a].role == second.drawing.nodes[b].role
        && first.name(a) == second.name(b)
      return isSame ? add(a, b, .same) : part(a, b, "a variable that is learned has no equal")
    }
    let (title, other) = (first.drawing.nodes[a].title, second.drawing.nodes[b].title)
    guard title == other else { return part(a, b, "\(title) here, \(other) there") }
    guard first.parameters(a) == second.parameters(b) else {
      let lists = [first.parameters(a), second.parameters(b)].map {
        $0.isEmpty ? "no parameter" : $0.joined(separator: ", ")
      }
      return part(a, b, "\(lists[0]) here, \(lists[1]) there")
    }
    let inputs = first.inputs(a)
    var others = second.inputs(b)
    guard inputs.count == others.count else {
      return part(a, b, "\(inputs.count) inputs here, \(others.count) there")
    }
    if Calculation.commutative.contains(title), inputs.count == 2, isBetterSwapped(inputs, others) {
      others.swapAt(0, 1)
    }
    for (input, other) in zip(inputs, others) { align(input, other) }
    add(a, b, .same)
  }

  private mutating func alignData(_ a: Int, _ b: Int) {
    let (one, two) = (first.name(a), second.name(b))
    let isNamed = !first.isOperation(a) && !second.isOperation(b)
    // Names are given on one side only where the other has none of its own, so a name both use must be the same thing.
    let isForeign = isNamed && one != two && (second.hasVariable(one) || first.hasVariable(two))
    if isForeign { return part(a, b, "\(one) here, \(two) there") }
    let isShown = first.fact(.value, a) != nil && second.fact(.value, b) != nil
    add(a, b, isNamed && (one == two || isShown) ? .same : .assumed)
  }

  /// What of types, values and gradients, where both graphs show them, says that two values differ.
  private func contradiction(_ a: Int, _ b: Int) -> String? {
    if let one = first.fact(.type, a), let two = second.fact(.type, b), !DrawnType(one).fits(DrawnType(two)) {
      return "\(one) here, \(two) there"
    }
    if let one = first.fact(.value, a), let two = second.fact(.value, b), one != two {
      return "the value is \(one) here, \(two) there"
    }
    if let one = first.flow(a), let two = second.flow(b), one != two {
      return "the gradient is \(one) here, \(two) there"
    }
    return nil
  }

  private mutating func isBetterSwapped(_ a: [Int], _ b: [Int]) -> Bool {
    var (x, y) = ([Int](), [Int]())
    for node in a { x.append(code(node, isFirst: true)) }
    for node in b { y.append(code(node, isFirst: false)) }
    let straight = (x[0] == y[0] ? 1 : 0) + (x[1] == y[1] ? 1 : 0)
    let crossed = (x[0] == y[1] ? 1 : 0) + (x[1] == y[0] ? 1 : 0)
    return crossed > straight
  }

  /// A number for the structure of a value, the same for both graphs; all that depends on data alone has one.
  private mutating func code(_ node: Int, isFirst: Bool) -> Int {
    let place = [node, isFirst ? 0 : 1]
    if let code = known[place] { return code }
    // For the time being, so that a circle in a file ends.
    known[place] = -1
    var key = ["data"]
    let isLearned = isFirst ? first.dependsOnLearned(node) : second.dependsOnLearned(node)
    if isLearned {
      let side = isFirst ? first : second
      key = [side.drawing.nodes[node].title]
      if side.isOperation(node) {
        var inputs = [String]()
        for input in side.inputs(node) { inputs.append("\(code(input, isFirst: isFirst))") }
        if Calculation.commutative.contains(key[0]) { inputs.sort() }
        key += side.parameters(node) + ["("] + inputs
      }
    }
    let code = codes[key] ?? codes.count
    codes[key] = code
    known[place] = code
    return code
  }

  // MARK: Rows

  private mutating func part(_ a: Int, _ b: Int, _ reason: String) { add(a, b, .different, reason) }

  private mutating func add(_ a: Int, _ b: Int, _ verdict: GraphAlignment.Verdict, _ reason: String = "") {
    let isData = verdict == .assumed
    let kind = first.isOperation(a) ? first.drawing.nodes[a].title : first.drawing.nodes[a].role.rawValue
    rows.append(
      GraphAlignment.Row(
        operation: kind, first: isData ? first.expression(a) : first.name(a),
        second: isData ? second.expression(b) : second.name(b),
        types: [first.fact(.type, a) ?? "", second.fact(.type, b) ?? ""], verdict: verdict, reason: reason))
  }

  private mutating func listSingles(_ side: Calculation, matched: Set<Int>, isFirst: Bool) {
    for (position, node) in side.drawing.nodes.enumerated() {
      guard node.role == .operation || node.role == .leaf || node.role == .data else { continue }
      guard !matched.contains(position) else { continue }
      let name = side.name(position)
      let type = side.fact(.type, position) ?? ""
      rows.append(
        GraphAlignment.Row(
          operation: node.role == .operation ? node.title : node.role.rawValue, first: isFirst ? name : nil,
          second: isFirst ? nil : name, types: isFirst ? [type, ""] : ["", type], verdict: .single, reason: ""
        ))
    }
  }
}

extension Calculation {
  /// Whether a given variable is called that.
  fileprivate func hasVariable(_ name: String) -> Bool {
    drawing.nodes.contains { $0.title == name && ($0.role == .data || $0.role == .leaf) }
  }
}

/// `float32 [100, 1]`, `float32[?, 1]`: dtype and sizes, where they are known.
private struct DrawnType {
  let dtype: Substring
  /// nil where the rank is not known, an element nil where the size is not.
  let sizes: [Int?]?

  init(_ text: String) {
    let bracket = text.firstIndex(of: "[") ?? text.endIndex
    dtype = text[..<bracket].split(separator: " ").first ?? ""
    guard bracket < text.endIndex, text.last == "]" else {
      sizes = nil
      return
    }
    let inside = text[text.index(after: bracket)...].dropLast()
    sizes = inside.split(separator: ",").map { Int($0.filter { $0 != " " }) }
  }

  /// Whether both may be the same, but for sizes of 1 in front.
  func fits(_ other: DrawnType) -> Bool {
    guard dtype == other.dtype else { return false }
    guard let sizes, let others = other.sizes else { return true }
    let rank = max(sizes.count, others.count)
    let (a, b) = (Self.padded(sizes, to: rank), Self.padded(others, to: rank))
    return zip(a, b).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  private static func padded(_ sizes: [Int?], to rank: Int) -> [Int?] {
    Array(repeating: 1, count: rank - sizes.count) + sizes
  }
}
