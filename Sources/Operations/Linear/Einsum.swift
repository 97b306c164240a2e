/// `einsum(equation, operands)`: sums of products named by letters: `"ij,jk->ik"` is a matrix product.
///
/// Each operand is laid out over the letters of the result and the summed ones, multiplied by broadcasting pair by pair, and the letters that no
/// later operand needs are summed as matrix products (`bmm`). Repeated letters in one operand take its diagonal; `...` stands for the
/// dimensions not named; without `->` the result has the letters that occur once, in alphabetical order.
public enum Einsum: TableEntry {
  public static let name = "einsum"
  public static var signature: Signature { Signature("T* operands, str equation") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try contracted(try arguments.tensors(), try arguments.string("equation"))]
  }

  /// A label is a letter, or a dimension of the ellipsis (numbered from the last).
  private enum Label: Hashable {
    case letter(Character)
    case rest(Int)
  }

  static func contracted<Value: Algebra>(_ operands: [Value], _ equation: String) throws(ArrayError) -> Value
  {
    try require(!operands.isEmpty, .value("einsum: must specify at least one operand"))
    let text = equation.filter { $0 != " " }
    let (left, right) = split(text)
    let inputs = left.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    try require(
      inputs.count == operands.count,
      .runtime(
        "einsum: \(inputs.count < operands.count ? "more" : "fewer") operands were provided than specified in the equation '\(equation)': \(operands.count)"
      ))
    var values: [Value] = []
    var labels: [[Label]] = []
    var written: [[Label]] = []
    for (index, (operand, letters)) in zip(operands, inputs).enumerated() {
      guard let rank = operand.staticShape?.rank else { throw .runtime("einsum: the rank is not known yet") }
      written.append(try parse(letters, rank, index))
      let (value, own) = try diagonals(operand, written[index])
      values.append(value)
      labels.append(own)
    }
    var sizes: [Label: Int] = [:]
    for (index, own) in labels.enumerated() {
      let shape = values[index].staticShape ?? []
      for (axis, label) in own.enumerated() {
        let known = sizes[label] ?? 1
        try require(
          known == shape[axis] || known == 1 || shape[axis] == 1,
          .runtime(
            "einsum: operands do not broadcast with remapped shapes: subscript \(label) has size \(shape[axis]) for operand \(index) which does not broadcast with previously seen size \(known)"
          ))
        sizes[label] = Swift.max(known, shape[axis])
        if known == 0 || shape[axis] == 0 { sizes[label] = 0 }
      }
    }
    let output = try outputLabels(right, written, equation)
    var (value, own) = (values[0], labels[0])
    (value, own) = try summed(value, own, keeping: Set(output).union(labels.dropFirst().flatMap { $0 }))
    for index in 1..<Swift.max(values.count, 1) {
      let later = Set(output).union(labels[(index + 1)...].flatMap { $0 })
      let (other, otherLabels) = try summed(
        values[index], labels[index], keeping: later.union(own))
      (value, own) = try multiplied(value, own, other, otherLabels, keeping: later, sizes)
    }
    // The result's letters in order; letters of size 1 that no operand has cannot occur.
    let order = output.map { label in own.firstIndex(of: label) ?? 0 }
    return order == Array(0..<own.count) ? value : try Value.apply(Permute(order), value)
  }

  private static func split(_ text: String) -> (String, String?) {
    guard let arrow = text.firstRange(of: "->") else { return (text, nil) }
    return (String(text[..<arrow.lowerBound]), String(text[arrow.upperBound...]))
  }

  private static func parse(_ text: String, _ rank: Int, _ operand: Int) throws(ArrayError) -> [Label] {
    var labels: [Label] = []
    let letters = Array(text)
    let named = letters.count { $0 != "." }
    var position = 0
    var seenEllipsis = false
    while position < letters.count {
      let letter = letters[position]
      if letter == "." {
        try require(
          !seenEllipsis && position + 2 < letters.count && letters[position + 1] == "."
            && letters[position + 2] == ".",
          .runtime("einsum: found '.' for operand \(operand) that is not part of any ellipsis"))
        seenEllipsis = true
        for rest in (0..<Swift.max(rank - named, 0)).reversed() { labels.append(.rest(rest)) }
        position += 3
        continue
      }
      try require(
        letter.isLetter && letter.isASCII,
        .runtime("einsum: invalid subscript given at index \(position), subscripts must be in [a-zA-Z]"))
      labels.append(.letter(letter))
      position += 1
    }
    try require(
      labels.count == rank,
      .runtime(
        "einsum: the number of subscripts in the equation (\(labels.count)) does not match the number of dimensions (\(rank)) for operand \(operand)"
          + (seenEllipsis ? "" : " and no ellipsis was given")))
    return labels
  }

  private static func outputLabels(
    _ right: String?, _ labels: [[Label]], _ equation: String
  ) throws(ArrayError) -> [Label] {
    let all = labels.flatMap { $0 }
    let rests = Set(
      all.compactMap { label in
        if case .rest(let number) = label { number } else { nil }
      }
    ).sorted(by: >).map { Label.rest($0) }
    guard let right else {
      var counts: [Character: Int] = [:]
      for own in labels {
        for case .letter(let letter) in own { counts[letter, default: 0] += 1 }
      }
      // PyTorch sorts capital letters before small ones, as ASCII does.
      return rests + counts.filter { $0.value == 1 }.keys.sorted().map { Label.letter($0) }
    }
    var output: [Label] = []
    var rest = Substring(right)
    while let letter = rest.first {
      if rest.hasPrefix("...") {
        output += rests
        rest = rest.dropFirst(3)
        continue
      }
      try require(
        letter.isLetter && letter.isASCII,
        .runtime(
          "einsum: invalid subscript given in the output of '\(equation)', subscripts must be in [a-zA-Z]"))
      try require(
        !output.contains(.letter(letter)),
        .runtime("einsum: output subscript \(letter) appears more than once in the output"))
      try require(
        all.contains(.letter(letter)),
        .runtime("einsum: output subscript \(letter) does not appear in the equation for any input operand"))
      output.append(.letter(letter))
      rest = rest.dropFirst()
    }
    return output
  }

  /// Letters that occur twice in one operand: its diagonal.
  private static func diagonals<Value: Algebra>(
    _ value: Value, _ labels: [Label]
  ) throws(ArrayError) -> (Value, [Label]) {
    var (value, labels) = (value, labels)
    var position = 0
    while position < labels.count {
      if let first = labels[..<position].firstIndex(of: labels[position]) {
        let shape = value.staticShape ?? []
        try require(
          shape[first] == shape[position],
          .runtime(
            "einsum: subscript \(labels[position]) is repeated for an operand but the sizes don't match, \(shape[position]) != \(shape[first])"
          ))
        value = try Value.apply(Diagonal(0, first, position), value)
        let label = labels[first]
        labels.remove(at: position)
        labels.remove(at: first)
        labels.append(label)
        position = 0
      } else {
        position += 1
      }
    }
    return (value, labels)
  }

  /// Summed over the labels that nobody else needs.
  private static func summed<Value: Algebra>(
    _ value: Value, _ labels: [Label], keeping kept: Set<Label>
  ) throws(ArrayError) -> (Value, [Label]) {
    let gone = labels.indices.filter { !kept.contains(labels[$0]) }
    if gone.isEmpty { return (value, labels) }
    return (try Value.apply(Sum(gone), value), labels.filter { kept.contains($0) })
  }

  /// The operand without these labels: summed over, or dropped where the size is 1.
  private static func without<Value: Algebra>(
    _ gone: [Label], _ value: Value, _ labels: [Label]
  ) throws(ArrayError) -> (Value, [Label]) {
    let kept = Set(labels).subtracting(gone)
    let single = labels.indices.filter { !kept.contains(labels[$0]) && (value.staticShape ?? [])[$0] == 1 }
    let narrow = single.isEmpty ? value : try Value.apply(Squeeze(single), value)
    let left = labels.indices.filter { !single.contains($0) }.map { labels[$0] }
    return try summed(narrow, left, keeping: kept)
  }

  /// The product of two operands, as one batched matrix product: labels both have and the result keeps are the batch, labels both have and
  /// nobody keeps are summed.
  private static func multiplied<Value: Algebra>(
    _ a: Value, _ aLabels: [Label], _ b: Value, _ bLabels: [Label], keeping kept: Set<Label>,
    _ sizes: [Label: Int]
  ) throws(ArrayError) -> (Value, [Label]) {
    func size(_ value: Value, _ labels: [Label], _ label: Label) -> Int {
      (value.staticShape ?? [])[labels.firstIndex(of: label) ?? 0]
    }
    let shared = aLabels.filter(bLabels.contains)
    let summed = shared.filter { !kept.contains($0) }
    let batch = shared.filter(kept.contains)
    let rows = aLabels.filter { !bLabels.contains($0) }
    let columns = bLabels.filter { !aLabels.contains($0) }
    func arranged(_ value: Value, _ labels: [Label], _ order: [[Label]]) throws(ArrayError) -> Value {
      let flat = order.flatMap { $0 }
      var result = try Value.apply(Permute(flat.map { labels.firstIndex(of: $0) ?? 0 }), value)
      // Broadcast shared labels of size 1 to their common size.
      let own = result.staticShape ?? []
      let wide = Shape(flat.enumerated().map { shared.contains($1) ? sizes[$1] ?? 1 : own[$0] })
      if wide != own { result = try Value.apply(BroadcastTo(wide), result) }
      let groups = order.map { group in
        group.reduce(1) { $0 * (shared.contains($1) ? sizes[$1] ?? 1 : size(value, labels, $1)) }
      }
      return try Value.apply(Reshape(Shape(groups)), result)
    }
    let product: Value
    if summed.allSatisfy({ size(a, aLabels, $0) == 1 || size(b, bLabels, $0) == 1 }) {
      // Nothing meets along a summed label: a product element by element, in the dtype in which both meet.
      let (x, xLabels) = try without(summed, a, aLabels)
      let (y, yLabels) = try without(summed, b, bLabels)
      product = try Value.apply(
        broadcasting: Mul(), try arranged(x, xLabels, [batch, rows, []]),
        try arranged(y, yLabels, [batch, [], columns]))
    } else {
      product = try Value.apply(
        BMM(), try arranged(a, aLabels, [batch, rows, summed]),
        try arranged(b, bLabels, [batch, summed, columns]))
    }
    let shape = Shape(
      batch.map { sizes[$0] ?? 1 } + rows.map { size(a, aLabels, $0) } + columns.map { size(b, bLabels, $0) })
    return (try Value.apply(Reshape(shape), product), batch + rows + columns)
  }
}

extension Algebra {
  /// Sums of products named by letters: `einsum("ij,jk->ik", a, b)` is a matrix product.
  public static func einsum(_ equation: String, _ operands: Self...) -> Self {
    checked { () throws(ArrayError) in try Einsum.contracted(operands, equation) }
  }
}
