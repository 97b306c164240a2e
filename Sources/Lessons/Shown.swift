import Autograd

/// A value as a page shows it.
public struct Shown: Equatable, Sendable {
  /// Which part of several values it is: `values`, `0`; nil when there is only one.
  public var label: String?
  /// The value as text; a tensor as PyTorch prints it, an array as NumPy does.
  public var text: String
  /// Shape and dtype, `[2, 3] int64`; of a value that is no tensor its type.
  public var type: String
  /// Whose memory it is: `new memory`, `memory of x`; nil for plain values, and where the value itself was asked for.
  public var memory: String?
}

extension Shown {
  /// The value, or the parts of a tuple or a list of tensors.
  static func parts(of value: Any, called name: String?, among named: [(name: String, value: Any)]) -> [Shown]
  {
    if let array = array(in: value) {
      let known = name.map { name in named.contains { $0.name == name } } ?? false
      let memory = known ? nil : memory(of: array, among: named)
      return [
        Shown(label: nil, text: "\(value)", type: "\(array.shape) \(array.dtype)", memory: memory)
      ]
    }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      guard let wrapped = mirror.children.first?.value else {
        return [Shown(label: nil, text: "nil", type: "\(Swift.type(of: value))", memory: nil)]
      }
      return parts(of: wrapped, called: name, among: named)
    }
    if mirror.displayStyle == .tuple || value is [Tensor] || value is [NDArray], !mirror.children.isEmpty {
      return mirror.children.enumerated().flatMap { index, child in
        parts(of: child.value, called: nil, among: named).map { part in
          var part = part
          part.label = child.label.flatMap { $0.hasPrefix(".") ? nil : $0 } ?? "\(index)"
          return part
        }
      }
    }
    return [Shown(label: nil, text: "\(value)", type: "\(Swift.type(of: value))", memory: nil)]
  }

  private static func array(in value: Any) -> NDArray? {
    (value as? Tensor)?.array ?? value as? NDArray
  }

  private static func memory(of array: NDArray, among named: [(name: String, value: Any)]) -> String {
    let owner = named.first { Shown.array(in: $0.value)?.sharesStorage(with: array) == true }
    return owner.map { "memory of \($0.name)" } ?? "new memory"
  }
}
