/// The operations that C's own arithmetic calculates to the bit.
enum CArithmetic {
  /// The C type of an element.
  static func type(_ dtype: DType) -> String {
    switch dtype {
    case .bool, .uint8: "unsigned char"
    case .int8: "signed char"
    case .int16: "short"
    case .int32: "int"
    case .int64: "long long"
    case .float32: "float"
    case .float64: "double"
    }
  }

  /// The operation named `name` on these operands of a floating-point dtype; nil when it is a function or a matter of libraries.
  static func expression(_ name: String, _ operands: [String], _ dtype: DType) -> String? {
    let suffix = dtype == .float32 ? "f" : ""
    let x = operands[0]
    if operands.count == 2 {
      let y = operands[1]
      return switch name {
      case "add": "\(x) + \(y)"
      case "sub": "\(x) - \(y)"
      case "mul": "\(x) * \(y)"
      case "div": "\(x) / \(y)"
      case "maximum": "((\(x) >= \(y)) | (\(x) != \(x))) ? \(x) : \(y)"
      case "minimum": "((\(x) <= \(y)) | (\(x) != \(x))) ? \(x) : \(y)"
      case "eq": "\(x) == \(y)"
      case "ne": "\(x) != \(y)"
      case "lt": "\(x) < \(y)"
      case "le": "\(x) <= \(y)"
      case "gt": "\(x) > \(y)"
      case "ge": "\(x) >= \(y)"
      default: nil
      }
    }
    return switch name {
    case "neg": "-\(x)"
    case "square": "\(x) * \(x)"
    case "abs": "__builtin_fabs\(suffix)(\(x))"
    case "sqrt": "__builtin_sqrt\(suffix)(\(x))"
    case "rsqrt": "1 / __builtin_sqrt\(suffix)(\(x))"
    case "reciprocal": "1 / \(x)"
    case "nn.functional.relu": "\(x) < 0 ? 0 : \(x)"
    default: nil
    }
  }
}
