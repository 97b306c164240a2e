import Arrays
import Autograd
import Operations

/// One operation on given data, to be run again and again.
struct BenchTask {
  /// Runs it once.
  let run: () throws -> Void
  /// How many operations a run consists of; the time is that of one.
  let operations: Int
  private let result: () -> NDArray

  /// The sum of the elements of the last result, for comparison with the other participants.
  func checksum() throws -> Double {
    let wide = try result().converted(to: .float64)
    return try Sum().forward(wide).item(as: Double.self)
  }

  /// The operation of that name; nil when there is none in this form. Elementwise operations have `size` elements, all others work on
  /// matrices of `size` × `size`.
  ///
  /// `recorded` is a chain of a hundred small operations that are recorded, and the backward pass through it.
  init?(_ name: String, _ dtype: DType, _ size: Int, reusesResult: Bool) throws {
    func unary(_ operation: some UnaryOperation, _ x: NDArray, _ type: ArrayType) throws -> BenchTask {
      if reusesResult {
        let output = try NDArray(uninitialized: type.shape, type.dtype)
        return BenchTask({ try operation.forward(x, into: output) }, { output })
      }
      let last = Box(x)
      return BenchTask({ last.array = try operation.forward(x) }, { last.array })
    }
    func binary(_ operation: some BinaryOperation, _ x: NDArray, _ y: NDArray, _ type: ArrayType) throws
      -> BenchTask
    {
      if reusesResult {
        let output = try NDArray(uninitialized: type.shape, type.dtype)
        return BenchTask({ try operation.forward(x, y, into: output) }, { output })
      }
      let last = Box(x)
      return BenchTask({ last.array = try operation.forward(x, y) }, { last.array })
    }
    func spelled(_ operation: @escaping () -> NDArray) -> BenchTask? {
      if reusesResult { return nil }
      let last = Box(operation())
      return BenchTask({ last.array = operation() }, { last.array })
    }

    let vector = try BenchTask.values([size], dtype, first: 0)
    let other = try BenchTask.values([size], dtype, first: 3)
    let task: BenchTask?
    switch name {
    case "add":
      task = reusesResult ? try binary(Add(), vector, other, vector.type) : spelled { vector + other }
    case "mul":
      task = reusesResult ? try binary(Mul(), vector, other, vector.type) : spelled { vector * other }
    case "exp": task = reusesResult ? try unary(Exp(), vector, vector.type) : spelled { vector.exp() }
    case "log": task = reusesResult ? try unary(Log(), vector, vector.type) : spelled { vector.log() }
    case "tanh":
      task = reusesResult ? try unary(TanhOperation(), vector, vector.type) : spelled { vector.tanh() }
    case "sin": task = reusesResult ? try unary(Sin(), vector, vector.type) : spelled { vector.sin() }
    case "recorded": task = reusesResult ? nil : BenchTask.recorded(vector, other)
    default:
      let matrix = try BenchTask.values([size, size], dtype, first: 0)
      let sums = ArrayType(dtype, [size])
      switch name {
      case "sum-rows": task = try unary(Sum([1]), matrix, sums)
      case "sum-columns": task = try unary(Sum([0]), matrix, sums)
      case "sum":
        task = try unary(Sum(), matrix, ArrayType(dtype, []))
      case "softmax": task = try unary(SoftmaxOperation(1), matrix, matrix.type)
      case "transpose-copy":
        let view = matrix.t()
        let output = try NDArray(uninitialized: view.shape, dtype)
        task =
          reusesResult
          ? BenchTask({ output.write(from: view) }, { output }) : spelled { try! view.clone() }
      case "add-row":
        task = try BenchTask.broadcast(matrix, vector, reusesResult)
      case "add-column":
        task = try BenchTask.broadcast(matrix, vector.unsqueeze(1), reusesResult)
      case "add-scalar": task = try unary(WithScalar(Add(), 1.5, on: .right), matrix, matrix.type)
      case "matmul":
        let second = try BenchTask.values([size, size], dtype, first: 3)
        task = try binary(MM(), matrix, second, matrix.type)
      default: task = nil
      }
    }
    guard let task else { return nil }
    self = task.finished
  }

  /// The task with every run to its end: of long arrays, operations would wait for those of the next runs.
  private var finished: BenchTask {
    if result().count < ElementLoop.shortest { return self }
    return BenchTask(
      { [run] in
        try run()
        synchronize()
      }, operations: operations, result)
  }

  private init(
    _ run: @escaping () throws -> Void, operations: Int = 1, _ result: @escaping () -> NDArray
  ) {
    self.run = run
    self.operations = operations
    self.result = result
  }

  /// x ← x·y + y fifty times, and back; the result is the gradient of x, where y stands for that of the last result.
  private static func recorded(_ x: NDArray, _ y: NDArray) -> BenchTask {
    let (last, y) = (Box(x), Tensor(y))
    func run() {
      let leaf = Tensor(x, requiresGrad: true)
      var value = leaf
      for _ in 0..<50 { value = value * y + y }
      value.backward(gradient: y)
      last.array = leaf.grad!.array
    }
    return BenchTask(run, operations: 100) { last.array }
  }

  /// matrix + x, where x is spread over the matrix.
  private static func broadcast(_ matrix: NDArray, _ x: NDArray, _ reusesResult: Bool) throws -> BenchTask {
    if reusesResult {
      let output = try NDArray(uninitialized: matrix.shape, matrix.dtype)
      return BenchTask(
        { try Add().forward(matrix, x.expanded(to: matrix.shape), into: output) }, { output })
    }
    let last = Box(matrix)
    return BenchTask({ last.array = matrix + x }, { last.array })
  }

  /// The same numbers for every participant: ½ + ((7919 i + first) mod 1000) / 1000.
  private static func values(_ shape: Shape, _ dtype: DType, first: Int) throws -> NDArray {
    let numbers = (0..<shape.elementCount).map { 0.5 + Double(($0 &* 7919 &+ first) % 1000) / 1000 }
    return try NDArray(numbers, shape: shape).converted(to: dtype)
  }

  /// A place for the last result, whose predecessor is given back at once.
  private final class Box {
    var array: NDArray
    init(_ array: NDArray) { self.array = array }
  }
}
