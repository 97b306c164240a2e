import CKernels

/// What one instruction over a tile does: a step of a fused kernel, or several that one of the library's kernels does together. Bits are those
/// of the steps one by one.
struct TileStep {
  /// An operand.
  enum Input {
    case value(Int)
    /// One element, by its bits.
    case number(UInt64)
  }
  /// What is summed, of one or two operands.
  enum Term {
    case plain, squares, products
    /// The first operand, and the product of both; the value is that of the products' sum.
    case plainAndProducts(Int)
  }
  enum Action {
    case call(ElementFunction.Call)
    /// second(first(a, b), c).
    case pair(ck_binary_op, ck_pair_op)
    /// third(a · b + c, d), b and c being one element for all.
    case affine(ck_pair_op)
    case sum(Term)
    /// As affine, and sums of what comes out; of products, the fifth operand is the other factor, the sixth the number that scales.
    case lineSums(ck_pair_op, Sums)
  }
  /// The values that are the sums of something, of its squares, and of its products with another factor.
  struct Sums {
    var plain: Int?
    var squares: Int?
    var products: Int?
    /// Whether all but the squares are those of its product with one number.
    var isScaled = false

    var values: [Int] { [plain, squares, products].compactMap { $0 } }
    /// As the library's kernels number them.
    var terms: Int32 {
      Int32(
        (plain == nil ? 0 : CK_TERM_PLAIN) + (squares == nil ? 0 : CK_TERM_SQUARES)
          + (products == nil ? 0 : CK_TERM_PRODUCTS) + (isScaled ? CK_TERM_SCALED : 0))
    }

    /// Those of a step that sums `term`, its value being `sum`.
    init(_ term: Term, _ sum: Int) {
      switch term {
      case .plain: plain = sum
      case .squares: squares = sum
      case .products: products = sum
      case .plainAndProducts(let other): (plain, products) = (sum, other)
      }
    }

    /// These and others; nil where both have one of a kind.
    func and(_ others: Sums) -> Sums? {
      if terms & others.terms != 0 { return nil }
      var all = self
      all.plain = plain ?? others.plain
      all.squares = squares ?? others.squares
      all.products = products ?? others.products
      return all
    }
  }

  /// What is done with the operands.
  var action: Action
  /// The operands.
  var inputs: [Input]
  /// The value it sets; of a sum, the first.
  let result: Int

  /// The values that are sums over the run.
  var sums: [Int] {
    switch action {
    case .sum(.plainAndProducts(let products)): [result, products]
    case .sum: [result]
    case .lineSums(_, let sums): sums.values
    case .call, .pair, .affine: []
    }
  }

  /// The operands that are values; never none.
  var values: [Int] {
    inputs.compactMap { if case .value(let value) = $0 { value } else { nil } }
  }

  /// The steps of `kernel`. A sum takes in the square or product that only it reads; an addition, subtraction or multiplication that of
  /// the one before it, or a straight line, that only it reads. A sum and that of products with the same terms are one; what calculates the
  /// summed value, where it can be written as a straight line and one operation more, sums it at once.
  static func steps(
    _ kernel: FusedKernel, _ outputs: Set<Int>, _ dtype: (Int) -> DType,
    _ access: @escaping (Int) -> RunAccess?
  ) -> [TileStep] {
    var joining = Joining(kernel, outputs, access)
    for step in kernel.steps { joining.add(step, step.inputs.map(dtype)) }
    joining.takeInSums(dtype)
    return joining.steps.compactMap { $0 }
  }
}

/// Steps on their way into instructions.
private struct Joining {
  /// In order; nil where a later one has taken a step in.
  var steps: [TileStep?] = []

  private let outputs: Set<Int>
  private let access: (Int) -> RunAccess?
  private var uses: [Int: Int] = [:]
  /// The place in `steps` of the one that calculates a value.
  private var places: [Int: Int] = [:]
  /// The function that calculates a value of a floating-point dtype.
  private var names: [Int: String] = [:]

  init(_ kernel: FusedKernel, _ outputs: Set<Int>, _ access: @escaping (Int) -> RunAccess?) {
    self.outputs = outputs
    self.access = access
    for input in kernel.steps.flatMap(\.inputs) { uses[input, default: 0] += 1 }
  }

