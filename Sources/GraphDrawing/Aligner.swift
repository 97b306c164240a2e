/// Walks two calculations together.
struct Aligner {
  private let first: DrawnCalculation
  private let second: DrawnCalculation
  private(set) var rows: [GraphAlignment.Row] = []
  private var partner: [Int: Int] = [:]
  private var partnerOfSecond: [Int: Int] = [:]
  /// Nodes of the first graph that are the same as their partners, so far as it is known.
  private var isSettled: Set<Int> = []
  /// Nodes of the second graph, and of the first, that belong to something compared as a whole.
  private var covered: (first: Set<Int>, second: Set<Int>) = ([], [])
  private var codes: [[String]: Int] = [:]
  private var known: [[Int]: Int] = [:]

  init(_ first: DrawnCalculation, _ second: DrawnCalculation) {
    self.first = first
    self.second = second
  }

  mutating func align() {
    for (a, b) in resultPairs() {
      if let a, let b {
        align(a, b)
        continue
      }
      rows.append(
        GraphAlignment.Row(
          operation: "result", first: a.map(first.name), second: b.map(second.name), types: [],
          verdict: .different, hasSameBits: nil, reason: "only one of the graphs has this result"))
    }
    if rows.isEmpty {
      rows = [
        GraphAlignment.Row(
          operation: "result", first: nil, second: nil, types: [], verdict: .different, hasSameBits: nil,
          reason: "graphs without a result cannot be compared")
      ]
    }
    listSingles(first, matched: covered.first.union(partner.keys), isFirst: true)
    listSingles(second, matched: covered.second.union(partnerOfSecond.keys), isFirst: false)
  }

  /// The results that are for the same; the first of each graph where the drawings do not say what results are for.
  private func resultPairs() -> [(Int?, Int?)] {
    let (a, b) = (first.results, second.results)
    guard a.allSatisfy({ $0.purpose != nil }), b.allSatisfy({ $0.purpose != nil }) else {
      return a.isEmpty && b.isEmpty ? [] : [(a.first?.maker, b.first?.maker)]
    }
    let pairs = a.map { result in
      (Optional(result.maker), b.first { $0.purpose == result.purpose }?.maker)
    }
    let others = b.filter { result in !a.contains { $0.purpose == result.purpose } }
    return pairs + others.map { (nil, $0.maker) }
  }

  /// A comparison that waits for those of what the two values are made from.
  private struct Visit {
    /// What is compared before.
    enum Step {
      /// These two.
      case pair(Int, Int)
      /// An input of the first with what is equal to it among `others`.
      case amongOthers(Int)
      /// What `amongOthers` left.
      case rest
      /// An input of the first with what is equal to it behind the second, and the other way round.
      case behindSecond(Int)
      case behindFirst(Int)
    }
    /// What the comparison says once its steps are done.
    enum Conclusion {
      case operations
      case unrecorded
      case part(String)
    }

    let a: Int
    let b: Int
    let conclusion: Conclusion
    /// The last is the next.
    var steps: [Step]
    /// Inputs of the second that have no equal yet, and those of the first for which none was found.
    var others: [Int] = []
    var left: [Int] = []
    /// Whether all that was compared so far is the same.
    var isSame = true

    init(_ a: Int, _ b: Int, _ conclusion: Conclusion, _ steps: [Step]) {
      (self.a, self.b, self.conclusion) = (a, b, conclusion)
      self.steps = steps.reversed()
    }
  }

  /// What a comparison starts as.
  private enum Beginning {
    case done(isSame: Bool)
    case waits(Visit)
  }

  /// Compares two values and what they are made from: inputs before what is made of them, however long the chain.
  private mutating func align(_ a: Int, _ b: Int) {
    guard case .waits(let outermost) = begin(a, b) else { return }
    var visits = [outermost]
    while let visit = visits.last {
      let isSame: Bool
      if let (x, y) = nextPair(&visits[visits.count - 1]) {
        switch begin(x, y) {
        case .waits(let inner):
          visits.append(inner)
          continue
        case .done(let same): isSame = same
        }
      } else {
        visits.removeLast()
        isSame = conclude(visit)
      }
      if !isSame, !visits.isEmpty { visits[visits.count - 1].isSame = false }
    }
  }

