import Autograd
import Testing

/// Kinks, bounds, operands without elements and the greatest numbers. All values were calculated by PyTorch 2.15.
extension `PyTorch's results at the edges` {
  @Test func `the least integer exponents have a slope`() throws {
    for exponent in [Int64.min, Int64.min + 1] {
      let power = try call("pow", [NDArray([1.0, 2, -1])], ["exponent": .scalar(.int(exponent))])
      #expect(isClose(power.gradients[0], [-9.223372036854776e18, 0, -9.223372036854776e18]))
    }
  }

  @Test func `the slope of x to the power 0 is 0, also where its own gradient is NaN`() throws {
    let (x, exponent) = (tensor(-1.0, requiresGrad: true), tensor(0.0, requiresGrad: true))
    let half = tensor(0.5)
    let slope = grad(x.pow(exponent), exponent, gradOutput: half, createGraph: true)
    #expect(slope.array.isnan().item() && grad(slope, x).item() == -0.5)
  }

  @Test func `softplus is straight from its threshold on`() throws {
    let x = Tensor(NDArray([0.5, 1, 2]), requiresGrad: true)
    let y = try OperationTable.call("nn.functional.softplus", [x], ["threshold": .float(1)]) { Tensor($0) }[0]
    let slope = grad(y.sum(), x, createGraph: true)
    #expect(isClose(slope.array, [0.6224593312018546, 0.7310585786300049, 1], rtol: 1e-14))
    #expect(isClose(grad(slope.sum(), x).array, [0.2350037122015945, 0, 0], rtol: 1e-14))
  }

  @Test func `a negative target of kl_div has no slope where none is asked for`() throws {
    let x = Tensor(NDArray([1.0, 2, 3]), requiresGrad: true)
    let target = Tensor(NDArray([-1.0, 0.5, 0.25]), requiresGrad: true)
    let slope = grad(x.klDiv(target, reduction: .none), target, gradOutput: Tensor(NDArray([0.0, 0, 1])))
    #expect(isClose(slope.array, [0, 0, -3.386294361119891]))
    // What the slope depends on: ln y + 1 per gradient, but for the negative target.
    let weights = Tensor(NDArray([0.0, 0, 1]), requiresGrad: true)
    let again = grad(
      x.klDiv(target, reduction: .none), target, gradOutput: weights, createGraph: true)
    let dependence = grad(again, weights, gradOutput: Tensor(NDArray([1.0, 1, 1]))).array
    #expect(isClose(dependence, [0, -1.6931471805599454, -3.386294361119891], rtol: 1e-14))
  }

  @Test func `the ends of a uint8 sequence wrap around, and only those that are reached must fit`() throws {
    func numbers(_ name: String, _ start: Scalar, _ end: Scalar, _ steps: Int, _ dtype: DType) throws
      -> NDArray
    {
      let attributes: [String: Attribute] = [
        "start": .scalar(start), "end": .scalar(end), "steps": .int(steps), "dtype": .dtype(dtype),
      ]
      return try call(
        name, [], name == "logspace" ? attributes.merging(["base": .float(2)]) { $1 } : attributes
      )
      .result
    }
    #expect(isClose(try numbers("linspace", -2, 3, 6, .uint8), [254, 203, 153, 103, 53, 3]))
    #expect(isClose(try numbers("linspace", -2, 3, 6, .int32), [-2, -1, 0, 1, 2, 3]))
    #expect(isClose(try numbers("linspace", 2, -300, 1, .uint8), [2]))
    #expect(isClose(try numbers("logspace", -300.0, 3, 1, .uint8), [0]))
    for name in ["linspace", "logspace"] {
      #expect(try numbers(name, 300, -1.0, 0, .uint8).shape == [0])
      #expect(throws: ArrayError.self) { try numbers(name, 0, -1.0, 2, .uint8) }
    }
  }

  @Test func `clamp takes a bool bound for bools, and a 0-d tensor beside a number as a number`() throws {
    let (bools, yes) = (NDArray([true, false]), try NDArray(scalar: true, .bool))
    #expect(isClose(try call("clamp", [bools, yes]).result, [1, 1]))
    #expect(throws: ArrayError.self) { try call("clamp", [bools, yes, yes]) }
    let (x, two) = (tensor([1.0, 2, 2.25, 3], requiresGrad: true), try NDArray(scalar: 2, .float32))
    func clamped(_ low: Tensor) throws -> Tensor {
      try OperationTable.call("clamp", [x, low], ["max": .scalar(2.5)]) { Tensor($0) }[0]
    }
    let y = try clamped(Tensor(two))
    #expect(isClose(y.array, [2, 2, 2.25, 2.5]) && isClose(grad(y.sum(), x).array, [0, 0, 1, 0]))
    #expect(throws: ArrayError.self) { try clamped(tensor([2.0])) }
    #expect(throws: ArrayError.self) { try clamped(Tensor(two, requiresGrad: true)) }
  }

