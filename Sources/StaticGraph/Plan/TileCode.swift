import CKernels

/// Translates a fused kernel into instructions over memory that stays where it is.
struct TileCode {
  static let registerBytes = CK_TILE * 8

  /// The instructions; those in `numberOperands` still lack their number.
  private(set) var code: [ck_tile_instruction] = []
  /// Plain numbers, one element each.
  private(set) var numbers: [UInt64] = []
  /// Which instruction takes which number, and on which side.
  private(set) var numberOperands: [(instruction: Int, cell: Int, side: Side)] = []
  /// The arrays whose memory the instructions address.
  private(set) var arrays: [NDArray] = []
  /// The number of tiles in use at one time.
  private(set) var registerCount = 0
  /// The number of sums.
  private(set) var sumCount = 0

  private let steps: [Joined]
  private let outputs: Set<Int>
  private let array: (Int) -> NDArray
  private let dtype: (Int) -> DType
  private var places: [Int: ck_tile_operand] = [:]
  private var registers: [Int: Int] = [:]
  private var freeRegisters: [Int] = []
  private var lastUse: [Int: Int] = [:]

  init(
    _ kernel: FusedKernel, outputs: [Int], _ array: @escaping (Int) -> NDArray,
    _ dtype: @escaping (Int) -> DType
  ) {
    self.outputs = Set(outputs)
    self.array = array
    self.dtype = dtype
    steps = Joined.steps(kernel, Set(outputs)) { RunAccess(array($0)) == .linear }
    for (index, step) in steps.enumerated() {
      for input in step.inputs { lastUse[input] = index }
    }
  }

  /// Emits all instructions.
  mutating func build() {
    for (index, step) in steps.enumerated() {
      if step.isSum { emitSum(step, index) } else { emit(step, index) }
    }
  }

  // MARK: Instructions

  private mutating func instruction(_ step: Joined) -> ck_tile_instruction {
    let operands = step.inputs.map { place($0) }
    var instruction = ck_tile_instruction()
    instruction.dtype = dtype(step.inputs[0]).kernelType
    instruction.a = operands[0]
    if operands.count > 1 { instruction.b = operands[1] }
    if operands.count > 2 { instruction.c = operands[2] }
    return instruction
  }

  private mutating func emitSum(_ step: Joined, _ index: Int) {
    var instruction = instruction(step)
    instruction.sum = Int32(sumCount)
    sumCount += 1
    switch step.term {
    case .plain, .squares:
      instruction.kind = CK_TILE_SUM
      let operation = step.term == .plain ? CK_SUM : CK_SUM_SQUARES
      instruction.function = unsafeBitCast(
        ck_reduce(operation, instruction.dtype), to: UnsafeMutableRawPointer?.self)
    case .products:
      instruction.kind = CK_TILE_SUM2
      instruction.function = unsafeBitCast(
        ck_reduce2(CK_SUM_PRODUCTS, instruction.dtype), to: UnsafeMutableRawPointer?.self)
    }
    instruction.out = memory(step.result)
    release(step.inputs, at: index)
    code.append(instruction)
  }