  /// The next two values that a visit compares; nil when it is done.
  private func nextPair(_ visit: inout Visit) -> (Int, Int)? {
    while let step = visit.steps.popLast() {
      switch step {
      case .pair(let input, let other): return (input, other)
      case .amongOthers(let input):
        if let found = visit.others.firstIndex(where: { areOpenEquals(input, $0) }) {
          return (input, visit.others.remove(at: found))
        }
        visit.left.append(input)
      case .rest:
        let steps = visit.left.map(Visit.Step.behindSecond) + visit.others.map(Visit.Step.behindFirst)
        visit.steps = steps.reversed()
      case .behindSecond(let input):
        let found = nodes(second, behind: visit.b).first {
          haveOneRole(input, $0) && areOpenEquals(input, $0)
        }
        if let found { return (input, found) }
      case .behindFirst(let input):
        let found = nodes(first, behind: visit.a).first {
          haveOneRole($0, input) && areOpenEquals($0, input)
        }
        if let found { return (found, input) }
      }
    }
    return nil
  }

  private mutating func conclude(_ visit: Visit) -> Bool {
    switch visit.conclusion {
    case .operations: concludeOperations(visit.a, visit.b, visit.isSame)
    case .unrecorded: concludeUnrecorded(visit.a, visit.b, visit.isSame)
    case .part(let reason): part(visit.a, visit.b, reason)
    }
  }

  /// Says whether two values are the same, or what must be compared before.
  private mutating func begin(_ a: Int, _ b: Int) -> Beginning {
    if partner[a] == b { return .done(isSame: isSettled.contains(a)) }
    let (isLearned, isLearnedThere) = (first.dependsOnLearned(a), second.dependsOnLearned(b))
    let isData = !isLearned && !isLearnedThere
    guard partner[a] == nil, partnerOfSecond[b] == nil else {
      // Data may be given once and calculated twice.
      if isData, hasSameBits(a, b) == true {
        coverBelow(a, b)
        return .done(isSame: true)
      }
      let other = partner[a].map { second.expression($0) } ?? first.expression(partnerOfSecond[b]!)
      return .done(isSame: part(a, b, "one of them is already the same as \(other)"))
    }
    (partner[a], partnerOfSecond[b]) = (b, a)
    if let reason = contradiction(a, b) { return .done(isSame: part(a, b, reason)) }
    if isData, !first.isOperation(a) || !second.isOperation(b) { return .done(isSame: alignData(a, b)) }
    if first.fact(.unrecorded, a) != nil || second.fact(.unrecorded, b) != nil {
      return .waits(visitUnrecorded(a, b))
    }
    guard first.isOperation(a), second.isOperation(b) else { return .done(isSame: alignVariables(a, b)) }
    return .waits(visitOperations(a, b))
  }

  private mutating func alignVariables(_ a: Int, _ b: Int) -> Bool {
    let isSame =
      first.drawing.nodes[a].role == second.drawing.nodes[b].role && first.name(a) == second.name(b)
    guard isSame else { return part(a, b, "a variable that is learned has no equal") }
    return hasSameBits(a, b) == false ? part(a, b, "the variable has other values") : add(a, b, .same)
  }

  /// Operands of different operations: those that are equal as they are. What one side does in one operation may take the other several, so
  /// operands without an equal are looked for in what lies behind the other operation.
  private mutating func visitOperations(_ a: Int, _ b: Int) -> Visit {
    let (inputs, others) = (first.inputs(a), second.inputs(b))
    let (title, other) = (first.drawing.nodes[a].title, second.drawing.nodes[b].title)
    guard title == other, inputs.count == others.count else {
      let reason =
        title == other
        ? "\(inputs.count) inputs here, \(others.count) there" : "\(title) here, \(other) there"
      var visit = Visit(a, b, .part(reason), inputs.map(Visit.Step.amongOthers) + [.rest])
      visit.others = others
      return visit
    }
    let isSwapped = first.isCommutative(a) && inputs.count == 2 && isBetterSwapped(inputs, others)
    return Visit(
      a, b, .operations, zip(inputs, isSwapped ? others.reversed() : others).map(Visit.Step.pair))
  }