  mutating func add(_ step: Program.Step, _ dtypes: [DType]) {
    guard let operation = step.operation else { fatalError("fusion: a kernel has a step without operation") }
    if operation.base is Sum || operation.base is SumTo {
      return append(joined(sum(step)))
    }
    guard let function = ElementFunction(operation, dtypes) else {
      fatalError("fusion: '\(operation.name)' is not a function of elements")
    }
    var inputs = step.inputs.map { TileStep.Input.value($0) }
    if case .withNumber(_, let bits, let side) = function.call {
      inputs.insert(.number(bits), at: side == .left ? 0 : 1)
    }
    let plain = TileStep(action: .call(function.call), inputs: inputs, result: step.results[0])
    guard dtypes[0].isFloatingPoint else { return append(plain) }
    append(paired(plain, function.name))
    names[step.results[0]] = function.name
  }

  private mutating func append(_ step: TileStep) {
    places[step.result] = steps.count
    steps.append(step)
  }

  // MARK: Sums

  private mutating func sum(_ step: Program.Step) -> TileStep {
    let summed = step.inputs[0]
    let plain = TileStep(action: .sum(.plain), inputs: [.value(summed)], result: step.results[0])
    guard let term = producer(summed), term.values.allSatisfy(isLinear) else { return plain }
    switch (term.action, names[summed]) {
    case (.call(.unary), "square"):
      take(summed)
      return TileStep(action: .sum(.squares), inputs: term.inputs, result: step.results[0])
    case (.call(.binary), "mul"):
      take(summed)
      return TileStep(action: .sum(.products), inputs: term.inputs, result: step.results[0])
    default: return plain
    }
  }

  /// Gives each sum to the step that calculates what it sums, unless it lacks the other factor then.
  mutating func takeInSums(_ dtype: (Int) -> DType) {
    for index in steps.indices {
      guard let sum = steps[index], case .sum(let term) = sum.action, !takeInScaled(sum, at: index)
      else { continue }
      for summed in sum.values {
        guard let place = places[summed], let step = steps[place],
          let (third, operands, known) = line(step, dtype(summed)),
          let others = otherFactor(sum, of: summed), others.allSatisfy({ places[$0] ?? -1 < place })
        else { continue }
        let new = TileStep.Sums(term, sum.result)
        guard let sums = known.map({ $0.and(new) }) ?? new else { continue }
        steps[place] = TileStep(
          action: .lineSums(third, sums), inputs: operands + others.map { .value($0) }, result: step.result)
        steps[index] = nil
        break
      }
    }
  }

  /// Gives a plain sum and that of products, of values times one number with which nothing else is done, to the step that calculates the
  /// values and sums their squares. Whether there is one.
  private mutating func takeInScaled(_ sum: TileStep, at index: Int) -> Bool {
    guard case .sum(.plainAndProducts(let products)) = sum.action, uses[sum.values[0]] == 2,
      !outputs.contains(sum.values[0]), let (first, operands) = arithmetic(sum.values[0]), first == CK_MUL,
      !varies(operands[1]), case .value(let value) = operands[0], let place = places[value],
      let step = steps[place], case .lineSums(let third, var sums) = step.action,
      sums.terms == CK_TERM_SQUARES, places[sum.values[1]] ?? -1 < place
    else { return false }
    (sums.plain, sums.products, sums.isScaled) = (sum.result, products, true)
    steps[place] = TileStep(
      action: .lineSums(third, sums), inputs: step.inputs + [sum.inputs[1], operands[1]], result: value)
    take(sum.values[0])
    steps[index] = nil
    return true
  }

  /// What the terms of a sum of `value` have beside it, or nil where it is the other operand that must be calculated with it.
  private func otherFactor(_ sum: TileStep, of value: Int) -> [Int]? {
    switch sum.action {
    case .sum(.plain), .sum(.squares): []
    case .sum(.products): [sum.values[sum.values[0] == value ? 1 : 0]]
    case .sum(.plainAndProducts): sum.values[0] == value ? [sum.values[1]] : nil
    case .call, .pair, .affine, .lineSums: nil
    }
  }

  /// x, slope and height of a straight line, what is done with its points, and the operand of that: the step, bit by bit. x · 1 and x + -0
  /// are x. And the sums that it has already.
  private func line(_ step: TileStep, _ dtype: DType) -> (ck_pair_op, [TileStep.Input], TileStep.Sums?)? {
    let one = TileStep.Input.number(ElementFunction.bits(.float(1), dtype))
    let nothing = TileStep.Input.number(ElementFunction.bits(.float(-0.0), dtype))
    switch step.action {
    case .affine(let third): return (third, step.inputs, nil)
    case .lineSums(let third, let sums): return (third, step.inputs, sums)
    case .pair(let first, let third) where varies(step.inputs[0]) && !varies(step.inputs[1]):
      switch first {
      case CK_MUL: return (third, [step.inputs[0], step.inputs[1], nothing, step.inputs[2]], nil)
      case CK_ADD: return (third, [step.inputs[0], one, step.inputs[1], step.inputs[2]], nil)
      default: return nil
      }
    case .call:
      guard let (first, operands) = arithmetic(step.result) else { return nil }
      let third =
        switch first {
        case CK_ADD: CK_THEN_ADD
        case CK_SUB: CK_THEN_SUBTRACT
        default: CK_THEN_MULTIPLY
        }
      return (third, [operands[0], one, nothing, operands[1]], nil)
    case .pair, .sum: return nil
    }
  }

