import Autograd
import Testing

/// Results and gradients at the edges: mixed dtypes, infinities, empty operands, wrap-around. All values were calculated by PyTorch 2.15; the
/// cotangents are ones.
@Suite struct `PyTorch's results at the edges` {
  struct Outcome {
    let result: NDArray
    let gradients: [NDArray?]
  }

  func call(
    _ name: String, _ inputs: [NDArray], _ attributes: [String: Attribute] = [:]
  ) throws -> Outcome {
    let leaves = inputs.map { Tensor($0, requiresGrad: $0.dtype.isFloatingPoint) }
    let result = try OperationTable.call(name, leaves, attributes) { Tensor($0) }[0]
    guard result.requiresGrad else { return Outcome(result: result.array, gradients: []) }
    let found = try gradients(
      outputs: [result], inputs: leaves.filter(\.requiresGrad),
      gradOutputs: [Tensor.ones(like: result.detach())], allowUnused: true)
    return Outcome(result: result.array, gradients: found.map { $0?.array })
  }

  func isClose(_ x: NDArray?, _ wanted: [Double], rtol: Double = 1e-15) -> Bool {
    guard let x, x.count == wanted.count else { return false }
    return x.reshape(-1).to(.float64).allclose(NDArray(wanted), rtol: rtol, atol: 0, equalNaN: true).item()
  }

