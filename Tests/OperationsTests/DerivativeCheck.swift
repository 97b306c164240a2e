import Autograd

/// Compares derivative rules with central differences in float64.
///
/// With step h = 10⁻⁵ the difference is off by about h²·f‴/6 ≈ 10⁻¹¹ and by rounding ε/h ≈ 10⁻¹¹ relative to the values; 10⁻⁶ relative to
/// 1 + |slope| leaves room for ill-conditioned operations and still catches a factor of 1.001.
struct DerivativeCheck {
  /// A function of tensors with any number of results.
  typealias Function = ([Tensor?]) throws -> [Tensor]

  let function: Function
  let inputs: [NDArray?]
  /// The floating inputs that have no gradient.
  let constants: Set<Int>
  private let step = 1e-5
  private let tolerance = 1e-6

  init(_ inputs: [NDArray?], constants: Set<Int> = [], _ function: @escaping Function) {
    self.inputs = inputs
    self.constants = constants
    self.function = function
  }

  /// The first disagreement of the gradients, then of the gradients of the gradients; nil when there is none.
  func disagreement() throws -> String? {
    if let first = try compare("gradient", { try gradients($0).plain }, { try weighted($0) }) { return first }
    return try compare("gradient of the gradient", { try gradients($0).second }, { try weightedGradient($0) })
  }

  /// Whether the function's results depend on an input in a way that is recorded.
  func isDifferentiable() throws -> Bool {
    try function(leaves(inputs)).contains { $0.requiresGrad }
  }

  /// Fixed numbers to multiply with and sum, all different.
  private func weights(_ shape: Shape, _ seed: Int) -> NDArray {
    let count = shape.reduce(1, *)
    return NDArray((0..<count).map { 0.4 + Double(($0 + seed) % 7) / 5 }, shape: shape)
  }

  private func leaves(_ arrays: [NDArray?]) -> [Tensor?] {
    arrays.enumerated().map { position, array in
      array.map { Tensor($0, requiresGrad: isSource(position, $0)) }
    }
  }

  private func isSource(_ position: Int, _ array: NDArray) -> Bool {
    array.dtype.isFloatingPoint && !constants.contains(position)
  }

  /// Σ over the recorded results of the weighted sum.
  private func total(_ results: [Tensor]) -> Tensor? {
    let terms = results.enumerated().filter(\.element.requiresGrad).map { index, result in
      (result * Tensor(weights(result.shape, index).to(result.dtype))).sum()
    }
    return Self.sum(terms)
  }

  private static func sum(_ terms: [Tensor]) -> Tensor? {
    terms.first.map { first in terms.dropFirst().reduce(first) { sum, term in sum + term } }
  }

  private func weighted(_ arrays: [NDArray?]) throws -> Double {
    try total(function(leaves(arrays)))?.item() ?? 0
  }

  /// The gradients with respect to the floating inputs, and those of their weighted sum. nil: none.
  private func gradients(_ arrays: [NDArray?]) throws -> (plain: [NDArray?], second: [NDArray?]) {
    let tensors = leaves(arrays)
    let sources = tensors.compactMap { $0 }.filter(\.requiresGrad)
    func spread(_ found: [Tensor?]) -> [NDArray?] {
      var rest = found[...]
      return tensors.map { tensor in tensor?.requiresGrad == true ? rest.removeFirst()?.array : nil }
    }
    guard let sum = try total(function(tensors)) else {
      return (spread(sources.map { _ in nil }), spread(sources.map { _ in nil }))
    }
    let first = try Autograd.gradients(outputs: [sum], inputs: sources, createGraph: true, allowUnused: true)
    let terms = first.enumerated().compactMap { index, gradient in
      gradient.flatMap { $0.requiresGrad ? ($0 * Tensor(weights($0.shape, index + 3))).sum() : nil }
    }
    guard let inner = Self.sum(terms) else {
      return (spread(first), spread(sources.map { _ in nil }))
    }
    let second = try Autograd.gradients(outputs: [inner], inputs: sources, allowUnused: true)
    return (spread(first), spread(second))
  }

  private func weightedGradient(_ arrays: [NDArray?]) throws -> Double {
    var sum = 0.0
    var index = 0
    for (position, gradient) in try gradients(arrays).plain.enumerated() {
      guard let array = arrays[position], isSource(position, array) else { continue }
      if let gradient { sum += (gradient * weights(gradient.shape, index + 3)).sum().item(as: Double.self) }
      index += 1
    }
    return sum
  }

  private func compare(
    _ what: String, _ slopes: ([NDArray?]) throws -> [NDArray?], _ value: ([NDArray?]) throws -> Double
  ) throws -> String? {
    let claimed = try slopes(inputs)
    for (position, input) in inputs.enumerated() {
      guard let input, isSource(position, input) else { continue }
      let numbers = input.toArray(of: Double.self)
      let slope = claimed[position]?.toArray(of: Double.self) ?? [Double](repeating: 0, count: numbers.count)
      if slope.count != numbers.count {
        return "\(what) of input \(position) has \(slope.count) elements, not \(numbers.count)"
      }
      for index in numbers.indices {
        func moved(_ distance: Double) throws -> Double {
          var changed = numbers
          changed[index] += distance
          var arrays = inputs
          arrays[position] = NDArray(changed, shape: input.shape)
          return try value(arrays)
        }
        let difference = (try moved(step) - moved(-step)) / (2 * step)
        if !(abs(slope[index] - difference) <= tolerance * (1 + abs(difference))) {
          return
            "\(what) of input \(position), element \(index): the rule gives \(slope[index]), differences \(difference)"
        }
      }
    }
    return nil
  }
}