  private mutating func emit(_ step: Joined, _ index: Int) {
    guard let function = ElementFunction(step.operation, step.inputs.map(dtype)) else {
      fatalError("fusion: '\(step.operation.name)' is not a function of elements")
    }
    var instruction = instruction(step)
    // A tile read for the last time may be the one written to, if its elements have the result's size.
    let size = dtype(step.result).byteSize
    release(step.inputs.filter { dtype($0).byteSize == size }, at: index)
    instruction.out = outputs.contains(step.result) ? memory(step.result) : register(step.result)
    places[step.result] = instruction.out
    release(step.inputs, at: index)
    switch function.call {
    case .unary(let kernel):
      instruction.kind = CK_TILE_UNARY
      instruction.function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
    case .binary(let kernel):
      instruction.kind = CK_TILE_BINARY
      instruction.function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
    case .withNumber(let kernel, let bits, let side):
      instruction.kind = CK_TILE_BINARY
      instruction.function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
      numberOperands.append((code.count, numbers.count, side))
      numbers.append(bits)
    case .ternary(let kernel):
      instruction.kind = CK_TILE_TERNARY
      instruction.function = unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self)
    }
    code.append(instruction)
  }

  // MARK: Places

  /// Where a value is read.
  private mutating func place(_ value: Int) -> ck_tile_operand {
    if let known = places[value] { return known }
    let operand = memory(value)
    places[value] = operand
    return operand
  }

  /// Where a value lies in memory; a repeated row or column is first loaded into a tile.
  private mutating func memory(_ value: Int) -> ck_tile_operand {
    let array = array(value)
    arrays.append(array)
    let size = array.dtype.byteSize
    switch RunAccess(array) {
    case .linear: return ck_tile_operand(base: array.pointer, step: size, stride: 1, scratch: 0)
    case .uniform: return ck_tile_operand(base: array.pointer, step: 0, stride: 0, scratch: 0)
    case .repeating(let inner, let period):
      var load = ck_tile_instruction()
      load.kind = CK_TILE_LOAD
      load.a = ck_tile_operand(base: array.pointer, step: 0, stride: 1, scratch: 0)
      load.size = Int32(size)
      load.inner = inner
      load.period = period
      load.out = register(value)
      code.append(load)
      return load.out
    case nil: fatalError("fusion: an operand's elements do not follow from their number in the run")
    }
  }

  private mutating func register(_ value: Int) -> ck_tile_operand {
    let number = freeRegisters.popLast() ?? registerCount
    registerCount = max(registerCount, number + 1)
    registers[value] = number
    return ck_tile_operand(
      base: UnsafeMutableRawPointer(bitPattern: number * TileCode.registerBytes), step: 0, stride: 1,
      scratch: 1)
  }

  /// Gives the tiles back that are read for the last time.
  private mutating func release(_ values: [Int], at index: Int) {
    for value in values where lastUse[value] == index {
      if let number = registers.removeValue(forKey: value) { freeRegisters.append(number) }
    }
  }
}

/// A step of a kernel; a sum may have taken in the square or product that only it reads.
private struct Joined {
  enum Term {
    case plain, squares, products
  }
  let operation: any StaticOperation
  let inputs: [Int]
  let result: Int
  let isSum: Bool
  let term: Term

  static func steps(
    _ kernel: FusedKernel, _ outputs: Set<Int>, isLinearInput: (Int) -> Bool
  ) -> [Joined] {
    var uses: [Int: Int] = [:]
    for input in kernel.steps.flatMap(\.inputs) { uses[input, default: 0] += 1 }
    let producers = Dictionary(uniqueKeysWithValues: kernel.steps.map { ($0.results[0], $0) })
    func isLinear(_ value: Int) -> Bool { producers[value] != nil || isLinearInput(value) }

    var joined: [Int: (inputs: [Int], term: Term)] = [:]
    var skipped: Set<Int> = []
    for step in kernel.steps where isSum(step) {
      let summed = step.inputs[0]
      guard uses[summed] == 1, !outputs.contains(summed), let term = producers[summed],
        term.inputs.allSatisfy(isLinear), let operation = term.operation
      else { continue }
      switch operation.base {
      case is Square: joined[step.results[0]] = (term.inputs, .squares)
      case is Mul: joined[step.results[0]] = (term.inputs, .products)
      default: continue
      }
      skipped.insert(summed)
    }
    return kernel.steps.compactMap { step in
      guard let operation = step.operation, !skipped.contains(step.results[0]) else { return nil }
      let own = joined[step.results[0]] ?? (step.inputs, .plain)
      return Joined(
        operation: operation, inputs: own.inputs, result: step.results[0], isSum: isSum(step), term: own.term)
    }
  }

  private static func isSum(_ step: Program.Step) -> Bool {
    step.operation.map { $0.base is Sum || $0.base is SumTo } ?? false
  }
}