  @Test func `hardtanh refuses limits beyond the range of an integral dtype, as clamp does`() throws {
    let bytes = NDArray([UInt8(0), 7])
    func limited(_ low: Double, _ high: Double) throws -> NDArray {
      try call("nn.functional.hardtanh", [bytes], ["min_val": .float(low), "max_val": .float(high)]).result
    }
    #expect(isClose(try limited(-1, 1), [0, 1]))
    #expect(isClose(try limited(1, 300), [1, 7]))
    for (low, high) in [(-1.0, -1.0), (300, 400)] {
      let error = #expect(throws: ArrayError.self) { try limited(low, high) }
      #expect(error?.message.hasPrefix("nn.functional.hardtanh: the m") == true)
    }
  }

  @Test func `a 0-d floating weight of lerp makes integers floating`() throws {
    let (x, end) = (NDArray([3, 5]), NDArray([1, 0]))
    let quarter = try call("lerp", [x, end, try NDArray(scalar: 0.25, .float32)])
    #expect(quarter.result.dtype == .float32 && isClose(quarter.result, [2.5, 3.75]))
    #expect(isClose(quarter.gradients[0], [-7]))
    #expect(throws: ArrayError.self) { try call("lerp", [x, end, NDArray([0.25, 1])]) }
    #expect(throws: ArrayError.self) {
      try call("lerp", [x, end.to(.int32), NDArray(scalar: 0.25, .float32)])
    }
    #expect(throws: ArrayError.self) { try call("lerp", [x, end], ["weight": .scalar(0.25)]) }
  }

  @Test func `addmm leaves out a product whose factor is 0`() throws {
    let product = try call(
      "addmm",
      [
        NDArray([2.0], shape: [1, 1]), NDArray([Double.nan], shape: [1, 1]),
        NDArray([Double.infinity], shape: [1, 1]),
      ],
      ["alpha": .scalar(0), "beta": .scalar(0.5)])
    #expect(isClose(product.result, [1]) && isClose(product.gradients[0], [0.5]))
    #expect(isClose(product.gradients[1], [.nan]))
  }

  @Test func `smooth l1 loss with beta 0 takes integers, as l1 loss does`() throws {
    let attributes: [String: Attribute] = ["reduction": .string("none"), "beta": .float(0)]
    let loss = try call("nn.functional.smooth_l1_loss", [NDArray([1, 5]), NDArray([3, 4])], attributes).result
    #expect(loss.dtype == .int64 && isClose(loss, [2, 1]))
  }

  @Test func `the median of no integers is what NaN becomes`() throws {
    for (dtype, expected) in [(DType.int64, Double(Int64.min)), (.int32, Double(Int32.min)), (.uint8, 0)] {
      #expect(isClose(try call("median", [try NDArray(full: [0], 0, dtype)]).result, [expected]))
    }
  }

  @Test func `an order that float32 cannot hold is refused before it is recorded`() throws {
    let x = NDArray([Float(-3)])
    #expect(throws: ArrayError.self) { try call("norm", [x], ["p": .float(-1e308)]) }
    #expect(throws: ArrayError.self) { try call("dist", [x, x], ["p": .float(1e39)]) }
    #expect(isClose(try call("norm", [x.to(.float64)], ["p": .float(1e308)]).result, [3]))
  }

  @Test func `a view of more elements than can be counted is refused`() throws {
    let one = NDArray([1], shape: [1, 1])
    for name in ["expand", "broadcast_to"] {
      #expect(throws: ArrayError.self) { try call(name, [one], ["size": .ints([3, 1 << 62])]) }
    }
    #expect(try call("expand", [one], ["size": .ints([1, 1 << 62])]).result.shape == [1, 1 << 62])
  }

  @Test func `a bool plus a bool times alpha is a bool`() throws {
    let bools = NDArray([true, false])
    for (other, alpha, expected) in [(true, 3, [1.0, 1]), (true, 0, [1, 0]), (false, 3, [1, 0])] {
      let alpha = Attribute.scalar(.int(Int64(alpha)))
      let sum = try call("add", [bools], ["other": .scalar(.bool(other)), "alpha": alpha]).result
      #expect(sum.dtype == .bool && isClose(sum, expected))
    }
    let number = try call("add", [bools], ["other": .scalar(1), "alpha": .scalar(3)]).result
    #expect(number.dtype == .int64 && isClose(number, [4, 3]))
    #expect(isClose(bools.add(true, alpha: 3), [1, 1]))
  }

  @Test func `a base or exponent that is a plain false is differentiated as any other number`() throws {
    let power = try call("pow", [NDArray([0.0, 2])], ["exponent": .scalar(false)])
    #expect(isClose(power.result, [1, 1]) && isClose(power.gradients[0], [.nan, 0]))
    let exponent = Tensor(NDArray([0.495, 0]), requiresGrad: true)
    let base = try OperationTable.call("pow", [nil, exponent], ["input": .scalar(false)]) { Tensor($0) }[0]
    #expect(isClose(base.array, [0, 1]) && isClose(grad(base.sum(), exponent).array, [.nan, -.infinity]))
  }
}