  private mutating func concludeOperations(_ a: Int, _ b: Int, _ isSame: Bool) -> Bool {
    guard first.parameters(a) == second.parameters(b) else {
      let lists = [first.parameters(a), second.parameters(b)].map {
        $0.isEmpty ? "no parameter" : $0.joined(separator: ", ")
      }
      return part(a, b, "\(lists[0]) here, \(lists[1]) there")
    }
    guard isSame else { return add(a, b, .follows) }
    return hasSameBits(a, b) == false
      ? part(a, b, "the same operation on the same operands gives other values") : add(a, b, .same)
  }

  /// Whether neither has a partner yet, and both have the same bits, or, if they are learned, the same name: several variables may start
  /// from the same values.
  private func areOpenEquals(_ a: Int, _ b: Int) -> Bool {
    guard partner[a] == nil, partnerOfSecond[b] == nil else { return false }
    guard first.drawing.nodes[a].role == .leaf || second.drawing.nodes[b].role == .leaf else {
      return hasSameBits(a, b) == true
    }
    return haveOneRole(a, b) && first.name(a) == second.name(b)
  }

  private func haveOneRole(_ a: Int, _ b: Int) -> Bool {
    first.drawing.nodes[a].role == second.drawing.nodes[b].role
  }

  /// All that `node` is calculated from, the nearest first.
  private func nodes(_ side: DrawnCalculation, behind node: Int) -> [Int] {
    var found = side.inputs(node)
    var seen = Set(found)
    var next = 0
    while next < found.count {
      found += side.inputs(found[next]).filter { seen.insert($0).inserted }
      next += 1
    }
    return found
  }

  private mutating func alignData(_ a: Int, _ b: Int) -> Bool {
    let (one, two) = (first.name(a), second.name(b))
    let isNamed = !first.isOperation(a) && !second.isOperation(b)
    if let isEqual = hasSameBits(a, b) {
      guard isEqual else { return part(a, b, "other values") }
      coverBelow(a, b)
      return add(a, b, isNamed && one == two ? .same : .equal)
    }
    // Names are given on one side only where the other has none of its own, so a name both use must be the same thing.
    let isForeign = isNamed && one != two && (second.hasVariable(one) || first.hasVariable(two))
    if isForeign { return part(a, b, "\(one) here, \(two) there") }
    let isShown = first.fact(.value, a) != nil && second.fact(.value, b) != nil
    return add(a, b, isNamed && (one == two || isShown) ? .same : .assumed)
  }

  /// What one side calculates and the other is given is listed with what it is equal to.
  private mutating func coverBelow(_ a: Int, _ b: Int) {
    func whole(_ side: DrawnCalculation, _ node: Int) -> Set<Int> {
      let inside = operations(side, below: node, until: { _ in false }).union([node])
      return inside.union(inside.flatMap(side.inputs))
    }
    covered.first.formUnion(whole(first, a))
    covered.second.formUnion(whole(second, b))
  }

  /// An update that one graph, or both, has as a whole: it is the same when it starts from the same values and leaves the same bits.
  private func visitUnrecorded(_ a: Int, _ b: Int) -> Visit {
    let (inputs, others) = (first.inputs(a), second.inputs(b))
    guard first.fact(.unrecorded, a) != nil else {
      return Visit(a, b, .unrecorded, others.map(Visit.Step.behindFirst))
    }
    guard second.fact(.unrecorded, b) != nil else {
      return Visit(a, b, .unrecorded, inputs.map(Visit.Step.behindSecond))
    }
    var visit = Visit(a, b, .unrecorded, zip(inputs, others).map(Visit.Step.pair))
    visit.isSame = inputs.count == others.count
    return visit
  }

