/// `einsum(equation, operands)`: sums of products named by letters: `"ij,jk->ik"` is a matrix product.
///
/// Each operand is laid out over the letters of the result and the summed ones, and multiplied with the next; letters that no later operand
/// has are then summed by one batched matrix product (`bmm`), the steps being those of PyTorch. Repeated letters in one operand take its
/// diagonal; `...` stands for the dimensions not named; without `->` the result has the letters that occur once, in alphabetical order.
/// Source: PyTorch, `einsum` and `sumproduct_pair` in `aten/src/ATen/native/Linear.cpp`.
public enum Einsum: TableEntry {
  public static let name = "einsum"
  public static var signature: Signature { Signature("T* operands, str equation") }
  public static func call<Value: Algebra>(_ arguments: Arguments<Value>) throws(ArrayError) -> [Value] {
    [try contracted(try arguments.tensors(), try arguments.string("equation"))]
  }

  /// A label is a letter, or a dimension of the ellipsis (numbered from the last).
  private enum Label: Hashable, Comparable {
    case rest(Int)
    case letter(Character)
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
    var written: [[Label]] = []
    for (index, (operand, letters)) in zip(operands, inputs).enumerated() {
      guard let rank = operand.staticShape?.rank else {
        throw .runtime("einsum: the rank is not known yet; give the placeholder a shape")
      }
      written.append(try parse(letters, rank, index))
    }
    let output = try outputLabels(right, written, equation)
    let order = output + Set(written.joined()).subtracting(output).sorted()
    var values: [Value] = []
    for (operand, labels) in zip(operands, written) {
      values.append(try laidOut(operand, labels, over: order))
    }
    try requireCommonSizes(values, order)
    var result = values.removeFirst()
    if values.isEmpty {
      return order.count == output.count
        ? result : try Value.apply(Sum(Array(output.count..<order.count)), result)
    }
    // In how many operands that are still to come each dimension is not of size 1.
    func counts(_ value: Value) -> [Int] { (value.staticShape ?? []).map { $0 == 1 ? 0 : 1 } }
    var later = values.reduce([Int](repeating: 0, count: order.count)) { zip($0, counts($1)).map(+) }
    for value in values {
      later = zip(later, counts(value)).map(-)
      let ready = (output.count..<order.count).filter { later[$0] == 0 }
      result = try contracted(result, value, ready)
    }
    if order.count == output.count { return result }
    let shape = Shape((result.staticShape ?? []).prefix(output.count))
    if shape.isKnown { return try Value.apply(View(shape), result) }
    return try Value.apply(Squeeze(Array(output.count..<order.count)), result)
  }