  /// A sum together with one placed before, where there is a kernel for both.
  private mutating func joined(_ sum: TileStep) -> TileStep {
    for place in steps.indices {
      guard let other = steps[place],
        let both = Joining.plainAndProducts(other, sum) ?? Joining.plainAndProducts(sum, other)
      else { continue }
      steps[place] = nil
      return both
    }
    return sum
  }

  private static func plainAndProducts(_ plain: TileStep, _ products: TileStep) -> TileStep? {
    guard case .sum(.plain) = plain.action, case .sum(.products) = products.action,
      let position = products.values.firstIndex(of: plain.values[0])
    else { return nil }
    return TileStep(
      action: .sum(.plainAndProducts(products.result)),
      inputs: [products.inputs[position], products.inputs[1 - position]], result: plain.result)
  }

  // MARK: Pairs

  /// The step together with the one before it where there is a kernel for both.
  private mutating func paired(_ step: TileStep, _ name: String) -> TileStep {
    guard step.inputs.count == 2, ["add", "sub", "mul"].contains(name) else { return step }
    for position in 0..<2 {
      guard case .value(let value) = step.inputs[position] else { continue }
      let other = step.inputs[1 - position]
      let last =
        switch name {
        case "add": CK_THEN_ADD
        case "mul": CK_THEN_MULTIPLY
        default: position == 0 ? CK_THEN_SUBTRACT : CK_THEN_LEAVE
        }
      if let operands = straightLine(value), varies(other) {
        take(value)
        return TileStep(action: .affine(last), inputs: operands + [other], result: step.result)
      }
      if let (first, operands) = firstOfPair(value) {
        take(value)
        return TileStep(action: .pair(first, last), inputs: operands + [other], result: step.result)
      }
    }
    return step
  }

  /// x, slope and height of the straight line that calculates `value`, if it can be taken in.
  private func straightLine(_ value: Int) -> [TileStep.Input]? {
    guard let line = producer(value), case .pair(CK_MUL, CK_THEN_ADD) = line.action,
      !varies(line.inputs[1]), !varies(line.inputs[2])
    else { return nil }
    return line.inputs
  }

  /// The arithmetic that calculates `value`, its first operand being one that changes from element to element, if it can be taken in.
  private func firstOfPair(_ value: Int) -> (ck_binary_op, [TileStep.Input])? {
    producer(value) == nil ? nil : arithmetic(value)
  }

  /// The arithmetic of the step that calculates `value`, its first operand being one that changes from element to element.
  private func arithmetic(_ value: Int) -> (ck_binary_op, [TileStep.Input])? {
    guard let place = places[value], let step = steps[place], case .call = step.action,
      let name = names[value]
    else { return nil }
    switch (name, step.inputs.count) {
    case ("square", 1): return varies(step.inputs[0]) ? (CK_MUL, [step.inputs[0], step.inputs[0]]) : nil
    case ("sub", 2): return varies(step.inputs[0]) ? (CK_SUB, step.inputs) : nil
    case ("add", 2), ("mul", 2):
      // Their operands may change places.
      let operands = varies(step.inputs[0]) ? step.inputs : step.inputs.reversed()
      return varies(operands[0]) ? (name == "add" ? CK_ADD : CK_MUL, operands) : nil
    default: return nil
    }
  }

  /// The step that calculates a value for one reader only, inside the kernel.
  private func producer(_ value: Int) -> TileStep? {
    guard uses[value] == 1, !outputs.contains(value), let place = places[value] else { return nil }
    return steps[place]
  }

  private mutating func take(_ value: Int) { steps[places[value]!] = nil }

  private func isLinear(_ value: Int) -> Bool { places[value] != nil || access(value) == .linear }

  private func varies(_ input: TileStep.Input) -> Bool {
    guard case .value(let value) = input else { return false }
    return places[value] != nil || access(value) != .uniform
  }
}