  private mutating func concludeUnrecorded(_ a: Int, _ b: Int, _ areInputsSame: Bool) -> Bool {
    var isSame = areInputsSame
    var reason = "not recorded on either side"
    if second.fact(.unrecorded, b) == nil {
      let (matched, settled) = (partnerOfSecond, isSettled)
      let isKnown = { (node: Int) in node != b && matched[node] != nil }
      covered.second.formUnion(operations(second, below: b, until: isKnown))
      let start = Set(first.inputs(a).map { partner[$0] })
      isSame =
        start == Set(ends(second, below: b, until: isKnown, start: start))
        && first.inputs(a).allSatisfy(settled.contains)
      reason = "not recorded; it leaves the bits of \(second.expression(b, known: isKnown))"
    } else if first.fact(.unrecorded, a) == nil {
      let (matched, settled) = (partner, isSettled)
      let isKnown = { (node: Int) in node != a && matched[node] != nil }
      covered.first.formUnion(operations(first, below: a, until: isKnown))
      let start = Set(second.inputs(b).map { partnerOfSecond[$0] })
      let reached = ends(first, below: a, until: isKnown, start: start)
      isSame = start == Set(reached) && reached.allSatisfy { $0.map(settled.contains) ?? false }
      reason = "not recorded; it leaves the bits of \(first.expression(a, known: isKnown))"
    }
    switch hasSameBits(a, b) {
    case true?: return isSame ? add(a, b, .equal, reason) : add(a, b, .follows)
    case false?: return isSame ? part(a, b, "the update leaves other values") : add(a, b, .follows)
    case nil: return isSame ? add(a, b, .assumed) : add(a, b, .follows)
    }
  }

  /// The operations from `node` down to what ends the walk, `node` left out.
  private func operations(
    _ side: DrawnCalculation, below node: Int, until isEnd: (Int) -> Bool
  ) -> Set<Int> {
    var found = Set<Int>()
    var work = side.inputs(node)
    while let next = work.popLast() {
      guard !isEnd(next), side.isOperation(next), found.insert(next).inserted else { continue }
      work += side.inputs(next)
    }
    return found
  }

  /// What the walk from `node` down ends at: what is in `start`, and else what is not a constant.
  private func ends(
    _ side: DrawnCalculation, below node: Int, until isEnd: (Int) -> Bool, start: Set<Int?>
  ) -> [Int?] {
    let inside = operations(side, below: node, until: isEnd).union([node])
    return inside.flatMap(side.inputs).filter { end in
      !inside.contains(end) && (start.contains(end) || side.drawing.nodes[end].role != .data)
    }
  }

  // MARK: Comparing

  /// Whether both have the same values, bit for bit; nil where a side does not know its own.
  private func hasSameBits(_ a: Int, _ b: Int) -> Bool? {
    guard let one = first.fact(.bits, a), let two = second.fact(.bits, b) else { return nil }
    return one == two
  }

  /// What of types, values and gradients, where both graphs show them, says that two values cannot be the same.
  private func contradiction(_ a: Int, _ b: Int) -> String? {
    if let one = first.fact(.type, a), let two = second.fact(.type, b), !DrawnType(one).fits(DrawnType(two)) {
      return "\(one) here, \(two) there"
    }
    if hasSameBits(a, b) == nil, let one = first.fact(.value, a), let two = second.fact(.value, b), one != two
    {
      return "the value is \(one) here, \(two) there"
    }
    if let one = first.flow(a), let two = second.flow(b), one != two {
      return "the gradient is \(one) here, \(two) there"
    }
    return nil
  }

