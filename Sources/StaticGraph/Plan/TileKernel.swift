import CKernels

/// A fused kernel as a tile program over memory that stays where it is: kernels, operands' addresses, places of intermediate tiles.
final class TileKernel {
  /// The program as the executor reads it.
  let program: UnsafeMutablePointer<ck_tile_program>
  private let code: UnsafeMutableBufferPointer<ck_tile_instruction>
  private let numbers: UnsafeMutableBufferPointer<UInt64>
  private let sums: UnsafeMutableBufferPointer<ck_tile_sum>
  private let scratch: (memory: UnsafeMutableRawPointer, bytes: Int)?
  /// What keeps the memory alive.
  private let arrays: [NDArray]
  /// The operands of compiled code.
  private(set) var nativeOperands: [UnsafeRawPointer] = []
  private var operands: UnsafeMutableBufferPointer<UnsafeRawPointer>?

  /// The program for `kernel`, its values being in `arrays`, on up to `threads` threads.
  init(
    _ kernel: FusedKernel, outputs: [Int], threads: Int, _ array: @escaping (Int) -> NDArray,
    _ dtype: @escaping (Int) -> DType
  ) {
    var builder = TileCode(kernel, outputs: outputs, array, dtype)
    builder.build()
    arrays = builder.arrays
    code = .copying(builder.code)
    numbers = .copying(builder.numbers)
    sums = .copying(builder.results)
    for number in builder.numberOperands {
      code[number.instruction][keyPath: TileKernel.places[number.operand]].base = UnsafeMutableRawPointer(
        numbers.baseAddress! + number.number)
    }
    let bytesPerThread = builder.registerCount * TileCode.registerBytes
    scratch = TileKernel.memory(bytesPerThread * threads)
    program = .allocate(capacity: 1)
    program.initialize(
      to: ck_tile_program(
        count: kernel.count, instructions: code.count, work: code.count, code: code.baseAddress,
        sums: sums.count, results: sums.baseAddress, scratch_bytes: bytesPerThread, threads: Int32(threads),
        streams: 0, stream: nil, native: nil, operands: nil))
    if let scratch { placeTiles(in: scratch.memory) }
  }

  private static func memory(_ bytes: Int) -> (memory: UnsafeMutableRawPointer, bytes: Int)? {
    if bytes == 0 { return nil }
    guard let memory = ck_alloc(bytes) else { fatalError("fusion: no memory for tiles of \(bytes) bytes") }
    return (memory, bytes)
  }

  private static var places: [WritableKeyPath<ck_tile_instruction, ck_tile_operand>] {
    [\.a, \.b, \.c, \.d, \.e, \.f, \.out]
  }

  /// Tiles' places, counted from the scratch memory's beginning so far, become addresses.
  private func placeTiles(in memory: UnsafeMutableRawPointer) {
    for index in code.indices {
      for operand in TileKernel.places where code[index][keyPath: operand].scratch != 0 {
        let offset = Int(bitPattern: code[index][keyPath: operand].base)
        code[index][keyPath: operand].base = memory + offset
      }
    }
  }

  /// Takes compiled code in place of the instructions; `addresses` are the operands it asks for, `totals` the sums in its order, which is
  /// the graph's and not that of the instructions.
  func use(
    _ native: @escaping NativeFunction, operands addresses: [UnsafeRawPointer], sums totals: [ck_tile_sum]
  ) {
    for (index, total) in totals.enumerated() { sums[index] = total }
    let table = UnsafeMutableBufferPointer.copying(addresses)
    operands = table
    nativeOperands = addresses
    program.pointee.native = native
    program.pointee.operands = UnsafePointer(table.baseAddress)
  }

  /// Compiled code for part of a run.
  typealias NativeFunction =
    @convention(c) (UnsafePointer<UnsafeRawPointer>, Int, Int, UnsafeMutableRawPointer) -> Void

  /// Whether compiled code runs.
  var isNative: Bool { program.pointee.native != nil }

  /// Whether its runs are shared among threads.
  var isSplit: Bool { ck_tile_is_split(program) != 0 }

  /// Runs it over all elements.
  func run() { ck_tile_run(program) }

  deinit {
    if let scratch { ck_free(scratch.memory, scratch.bytes) }
    code.deallocate()
    numbers.deallocate()
    sums.deallocate()
    program.deallocate()
    operands?.deallocate()
  }
}

extension UnsafeMutableBufferPointer {
  /// New memory with these elements, to be deallocated by who asks for it.
  static func copying(_ elements: [Element]) -> Self {
    let buffer = Self.allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
    return buffer
  }
}
