import CKernels

/// Translates a fused kernel into instructions over memory that stays where it is.
struct TileCode {
  static let registerBytes = CK_TILE * 8

  /// The instructions; those in `numberOperands` still lack their number.
  private(set) var code: [ck_tile_instruction] = []
  /// Plain numbers, one element each.
  private(set) var numbers: [UInt64] = []
  /// Which instruction takes which number, and as which of its operands.
  private(set) var numberOperands: [(instruction: Int, operand: Int, number: Int)] = []
  /// Where the sums go.
  private(set) var results: [ck_tile_sum] = []
  /// The arrays whose memory the instructions address.
  private(set) var arrays: [NDArray] = []
  /// The number of tiles in use at one time.
  private(set) var registerCount = 0

  private let steps: [TileStep]
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
    steps = TileStep.steps(kernel, Set(outputs), dtype) { RunAccess(array($0)) }
    for (index, step) in steps.enumerated() {
      for value in step.values { lastUse[value] = index }
    }
  }

  /// Emits all instructions.
  mutating func build() {
    for (index, step) in steps.enumerated() { emit(step, index) }
  }

  // MARK: Instructions

  private mutating func emit(_ step: TileStep, _ index: Int) {
    let operands = step.inputs.map { place($0) }
    let read = dtype(step.values[0])
    var instruction = ck_tile_instruction()
    instruction.dtype = read.kernelType
    instruction.a = operands[0]
    if operands.count > 1 { instruction.b = operands[1] }
    if operands.count > 2 { instruction.c = operands[2] }
    if operands.count > 3 { instruction.d = operands[3] }
    instruction.sum = Int32(results.count)
    results += step.sums.map { ck_tile_sum(out: keep($0).pointer, dtype: read.kernelType) }
    switch step.action {
    case .sum(let term):
      (instruction.kind, instruction.function) = TileCode.sum(term, read.kernelType)
      release(step.values, at: index)
    case .call(let call):
      (instruction.kind, instruction.function) = TileCode.function(call)
      instruction.out = output(step, index)
    case .pair(let first, let second):
      instruction.kind = CK_TILE_TERNARY
      instruction.function = unsafeBitCast(
        ck_pair(first, second, read.kernelType), to: UnsafeMutableRawPointer?.self)
      instruction.out = output(step, index)
    case .affine(let third):
      instruction.kind = CK_TILE_AFFINE
      instruction.function = unsafeBitCast(
        ck_affine(third, read.kernelType), to: UnsafeMutableRawPointer?.self)
      instruction.out = output(step, index)
    case .lineSums(let third, let sums):
      instruction.kind = CK_TILE_LINE_SUMS
      instruction.function = unsafeBitCast(
        ck_line_sums(third, sums.terms, read.kernelType), to: UnsafeMutableRawPointer?.self)
      instruction.e = operands.count > 4 ? operands[4] : operands[0]
      instruction.f = operands.count > 5 ? operands[5] : operands[0]
      instruction.out = output(step, index)
    }
    // Loads that the operands needed stand before.
    numberOperands += step.inputs.enumerated().compactMap { position, input in
      guard case .number(let bits) = input else { return nil }
      numbers.append(bits)
      return (code.count, position, numbers.count - 1)
    }
    code.append(instruction)
  }

  private static func sum(_ term: TileStep.Term, _ dtype: ck_dtype) -> (
    ck_tile_kind, UnsafeMutableRawPointer?
  ) {
    switch term {
    case .plain: (CK_TILE_SUM, unsafeBitCast(ck_reduce(CK_SUM, dtype), to: UnsafeMutableRawPointer?.self))
    case .squares:
      (CK_TILE_SUM, unsafeBitCast(ck_reduce(CK_SUM_SQUARES, dtype), to: UnsafeMutableRawPointer?.self))
    case .products:
      (CK_TILE_SUM2, unsafeBitCast(ck_reduce2(CK_SUM_PRODUCTS, dtype), to: UnsafeMutableRawPointer?.self))
    case .plainAndProducts:
      (CK_TILE_SUM2, unsafeBitCast(ck_reduce2(CK_SUM_AND_PRODUCTS, dtype), to: UnsafeMutableRawPointer?.self))
    }
  }

  /// What calls a kernel, and the kernel.
  static func function(_ call: ElementFunction.Call) -> (ck_tile_kind, UnsafeMutableRawPointer) {
    switch call {
    case .unary(let kernel): (CK_TILE_UNARY, unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self))
    case .binary(let kernel), .withNumber(let kernel, _, _):
      (CK_TILE_BINARY, unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self))
    case .ternary(let kernel): (CK_TILE_TERNARY, unsafeBitCast(kernel, to: UnsafeMutableRawPointer.self))
    }
  }

  // MARK: Places

  /// Where the step's result goes. A tile read for the last time may be the one written to, if its elements have the result's size.
  private mutating func output(_ step: TileStep, _ index: Int) -> ck_tile_operand {
    let size = dtype(step.result).byteSize
    release(step.values.filter { dtype($0).byteSize == size }, at: index)
    let place = outputs.contains(step.result) ? memory(step.result) : register(step.result)
    places[step.result] = place
    release(step.values, at: index)
    // Stored on the way to a sum that is all that is wanted of it.
    if lastUse[step.result] == nil, let unread = registers.removeValue(forKey: step.result) {
      freeRegisters.append(unread)
    }
    return place
  }

  /// Where an operand is read; a number's place is filled in later.
  private mutating func place(_ input: TileStep.Input) -> ck_tile_operand {
    guard case .value(let value) = input else {
      return ck_tile_operand(base: nil, step: 0, stride: 0, scratch: 0)
    }
    if let known = places[value] { return known }
    let operand = memory(value)
    places[value] = operand
    return operand
  }

  private mutating func keep(_ value: Int) -> NDArray {
    let array = array(value)
    arrays.append(array)
    return array
  }

  /// Where a value lies in memory; a repeated row or column is first loaded into a tile.
  private mutating func memory(_ value: Int) -> ck_tile_operand {
    let array = keep(value)
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