  @Test func `huber and smooth l1 loss have finite slopes at infinite distances`() throws {
    let none = Attribute.string("none")
    let huber = try call(
      "nn.functional.huber_loss", [NDArray([-1.5, 0.25, 1]), NDArray([.infinity, 0, 0])], ["reduction": none])
    #expect(isClose(huber.result, [.infinity, 0.03125, 0.5]))
    #expect(isClose(huber.gradients[0], [-1, 0.25, 1]) && isClose(huber.gradients[1], [1, -0.25, -1]))
    let smooth = try call(
      "nn.functional.smooth_l1_loss", [NDArray([-Double.infinity, 0.25, 3]), NDArray([0.0, 0, 0])],
      ["reduction": none, "beta": .float(2)])
    #expect(
      isClose(smooth.result, [.infinity, 0.015625, 2]) && isClose(smooth.gradients[0], [-1, 0.125, 1]))
  }

  @Test func `huber loss has the input's dtype, the others that in which both meet once they are broadcast`()
    throws
  {
    let (single, double) = (NDArray([Float(1)]), NDArray([3.0]))
    #expect(try call("nn.functional.huber_loss", [single, double]).result.dtype == .float32)
    #expect(throws: ArrayError.self) { try call("nn.functional.huber_loss", [NDArray([1]), double]) }
    let number = try NDArray(scalar: -1.5, .float64)
    let loss = try call("nn.functional.l1_loss", [number, single], ["reduction": .string("none")])
    #expect(loss.result.dtype == .float64)
  }

  @Test func `addcmul and addcdiv multiply by their number in the operand's own dtype`() throws {
    // 200 · 2 wraps around to 144 in uint8, −1 · 1 to 255.
    let bytes = NDArray([UInt8(200)])
    let product = try call("addcmul", [NDArray([1.5]), bytes, NDArray([3.0])], ["value": .int(2)])
    #expect(isClose(product.result, [1201.5]) && isClose(product.gradients[1], [144]))
    let quotient = try call(
      "addcdiv", [NDArray([UInt8(1), 2]), NDArray([UInt8(1), 3]), NDArray([0.5, 2])], ["value": .int(-1)])
    #expect(isClose(quotient.result, [-1, 0.5]) && isClose(quotient.gradients[0], [-1020, -63.25]))
  }

  @Test func `addcmul calculates in the dtype in which all three meet`() throws {
    let (a, b) = (try NDArray(scalar: 1.86, .float32), try NDArray(scalar: -1.95, .float32))
    let mixed = try call("addcmul", [NDArray([1.84], shape: [1, 1]), a, b], ["value": .float(3.14)])
    #expect(isClose(mixed.result, [-9.548780366082193]))
    #expect(
      mixed.gradients[1]?.dtype == .float32 && isClose(mixed.gradients[1], [-6.123000144958496], rtol: 1e-7))
  }

  @Test func `the gradient of what is broadcast to nothing is zero, also beside a pole`() throws {
    let empty = try call(
      "addcdiv",
      [
        try NDArray(full: [0, 3], 0, .float32), try NDArray(scalar: -0.5, .float32),
        try NDArray(scalar: 0, .float32),
      ])
    #expect(isClose(empty.gradients[1], [0]) && isClose(empty.gradients[2], [0]))
  }

  @Test func `atan2 of two dtypes squares each in its own`() throws {
    let bytes = try call("atan2", [NDArray([UInt8(254), 3]), NDArray([0.5, -2])])
    #expect(isClose(bytes.result, [1.5688278254005388, 2.158798930342464]))
    #expect(isClose(bytes.gradients[0], [0.47058823529411764, 19.461538461538463]))
    let mixed = try call("atan2", [NDArray([-0.77]), NDArray([Float(1.44)])])
    #expect(isClose(mixed.gradients[0], [0.5400337626752438]))
  }

  @Test func `the norm of zeros has a slope of slope that is no number`() throws {
    let x = Tensor(NDArray([0.0, 0]), requiresGrad: true)
    let one = Tensor(NDArray([1.0])[0], requiresGrad: true)
    let first = grad(x.norm(), x, gradOutput: one, createGraph: true)
    let second = try gradients(outputs: [first.sum()], inputs: [x, one])
    #expect(isClose(second[0]?.array, [.nan, .nan]) && isClose(second[1]?.array, [0]))
  }

  @Test func `infinite elements are refused by the decompositions and make the determinant's gradient NaN`()
    throws
  {
    let a = NDArray([.infinity, 1, 2, 3], shape: [2, 2])
    for name in ["linalg.svd", "linalg.svdvals", "linalg.pinv"] {
      let error = #expect(throws: ArrayError.self) { try call(name, [a]) }
      #expect(error?.message.contains("non-finite") == true)
    }
    let batch = NDArray.stack([a, NDArray([1.0, 2, 3, 4], shape: [2, 2])])
    let determinants = try call("linalg.det", [batch])
    #expect(isClose(determinants.gradients[0]?[1], [4, -3, -2, 1], rtol: 1e-12))
    #expect(determinants.gradients[0]?[0].isnan().any().item() == true)
  }

  @Test func `empty and 0-d operands`() throws {
    let number = try NDArray(scalar: 3, .float64)
    #expect(try call("topk", [number], ["k": .int(0)]).result.shape == [])
    let nothing = NDArray([Double](), shape: [2, 0])
    #expect(try call("roll", [nothing], ["shifts": .int(1), "dims": .int(5)]).result.shape == [2, 0])
    let none = NDArray([Double]())
    #expect(try call("cat", [none, none], ["dim": .int(2)]).result.shape == [0])
    let places = NDArray([Int](), shape: [1, 0])
    let added = try call("scatter_add", [number, places, number], ["dim": .int(0)])
    #expect(
      isClose(added.result, [3]) && isClose(added.gradients[0], [1]) && isClose(added.gradients[1], [0]))
  }

  @Test func `what is chosen of a 0-d tensor is a result of its own`() throws {
    let attributes: KeyValuePairs<String, [String: Attribute]> = [
      "sort": [:], "topk": ["k": .int(1)], "median": ["dim": .int(0)], "max": ["dim": .int(0)],
      "min": ["dim": .int(-1), "keepdim": .bool(true)],
    ]
    for (name, attributes) in attributes {
      let x = tensor(2.0, requiresGrad: true)
      let results = try OperationTable.call(name, [x], attributes) { Tensor($0) }
      #expect(!results[0].isLeaf && results[0].shape == [] && results[1].shape == [], "\(name)")
      results[0].mul_(3)
      #expect(x.item() == 2.0 && grad(results[0], x).item() == 3.0, "\(name)")
    }
  }

  @Test func `the positions that topk gives are no view`() throws {
    let positions = tensor([3.0, 1, 2]).topk(2).indices
    #expect(positions.array.isContiguous)
    try positions.detachInPlace()
  }

  @Test func `the powers of a half are roots, but for the exponent that is a tensor`() throws {
    let x = NDArray([-Double.infinity, -0.0, 4, -4, 0, .infinity])
    let root = try call("pow", [x], ["exponent": .scalar(.float(0.5))])
    #expect(isClose(root.result, [.nan, 0, 2, .nan, 0, .infinity]))
    #expect(isClose(root.gradients[0], [.nan, -.infinity, 0.25, .nan, .infinity, 0]))
    let reciprocal = try call("pow", [x], ["exponent": .scalar(.float(-0.5))])
    #expect(isClose(reciprocal.result, [.nan, -.infinity, 0.5, .nan, .infinity, 0]))
    #expect(isClose(reciprocal.gradients[0], [0, -.infinity, -0.0625, .nan, -.infinity, 0]))
    let power = try call("pow", [NDArray([-Double.infinity, 4]), NDArray([0.5, 0.5])])
    #expect(isClose(power.result, [.infinity, 2]))
    let leaf = tensor([4.0], requiresGrad: true)
    let slope = grad(leaf.pow(0.5), leaf, createGraph: true)
    #expect(leaf.pow(0.5).gradFn?.name == "PowBackward0" && grad(slope, leaf).item() == -0.03125)
  }

  @Test func `what stands outside an operation's domain is refused`() throws {
    func text(_ name: String, _ inputs: [NDArray], _ attributes: [String: Attribute] = [:]) -> String {
      do {
        let result = try call(name, inputs, attributes).result
        return "\(result.type)"
      } catch { return "\(error)" }
    }
    let inside = NDArray([0.5, 0.25])
    for target in [NDArray([1.5, 0]), NDArray([0, -0.1]), NDArray([.nan, 0])] {
      #expect(
        text("nn.functional.binary_cross_entropy", [inside, target])
          .contains("all elements of target should be between 0 and 1"))
    }
    #expect(
      text("nn.functional.binary_cross_entropy", [NDArray([0.5, .nan]), inside])
        .contains("all elements of input should be between 0 and 1"))
    #expect(
      text("nn.functional.cosine_similarity", [inside, inside], ["dim": .int(0), "eps": .float(-1)])
        .contains("eps must be non-negative"))
    let zero = try NDArray(scalar: 0, .int64)
    for name in ["scatter", "scatter_add"] {
      #expect(
        text(name, [zero, zero, NDArray([Int]())], ["dim": .int(0)])
          .contains("to be no larger size than src"))
    }
    #expect(isClose(try call("scatter", [zero, zero, NDArray([5])], ["dim": .int(0)]).result, [5]))
  }

  @Test func `the condition of where may be uint8, but of no other number type`() throws {
    let (x, y) = (NDArray([1.0, 2]), NDArray([0.0, 0]))
    #expect(isClose(try call("where", [NDArray([UInt8(2), 0]), x, y]).result, [1, 0]))
    #expect(throws: ArrayError.self) { try call("where", [NDArray([2, 0]), x, y]) }
  }

  @Test func `einsum multiplies different dtypes where nothing is contracted`() throws {
    let (x, y) = (NDArray([2.0, 3], shape: [2, 1]), NDArray([1, 2, 3], shape: [1, 3]))
    let product = try call("einsum", [x, y], ["equation": .string("ba,bc->ac")])
    #expect(isClose(product.result, [5, 10, 15]) && isClose(product.gradients[0], [6, 6]))
    #expect(throws: ArrayError.self) {
      try call("einsum", [x, NDArray([1, 2], shape: [2, 1])], ["equation": .string("ba,bc->ac")])
    }
  }

  @Test func `bools stay bools`() throws {
    let x = NDArray([false, true])
    let one = try call("pow", [x], ["exponent": .bool(true)]).result
    #expect(one.dtype == .bool && isClose(one, [0, 1]))
    #expect(isClose(try call("pow", [x], ["exponent": .bool(false)]).result, [1, 1]))
    let dropped = try call("nn.functional.dropout", [x], ["p": .float(1)]).result
    #expect(dropped.dtype == .bool && isClose(dropped, [0, 0]))
  }

  @Test func `kl_div divides by the size of the input's batch, not of the broadcast one`() throws {
    let inputs = [NDArray([1.0]), NDArray([0.25, 0.5])]
    let mean = try call("nn.functional.kl_div", inputs, ["reduction": .string("batchmean")]).result
    #expect(isClose(mean, [-1.4431471805599454]))
  }

  @Test func `a weight of binary cross entropy may have another dtype`() throws {
    let loss = try call(
      "nn.functional.binary_cross_entropy",
      [NDArray([0.5, 0.25]), NDArray([1.0, 0]), NDArray([UInt8(2), 3])])
    #expect(isClose(loss.result, [1.1246702892376166]))
  }

  @Test func `masked_fill refuses a 0-d value that does not fit, and lets small negative ones wrap`() throws {
    let (bytes, mask) = (NDArray([UInt8(0), 0]), NDArray([true, false]))
    for value: Scalar in [.int(300), .int(-300), .float(1e10), .float(.nan)] {
      let filling = try NDArray(scalar: value, value.category == .floating ? .float32 : .int64)
      #expect(throws: ArrayError.self) { try call("masked_fill", [bytes, mask, filling]) }
    }
    #expect(isClose(try call("masked_fill", [bytes, mask, NDArray(scalar: -1, .int64)]).result, [255, 0]))
  }

  @Test func `take_along_dim without a dim views its operands, so they must be contiguous`() throws {
    let x = NDArray([1.0, 2, 3, 4], shape: [2, 2])
    #expect(isClose(try call("take_along_dim", [x, NDArray([3, 0])]).result, [4, 1]))
    let error = #expect(throws: ArrayError.self) { try call("take_along_dim", [x.t(), NDArray([3, 0])]) }
    #expect(error?.message.hasPrefix("take_along_dim: without a dim the input must be contiguous") == true)
  }

  @Test func `mish`() throws {
    let x = try call("nn.functional.mish", [NDArray([-2.0, 0, 1.5, 30])])
    #expect(isClose(x.result, [-0.2525014826957089, 0, 1.4033782663958028, 30], rtol: 1e-14))
    let slope = [-0.1083550924203939, 0.6, 1.0884879850078475, 1]
    #expect(isClose(x.gradients[0], slope, rtol: 1e-14))
    #expect(throws: ArrayError.self) { try call("nn.functional.mish", [NDArray([1])]) }
  }

  @Test func `softsign adds 1 in the dtype of its operand and has no slope at infinity`() throws {
    #expect(
      isClose(try call("nn.functional.softsign", [NDArray([UInt8(255), 3])]).result, [.infinity, 0.75]))
    #expect(isClose(try call("nn.functional.softsign", [NDArray([Int32.max])]).result, [-1]))
    let real = try call("nn.functional.softsign", [NDArray([Double.infinity, -.infinity, 1, -3])])
    #expect(isClose(real.result, [.nan, .nan, 0.5, -0.75]))
    #expect(isClose(real.gradients[0], [.nan, .nan, 0.25, 0.0625]))
  }

  @Test func `deviations, running sums and products of float32 are kept in float64 on the way`() throws {
    let large = NDArray([Float(1e30), -1e30, 0, 0], shape: [2, 2])
    #expect(isClose(try call("std", [large]).result, [8.1650e29], rtol: 1e-5))
    #expect(isClose(try call("var", [large]).result, [.infinity]))
    let tiny = try call("std", [NDArray([Float(1e-30), 0])], ["correction": .scalar(5)])
    #expect(isClose(tiny.result, [.infinity]))
    let sums = try call("cumsum", [NDArray([Float(1), 1e8, 1, -1e8])], ["dim": .int(0)])
    #expect(isClose(sums.result, [1, 1e8, 1e8, 2]))
    let products = try call("cumprod", [NDArray([Float(1e30), 1e30, 1e-30])], ["dim": .int(0)])
    #expect(isClose(products.result, [1e30, .infinity, 1e30], rtol: 1e-6))
  }

  @Test func `the norm of single elements does not overflow, and NaN is as large as NaN`() throws {
    let column = try call("norm", [NDArray([Float(1e30), .nan, -2], shape: [3, 1])], ["dim": .int(1)])
    #expect(isClose(column.result, [1e30, .nan, 2], rtol: 1e-6) && column.result.shape == [3])
    let largest = try call(
      "linalg.vector_norm", [NDArray([.nan, .infinity, 2, 1, -3, 3], shape: [2, 3])],
      ["dim": .int(1), "ord": .float(.infinity)])
    #expect(isClose(largest.result, [.nan, 3]) && isClose(largest.gradients[0], [0, 0, 0, 0, -0.5, 0.5]))
  }

  @Test func `lists of dims that PyTorch has no meaning for are refused`() throws {
    let cube = try NDArray(full: [2, 2, 2], 1, .float64)
    let all = Attribute.ints([0, 1, 2])
    #expect(throws: ArrayError.self) { try call("norm", [cube], ["dim": all]) }
    #expect(throws: ArrayError.self) { try call("norm", [cube], ["dim": all, "p": .string("fro")]) }
    #expect(isClose(try call("norm", [cube], ["dim": all, "p": .float(2)]).result, [2.8284271247461903]))
    #expect(throws: ArrayError.self) { try call("logsumexp", [cube], ["dim": .ints([])]) }
    let kept = try call("logsumexp", [cube], ["dim": .ints([]), "keepdim": .bool(true)])
    #expect(kept.result.shape == [1, 1, 1])
  }

  @Test func `a 0-d weight of lerp may have any dtype`() throws {
    let (x, end) = (NDArray([Float(1), 2]), NDArray([Float(3), 5]))
    #expect(isClose(try call("lerp", [x, end, try NDArray(scalar: -4, .int32)]).result, [-7, -10]))
    let wide = try call("lerp", [x, end, try NDArray(scalar: 0.5, .float64)])
    #expect(wide.result.dtype == .float32 && wide.gradients[2]?.dtype == .float64)
    #expect(isClose(wide.gradients[2], [5]))
    #expect(throws: ArrayError.self) { try call("lerp", [x, end, NDArray([0.5])]) }
  }

  @Test func `a 0-d target does not widen kl_div`() throws {
    let loss = try call(
      "nn.functional.kl_div", [NDArray([Float(0.5), 1]), try NDArray(scalar: -1.5, .float64)],
      ["reduction": .string("sum"), "log_target": .bool(true)])
    #expect(loss.result.dtype == .float32 && isClose(loss.result, [-1.0040857], rtol: 1e-6))
    #expect(loss.gradients[1]?.dtype == .float64 && isClose(loss.gradients[1], [-0.5578254], rtol: 1e-6))
    #expect(throws: ArrayError.self) {
      try call("nn.functional.kl_div", [NDArray([0.5, 1]), NDArray([0.5, 1, 2])])
    }
  }

  @Test func `matrices of two dtypes are multiplied only where there is nothing to multiply`() throws {
    let (a, b) = (try NDArray(full: [1, 2, 0], 1, .float64), try NDArray(full: [1, 0, 3], 1, .float32))
    let empty = try call("bmm", [a, b])
    #expect(empty.result.dtype == .float32 && isClose(empty.result, [0, 0, 0, 0, 0, 0]))
    #expect(empty.gradients.map { $0?.dtype } == [.float64, .float32])
    #expect(throws: ArrayError.self) { try call("matmul", [a, b]) }
    let (full, other) = (
      try NDArray(full: [1, 2, 1], 1, .float64), try NDArray(full: [1, 1, 3], 1, .float32)
    )
    #expect(throws: ArrayError.self) { try call("bmm", [full, other]) }
  }

  @Test func `a matrix with two equal rows is singular, one with NaN not positive-definite`() throws {
    let rows = NDArray(
      [7.6313, -5.0218, 0.7629, 7.6313, -5.0218, 0.7629, 0.472, -6.7336, 6.8418], shape: [3, 3])
    #expect(throws: ArrayError.self) { try call("linalg.inv", [rows]) }
    #expect(throws: ArrayError.self) { try call("linalg.solve", [rows, NDArray([1.0, 1, 1])]) }
    #expect(throws: ArrayError.self) {
      try call("linalg.cholesky", [NDArray([4, .nan, .nan, 1.0], shape: [2, 2])])
    }
  }

  @Test func `sinc is 1 at 0 and level there`() throws {
    let x = try call("sinc", [NDArray([0.0, 1, 0.5, -1.25, 1e-200, .infinity])])
    #expect(
      isClose(
        x.result - NDArray([0, 3.8981718325193755e-17, 0, 0, 0, 0]),
        [1, 0, 2 / .pi, -0.18006326323142122, 1, .nan], rtol: 1e-14))
    #expect(isClose(x.gradients[0], [0, -1, -1.2732395447351625, 0.4216348143641011, 0, .nan], rtol: 1e-14))
    #expect(try call("sinc", [NDArray([0])]).result.dtype == .float32)
  }

  @Test func `equal elements deviate by nothing and have no slope`() throws {
    let tenths = try call("std", [try NDArray(full: [5, 3, 4], 0.1, .float64)], ["dim": .ints([0, 2])])
    #expect(isClose(tenths.result, [0, 0, 0]))
    #expect(isClose(tenths.gradients[0], [Double](repeating: 0, count: 60)))
    #expect(isClose(try call("var", [NDArray([7.3, 1e3, -2])]).result, [331_590.63], rtol: 1e-14))
    #expect(isClose(try call("std", [NDArray([1.0])]).result, [.nan]))
  }
}