  /// Throws unless each label has one size, or 1, in all operands.
  private static func requireCommonSizes<Value: Algebra>(
    _ values: [Value], _ order: [Label]
  ) throws(ArrayError) {
    var sizes = [Int](repeating: 1, count: order.count)
    for (index, value) in values.enumerated() {
      for (axis, size) in (value.staticShape ?? []).enumerated() where size != 1 {
        try require(
          Shape.agree(sizes[axis], size) || sizes[axis] == 1,
          .runtime(
            "einsum: operands do not broadcast with remapped shapes: subscript \(order[axis]) has size \(size) for operand \(index) which does not broadcast with previously seen size \(sizes[axis])"
          ))
        sizes[axis] = size
      }
    }
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

  /// The operand with one dimension for each label of `order`, of size 1 where it has none. A label written twice is its diagonal.
  private static func laidOut<Value: Algebra>(
    _ operand: Value, _ labels: [Label], over order: [Label]
  ) throws(ArrayError) -> Value {
    var value = operand
    var own: [Label] = []
    for label in labels {
      guard let first = own.firstIndex(of: label) else {
        own.append(label)
        continue
      }
      let shape = value.staticShape ?? []
      try require(
        Shape.agree(shape[first], shape[own.count]),
        .runtime(
          "einsum: subscript \(label) is repeated for an operand but the sizes don't match, \(shape[own.count]) != \(shape[first])"
        ))
      value = try Value.apply(Diagonal(0, first, own.count), value)
      // The diagonal comes last; it belongs where the label was first.
      var dims = Array(0..<shape.rank - 2)
      dims.insert(shape.rank - 2, at: first)
      value = try Value.apply(Permute(dims), value)
    }
    for label in order where !own.contains(label) {
      value = try Value.apply(Unsqueeze(-1), value)
      own.append(label)
    }
    return try Value.apply(Permute(order.map { own.firstIndex(of: $0) ?? 0 }), value)
  }

  /// The product of two operands, laid out alike, summed over the dimensions `summed`, which are kept with size 1.
  ///
  /// Dimensions that both have and that stay are the batch of a matrix product, dimensions that one has its rows or columns.
  private static func contracted<Value: Algebra>(
    _ x: Value, _ y: Value, _ summed: [Int]
  ) throws(ArrayError) -> Value {
    let (a, b) = (x.staticShape ?? [], y.staticShape ?? [])
    let inner = summed.filter { a[$0] != 1 && b[$0] != 1 }
    var left = try self.summed(x, summed.filter { a[$0] != 1 && b[$0] == 1 })
    var right = try self.summed(y, summed.filter { a[$0] == 1 && b[$0] != 1 })
    if inner.isEmpty { return try Value.apply(broadcasting: Mul(), left, right) }
    let kept = (0..<a.rank).filter { !inner.contains($0) }
    let (p, q) = (left.staticShape ?? [], right.staticShape ?? [])
    let batch = kept.filter { p[$0] != 1 && q[$0] != 1 }
    var rows = kept.filter { p[$0] != 1 && q[$0] == 1 }
    var columns = kept.filter { p[$0] == 1 }
    if let last = columns.last, let first = rows.first, last < first {
      // The product then has its dimensions in order.
      (left, right) = (right, left)
      (rows, columns) = (columns, rows)
    }
    func sizes(_ value: Value, _ dims: [Int]) -> [Int] { dims.map { (value.staticShape ?? [])[$0] } }
    func size(_ value: Value, _ dims: [Int]) -> Int {
      let sizes = Shape(sizes(value, dims))
      return sizes.isKnown ? sizes.elementCount : Shape.unknown
    }
    let lefts = try reshaped(
      try Value.apply(Permute(batch + rows + inner + columns), left),
      [size(left, batch), size(left, rows), size(left, inner)])
    let rights = try reshaped(
      try Value.apply(Permute(batch + inner + columns + rows), right),
      [size(left, batch), size(left, inner), size(right, columns)])
    let ones = [Int](repeating: 1, count: inner.count)
    let shape = sizes(left, batch) + sizes(left, rows) + ones + sizes(right, columns)
    try requireOneOpen(shape)
    let product = try Value.apply(View(Shape(shape)), try Value.apply(BMM(), lefts, rights))
    let placed = batch + rows + inner + columns
    return try Value.apply(Permute(placed.indices.map { placed.firstIndex(of: $0) ?? 0 }), product)
  }

  private static func reshaped<Value: Algebra>(_ value: Value, _ sizes: [Int]) throws(ArrayError) -> Value {
    try requireOneOpen(sizes)
    return try Reshape.steps(value, to: Shape(sizes))
  }

  /// Throws where more than one of the sizes that a step needs is open: one follows from the others, several do not.
  private static func requireOneOpen(_ sizes: [Int]) throws(ArrayError) {
    try require(
      sizes.count { $0 == Shape.unknown } <= 1,
      .runtime("einsum: the sizes \(Shape(sizes)) are not known yet; give the placeholders shapes"))
  }

  /// The sum over these dimensions, which are kept with size 1.
  private static func summed<Value: Algebra>(_ value: Value, _ dims: [Int]) throws(ArrayError) -> Value {
    dims.isEmpty ? value : try Value.apply(Sum(dims, keepDim: true), value)
  }
}

extension Algebra {
  /// Sums of products named by letters: `einsum("ij,jk->ik", a, b)` is a matrix product.
  public static func einsum(_ equation: String, _ operands: Self...) -> Self {
    checked { () throws(ArrayError) in try Einsum.contracted(operands, equation) }
  }
}
