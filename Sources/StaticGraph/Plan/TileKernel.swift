import CKernels

/// A fused kernel as a tile program over memory that stays where it is: kernels, operands' addresses, places of intermediate tiles.
final class TileKernel {
  /// The program as the executor reads it.
  let program: UnsafeMutablePointer<ck_tile_program>
  private let code: UnsafeMutablePointer<ck_tile_instruction>
  private let numbers: UnsafeMutablePointer<UInt64>
  private let scratch: UnsafeMutableRawPointer?
  private let scratchBytes: Int
  private let threads: Int32
  /// What keeps the memory alive.
  private let arrays: [NDArray]
  private var operands: UnsafeMutablePointer<UnsafeRawPointer>?

  /// The program for `kernel`, its values being in `arrays`, on up to `threads` threads.
  init(
    _ kernel: FusedKernel, outputs: [Int], threads: Int, _ array: @escaping (Int) -> NDArray,
    _ dtype: @escaping (Int) -> DType
  ) {
    var builder = TileCode(kernel, outputs: outputs, array, dtype)
    builder.build()
    self.threads = Int32(threads)
    arrays = builder.arrays
    code = .allocate(capacity: max(builder.code.count, 1))
    code.initialize(from: builder.code, count: builder.code.count)
    numbers = .allocate(capacity: max(builder.numbers.count, 1))
    numbers.initialize(from: builder.numbers, count: builder.numbers.count)
    for number in builder.numberOperands {
      code[number.instruction].b = ck_tile_operand(
        base: numbers + number.cell, step: 0, stride: 0, scratch: 0)
      if number.side == .left { swap(&code[number.instruction].a, &code[number.instruction].b) }
    }
    let bytesPerThread = builder.registerCount * TileCode.registerBytes
    scratchBytes = bytesPerThread * threads
    scratch = scratchBytes > 0 ? ck_alloc(scratchBytes) : nil
    program = .allocate(capacity: 1)
    program.initialize(
      to: ck_tile_program(
        count: kernel.count, instructions: builder.code.count, code: code, sums: Int32(builder.sumCount),
        scratch: bytesPerThread, native: nil, operands: nil))
  }

  /// Takes compiled code in place of the instructions; `addresses` are the operands it asks for.
  func use(_ native: @escaping NativeFunction, operands addresses: [UnsafeRawPointer]) {
    let table = UnsafeMutablePointer<UnsafeRawPointer>.allocate(capacity: max(addresses.count, 1))
    table.initialize(from: addresses, count: addresses.count)
    operands = table
    program.pointee.native = native
    program.pointee.operands = UnsafePointer(table)
  }

  /// Compiled code for part of a run.
  typealias NativeFunction =
    @convention(c) (UnsafePointer<UnsafeRawPointer>, Int, Int, UnsafeMutableRawPointer) -> Void

  /// Runs it over all elements.
  @inline(__always) func run() { ck_tile_run(program, scratch, threads) }

  deinit {
    code.deallocate()
    numbers.deallocate()
    program.deallocate()
    operands?.deallocate()
    if let scratch { ck_free(scratch, scratchBytes) }
  }
}
