import Autograd
import Testing

/// Expected: PyTorch 2.15.0.
@Suite struct KeptValueTests {
  /// An operation with its operands by the names below (-: absent), attributes, the operands that require a gradient, and those that must
  /// not change before the pass, r being the result.
  private static let cases: [(String, String, [String: Attribute], [Int], String)] = [
    ("addcdiv", "x y y", [:], [0, 1, 2], "12"),
    ("addcdiv", "x y y", [:], [0], "2"),
    ("addcdiv", "x y y", [:], [1], "2"),
    ("addcdiv", "x y y", [:], [2], "12"),
    ("div", "x y", ["rounding_mode": .string("floor")], [0, 1], "01"),
    ("div", "x y", ["rounding_mode": .string("floor")], [0], "1"),
    ("div", "x y", ["rounding_mode": .string("floor")], [1], "01"),
    ("div", "x y", ["rounding_mode": .string("trunc")], [0, 1], "01"),
    ("div", "x y", ["rounding_mode": .string("trunc")], [0], "1"),
    ("div", "x y", ["rounding_mode": .string("trunc")], [1], "01"),
    ("gather", "x i", ["dim": .int(1)], [0], "01"),
    ("take", "x t", [:], [0], "01"),
    ("take_along_dim", "x i", ["dim": .int(1)], [0], "0"),
    ("masked_select", "x m", [:], [0], "01"),
    ("nn.functional.nll_loss", "x t", [:], [0], "01"),
    ("nn.functional.nll_loss", "x t v", [:], [0], "012"),
    ("nn.functional.layer_norm", "x v v", ["normalized_shape": .ints([3])], [0, 1, 2], "012"),
    ("nn.functional.layer_norm", "x v v", ["normalized_shape": .ints([3])], [0], "012"),
    ("nn.functional.layer_norm", "x v v", ["normalized_shape": .ints([3])], [1], "012"),
    ("nn.functional.layer_norm", "x v v", ["normalized_shape": .ints([3])], [2], "012"),
    ("nn.functional.layer_norm", "x", ["normalized_shape": .ints([3])], [0], "0"),
    ("nn.functional.batch_norm", "x v v v v", [:], [0, 3, 4], "0123"),
    ("nn.functional.batch_norm", "x v v v v", [:], [0], "0123"),
    ("nn.functional.batch_norm", "x v v v v", [:], [3], "0123"),
    ("nn.functional.batch_norm", "x v v v v", [:], [4], "0123"),
    ("nn.functional.batch_norm", "x v v v v", ["training": .bool(true)], [0, 3, 4], "0123"),
    ("nn.functional.batch_norm", "x v v v v", ["training": .bool(true)], [0], "0123"),
    ("nn.functional.batch_norm", "x v v v v", ["training": .bool(true)], [3], "0123"),
    ("nn.functional.batch_norm", "x v v v v", ["training": .bool(true)], [4], "0123"),
    ("nn.functional.batch_norm", "x - - v v", ["training": .bool(true)], [0, 3, 4], "03"),
    ("nn.functional.batch_norm", "x - - v v", ["training": .bool(true)], [0], "03"),
    ("nn.functional.batch_norm", "x - - v v", ["training": .bool(true)], [3], "03"),
    ("nn.functional.batch_norm", "x - - v v", ["training": .bool(true)], [4], "03"),
    ("linalg.det", "sq", [:], [0], "0r"),
    ("linalg.solve", "sq v", [:], [0, 1], "0r"),
    ("linalg.solve", "sq v", [:], [0], "0r"),
    ("linalg.solve", "sq v", [:], [1], "0r"),
    ("pow", "x y", [:], [0, 1], "01r"),
    ("pow", "x y", [:], [0], "01r"),
    ("pow", "x y", [:], [1], "01r"),
    ("pow", "x", ["exponent": .float(3)], [0], "0"),
    ("lerp", "x y x", [:], [0, 1, 2], "012"),
    ("lerp", "x y x", [:], [0], "2"),
    ("lerp", "x y x", [:], [1], "2"),
    ("lerp", "x y x", [:], [2], "012"),
    ("lerp", "x y", ["weight": .float(0.25)], [0, 1], ""),
    ("lerp", "x y", ["weight": .float(0.25)], [0], ""),
    ("lerp", "x y", ["weight": .float(0.25)], [1], ""),
    ("mul", "v f", [:], [0, 1], "01"),
    ("mul", "v f", [:], [0], "1"),
    ("mul", "v f", [:], [1], "0"),
    ("mul", "n v", [:], [1], "0"),
    ("maximum", "f v", [:], [0, 1], "01"),
    ("maximum", "f v", [:], [0], "01"),
    ("maximum", "f v", [:], [1], "01"),
    ("fmod", "n v", [:], [1], "01"),
    ("hypot", "v f", [:], [0, 1], "01r"),
    ("hypot", "v f", [:], [0], "0r"),
    ("hypot", "v f", [:], [1], "1r"),
    ("clamp", "v n", [:], [0], "01"),
    ("dist", "v f", [:], [0, 1], "01r"),
    ("dist", "v f", [:], [0], "01r"),
    ("dist", "v f", [:], [1], "01r"),
    ("nn.functional.mse_loss", "v f", [:], [0, 1], "01"),
    ("nn.functional.mse_loss", "v f", [:], [0], "01"),
    ("nn.functional.mse_loss", "v f", [:], [1], "01"),
    ("cat", "v f", ["dim": .int(0)], [0, 1], ""),
    ("cat", "v f", ["dim": .int(0)], [0], ""),
    ("cat", "v f", ["dim": .int(0)], [1], ""),
    ("prod", "f", ["dtype": .string("float64")], [0], "0r"),
    ("nn.functional.smooth_l1_loss", "v f", [:], [0, 1], "01"),
    ("nn.functional.smooth_l1_loss", "v f", [:], [0], "01"),
    ("nn.functional.smooth_l1_loss", "v f", [:], [1], "01"),
  ]