  /// Whether two operands have more in common with two others crosswise than in their order: of bits, partners, structure and names the
  /// first that tells them apart decides.
  private mutating func isBetterSwapped(_ a: [Int], _ b: [Int]) -> Bool {
    let (x, y) = (a.map { code($0, isFirst: true) }, b.map { code($0, isFirst: false) })
    func gain(_ isAlike: (Int, Int) -> Bool) -> Int {
      let alike = [(0, 1), (1, 0), (0, 0), (1, 1)].map { isAlike($0, $1) ? 1 : 0 }
      return alike[0] + alike[1] - alike[2] - alike[3]
    }
    let gains = [
      gain { hasSameBits(a[$0], b[$1]) == true }, gain { partner[a[$0]] == b[$1] },
      gain { x[$0] == y[$1] }, gain { first.name(a[$0]) == second.name(b[$1]) },
    ]
    return gains.first { $0 != 0 }.map { $0 > 0 } ?? false
  }

  /// A number for the structure of a value, the same for both graphs; all that depends on data alone has one.
  private mutating func code(_ node: Int, isFirst: Bool) -> Int {
    let side = isFirst ? first : second
    func place(_ node: Int) -> [Int] { [node, isFirst ? 0 : 1] }
    var path = [node]
    while let next = path.last {
      let inputs = side.dependsOnLearned(next) && side.isOperation(next) ? side.inputs(next) : []
      if known[place(next)] == nil {
        // For the time being, so that a circle in a file ends; the inputs come first.
        known[place(next)] = -1
        path += inputs.filter { known[place($0)] == nil }
        continue
      }
      path.removeLast()
      guard known[place(next)] == -1 else { continue }
      let key = structure(next, side, inputs.map { known[place($0)]! })
      let code = codes[key] ?? codes.count
      codes[key] = code
      known[place(next)] = code
    }
    return known[place(node)]!
  }

  /// What a value's structure is known by, given the numbers of its inputs.
  private func structure(_ node: Int, _ side: DrawnCalculation, _ codes: [Int]) -> [String] {
    guard side.dependsOnLearned(node) else { return ["data"] }
    let title = side.drawing.nodes[node].title
    guard side.isOperation(node) else { return [title] }
    let inputs = codes.map { "\($0)" }
    return [title] + side.parameters(node) + ["("] + (side.isCommutative(node) ? inputs.sorted() : inputs)
  }

  // MARK: Rows

  private mutating func part(_ a: Int, _ b: Int, _ reason: String) -> Bool { add(a, b, .different, reason) }

  /// Adds a row; whether it says that both are the same.
  private mutating func add(
    _ a: Int, _ b: Int, _ verdict: GraphAlignment.Verdict, _ reason: String = ""
  ) -> Bool {
    let kind = first.isOperation(a) ? first.drawing.nodes[a].title : first.drawing.nodes[a].role.rawValue
    var reason = reason
    if reason.isEmpty, verdict == .equal || verdict == .assumed {
      reason = "\(first.expression(a)) is \(second.expression(b))"
    }
    rows.append(
      GraphAlignment.Row(
        operation: kind, first: first.name(a), second: second.name(b),
        types: [first.fact(.type, a) ?? "", second.fact(.type, b) ?? ""], verdict: verdict,
        hasSameBits: hasSameBits(a, b), reason: reason))
    let isSame = verdict == .same || verdict == .equal || verdict == .assumed
    if isSame { isSettled.insert(a) }
    return isSame
  }

  private mutating func listSingles(_ side: DrawnCalculation, matched: Set<Int>, isFirst: Bool) {
    for (position, node) in side.drawing.nodes.enumerated() {
      guard node.role == .operation || node.role == .leaf || node.role == .data else { continue }
      guard side.calculates(position), !matched.contains(position) else { continue }
      let name = side.name(position)
      let type = side.fact(.type, position) ?? ""
      rows.append(
        GraphAlignment.Row(
          operation: node.role == .operation ? node.title : node.role.rawValue, first: isFirst ? name : nil,
          second: isFirst ? nil : name, types: isFirst ? [type, ""] : ["", type], verdict: .single,
          hasSameBits: nil, reason: ""))
    }
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