  private static func operand(_ name: Substring) -> Tensor? {
    switch name {
    case "x": tensor([0.7, 1.3, 0.6, 1.1, 0.9, 1.2] as [Double], shape: [2, 3])
    case "y": tensor([0.5, 1.4, 0.8, 1.0, 0.95, 1.25] as [Double], shape: [2, 3])
    case "v": tensor([0.7, 1.1, 0.8] as [Double])
    case "f": tensor([Float(0.7), 1.1, 0.8])
    case "n": tensor([1, 2, 3])
    case "i": tensor([0, 2, 1, 0], shape: [2, 2])
    case "t": tensor([2, 0])
    case "m": tensor([true, false, true, false, true, true], shape: [2, 3])
    case "sq": tensor([2, 0.1, 0.2, 0.1, 3, 0.3, 0.2, 0.3, 4] as [Double], shape: [3, 3])
    default: nil
    }
  }

  /// The result, and the operands, which are no leaves.
  private static func called(
    _ name: String, _ operands: String, _ attributes: [String: Attribute], _ leaves: [Int]
  ) throws -> (result: Tensor, operands: [Tensor?]) {
    let inputs = operands.split(separator: " ").enumerated().map { index, name in
      let leaf = operand(name)
      return leaves.contains(index) ? leaf?.requiresGrad_().clone() : leaf
    }
    return (try OperationTable.call(name, inputs, attributes, constant: { Tensor($0) })[0], inputs)
  }

  @Test(arguments: cases) func `a change of what PyTorch keeps is refused in the pass, any other is not`(
    _ name: String, _ operands: String, _ attributes: [String: Attribute], _ leaves: [Int], _ kept: String
  ) throws {
    let places = operands.split(separator: " ").indices.map { "\($0)" } + ["r"]
    var refused = ""
    for place in places {
      let (result, inputs) = try Self.called(name, operands, attributes, leaves)
      guard let changed = Int(place).map({ inputs[$0] }) ?? result else { continue }
      if changed.dtype == .bool { changed.logicalNot_() } else { changed.add_(1) }
      do { try result.sum().differentiate() } catch {
        #expect(error.message.contains("has been modified by an inplace operation"))
        refused += place
      }
    }
    #expect(refused == kept)
  }

  @Test(arguments: cases) func `a second pass is refused where something is kept`(
    _ name: String, _ operands: String, _ attributes: [String: Attribute], _ leaves: [Int], _ kept: String
  ) throws {
    let result = try Self.called(name, operands, attributes, leaves).result
    try result.sum().differentiate()
    #expect((try? result.sum().differentiate()) == nil ? !kept.isEmpty : kept.isEmpty)
  }

  @Test func `a number that PyTorch keeps as a value is gone after the first pass`() throws {
    let attributes: [String: Attribute] = ["other": .float(2), "rounding_mode": .string("floor")]
    let result = try Self.called("div", "x", attributes, [0]).result
    try result.sum().differentiate()
    #expect(throws: ArrayError.self) { try result.sum().differentiate() }
  }
}
