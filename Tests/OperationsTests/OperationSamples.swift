import Operations

/// A call of an operation on float64 values away from kinks, poles and ties, so that its derivative can be checked by differences.
struct Sample {
  /// The inputs; nil where a tensor is absent.
  let inputs: [NDArray?]
  /// The arguments that are not tensors.
  let attributes: [String: Attribute]
  /// Whether only symmetric matrices make sense: the check then symmetrises what it perturbs.
  var isSymmetric = false
  /// The inputs that have no gradient though they are floating: PyTorch refuses to give them one.
  let constants: Set<Int>

  init(
    _ inputs: [Input?], _ attributes: [String: Attribute] = [:], isSymmetric: Bool = false,
    constants: Set<Int> = []
  ) {
    self.constants = constants
    self.inputs = inputs.enumerated().map { $1?.array($0) }
    self.attributes = attributes
    self.isSymmetric = isSymmetric
  }
}

/// What an input holds. The numbers follow the golden ratio, so that they spread evenly and no two are near each other.
enum Input {
  /// Between −2 and 2, not near multiples of ½.
  case any([Int])
  /// Between 0.3 and 3.
  case positive([Int])
  /// Between 0.1 and 0.9.
  case unit([Int])
  /// A symmetric positive-definite matrix of this size.
  case definite(Int)
  /// Integers in this shape.
  case integers([Int], [Int])
  /// True and false in turn.
  case truth([Int])

  func array(_ position: Int) -> NDArray {
    func numbers(_ shape: [Int], _ map: (Double) -> Double) -> NDArray {
      let count = shape.reduce(1, *)
      let values = (0..<count).map { index -> Double in
        let fraction = (Double(index + 1 + 31 * position) * 0.618033988749895)
          .truncatingRemainder(dividingBy: 1)
        return map(fraction)
      }
      return NDArray(values, shape: Shape(shape))
    }
    switch self {
    case .any(let shape):
      return numbers(shape) { fraction in
        let value = 4 * fraction - 2
        return abs(value * 2 - (value * 2).rounded()) < 0.08 ? value + 0.1 : value
      }
    case .positive(let shape): return numbers(shape) { 0.3 + 2.7 * $0 }
    case .unit(let shape): return numbers(shape) { 0.1 + 0.8 * $0 }
    case .definite(let size):
      let root = numbers([size, size]) { 2 * $0 - 1 }
      return root.mm(root.t()) + NDArray.eye(size, dtype: .float64)
    case .integers(let shape, let values): return NDArray(values, shape: Shape(shape))
    case .truth(let shape):
      let count = shape.reduce(1, *)
      return NDArray((0..<count).map { $0 % 2 == 0 }, shape: Shape(shape))
    }
  }
}

extension Sample {
  /// The samples of every operation of the table.
  static let all: [String: [Sample]] = {
    var all: [String: [Sample]] = [:]
    func add(_ names: String, _ samples: Sample...) {
      for name in names.split(separator: " ") { all[String(name), default: []] += samples }
    }
    addCreation(add)
    addElementwise(add)
    addShapes(add)
    addSelection(add)
    addReductions(add)
    addMatrices(add)
    addLayers(add)
    return all
  }()

  typealias Adder = (_ names: String, _ samples: Sample...) -> Void

  private static func addCreation(_ add: Adder) {
    add("eye", Sample([], ["n": .int(2), "m": .int(3)]))
    add("linspace logspace", Sample([], ["start": .float(0), "end": .float(1), "steps": .int(4)]))
    add("arange", Sample([], ["end": .scalar(5), "step": .scalar(2)]))
    add("zeros ones", Sample([], ["size": .ints([2, 3])]))
    add("full", Sample([], ["size": .ints([2]), "fill_value": .scalar(1.5)]))
    add("zeros_like ones_like", Sample([.any([2, 3])]))
  }

  private static func addElementwise(_ add: Adder) {
    add(
      "abs neg sign ceil floor round trunc frac square reciprocal exp exp2 expm1 sin cos tan atan sinh cosh tanh erf sigmoid isnan isinf isfinite logical_not clone nn.functional.relu nn.functional.leaky_relu nn.functional.elu nn.functional.gelu nn.functional.silu nn.functional.softplus nn.functional.hardtanh nn.functional.logsigmoid nn.functional.softsign nn.functional.mish sinc",
      Sample([.any([2, 3])]), Sample([.any([])]), Sample([.any([0, 2])]))
    add("nn.functional.gelu", Sample([.any([4])], ["approximate": .string("tanh")]))
    add("nn.functional.softplus", Sample([.any([4])], ["beta": .float(2), "threshold": .float(1)]))
    add("round", Sample([.any([4])], ["decimals": .int(1)]))
    add("sqrt rsqrt log log2 log10 log1p", Sample([.positive([2, 3])]))
    add("asin acos", Sample([.unit([2, 3])]))
    add(
      "softmax log_softmax", Sample([.any([2, 3])], ["dim": .int(-1)]),
      Sample([.any([2, 3])], ["dim": .int(0)]))
    add(
      "add sub mul div remainder fmod eq ne lt le gt ge",
      Sample([.any([2, 3]), .any([3])]), Sample([.any([2, 1]), .any([1, 3])]),
      Sample([.any([2, 3])], ["other": .scalar(0.75)]))
    // Recorded, but a backward pass is refused.
    add(
      "floor_divide", Sample([.any([2, 3]), .any([3])], constants: [0, 1]),
      Sample([.any([2, 1]), .any([1, 3])], constants: [0, 1]),
      Sample([.any([2, 3])], ["other": .scalar(0.75)], constants: [0]))
    add("add sub", Sample([.any([2]), .any([2])], ["alpha": .scalar(0.5)]))
    add("div", Sample([.any([4]), .any([4])], ["rounding_mode": .string("floor")]))
    add(
      "maximum minimum hypot atan2 logical_and logical_or logical_xor equal isclose allclose max min",
      Sample([.any([2, 3]), .any([2, 3])]))
    add("maximum minimum hypot atan2", Sample([.any([2, 3]), .any([3])]))
    add(
      "pow", Sample([.positive([2, 3]), .any([3])]), Sample([.any([4])], ["exponent": .scalar(3)]),
      Sample([.positive([4])], ["exponent": .scalar(0.5)]),
      Sample([.positive([4])], ["exponent": .scalar(-0.5)]),
      Sample([nil, .any([4])], ["input": .scalar(1.5)]))
    add("addcdiv addcmul", Sample([.any([2, 3]), .any([3]), .positive([2, 1])], ["value": .scalar(0.5)]))
    add(
      "clamp", Sample([.any([5])], ["min": .scalar(-1), "max": .scalar(1)]),
      Sample([.any([2, 3]), .any([3]), .positive([2, 1])]), Sample([.any([4])], ["max": .scalar(0)]))
    add(
      "lerp", Sample([.any([2, 3]), .any([3])], ["weight": .scalar(0.3)]),
      Sample([.any([3]), .any([3]), .any([3])]))
    add("to", Sample([.any([2, 3])], ["dtype": .dtype(.float64)]))
    add("where", Sample([.truth([2, 3]), .any([3]), .any([2, 3])]))
    add(
      "masked_fill", Sample([.any([2, 3]), .truth([3])], ["value": .scalar(1)]),
      Sample([.any([2, 3]), .truth([3]), .any([])]))
  }

  private static func addShapes(_ add: Adder) {
    add("reshape", Sample([.any([2, 3])], ["shape": .ints([3, -1])]))
    add("view", Sample([.any([2, 3])], ["size": .ints([2, 3, 1])]))
    add(
      "flatten", Sample([.any([2, 3, 2])], ["start_dim": .int(1)]), Sample([.any([2, 3])]),
      Sample([.any([2, 2, 3, 2])], ["start_dim": .int(1), "end_dim": .int(2)]))
    add("unsqueeze", Sample([.any([2, 3])], ["dim": .int(1)]))
    add("squeeze", Sample([.any([2, 1, 3])], ["dim": .int(1)]), Sample([.any([1, 3])]))
    add("permute", Sample([.any([2, 3, 4])], ["dims": .ints([2, 0, 1])]))
    add("transpose", Sample([.any([2, 3])], ["dim0": .int(0), "dim1": .int(-1)]))
    add("t", Sample([.any([2, 3])]))
    add("expand broadcast_to", Sample([.any([2, 1])], ["size": .ints([4, 2, 3])]))
    add("cat", Sample([.any([2, 3]), .any([2, 1])], ["dim": .int(1)]))
    add("stack", Sample([.any([2, 3]), .any([2, 3])], ["dim": .int(-1)]))
    add(
      "split", Sample([.any([5, 2])], ["split_size": .int(2)]),
      Sample([.any([2, 5])], ["split_size": .ints([1, 4]), "dim": .int(1)]))
    add("unbind", Sample([.any([2, 3])], ["dim": .int(-1)]))
    add("chunk", Sample([.any([5, 2])], ["chunks": .int(2)]))
    add("flip", Sample([.any([2, 3])], ["dims": .ints([0, -1])]))
    add(
      "roll", Sample([.any([2, 3])], ["shifts": .ints([1]), "dims": .ints([1])]),
      Sample([.any([2, 3])], ["shifts": .int(2)]))
    add("tile", Sample([.any([2, 3])], ["dims": .ints([2])]))
    add("repeat", Sample([.any([2, 3])], ["repeats": .ints([2, 1, 2])]))
    add("tril triu", Sample([.any([3, 3])], ["diagonal": .int(1)]))
    add("diagonal", Sample([.any([3, 4])], ["offset": .int(1)]))
  }

  private static func addSelection(_ add: Adder) {
    let columns = Input.integers([2, 2], [0, 2, 1, 1])
    add("index_select", Sample([.any([2, 3]), .integers([3], [2, 0, 2])], ["dim": .int(1)]))
    add("nonzero", Sample([.any([2, 3])]))
    add("masked_select", Sample([.any([2, 3]), .truth([2, 3])]))
    add("gather", Sample([.any([2, 3]), columns], ["dim": .int(1)]))
    add(
      "scatter", Sample([.any([2, 3]), .integers([2, 2], [0, 2, 1, 0]), .any([2, 2])], ["dim": .int(1)]))
    add("scatter_add", Sample([.any([2, 3]), columns, .any([2, 2])], ["dim": .int(1)]))
    add("select", Sample([.any([2, 3])], ["dim": .int(1), "index": .int(-1)]))
    add("narrow", Sample([.any([2, 3])], ["dim": .int(1), "start": .int(1), "length": .int(2)]))
    add("slice", Sample([.any([2, 5])], ["dim": .int(1), "start": .int(1), "step": .int(2)]))
    add(
      "getitem",
      Sample([.any([2, 3])], ["index": .index([.inserted, .integer(1), .range(start: nil, stop: -1)])]))
    add("take", Sample([.any([2, 3]), .integers([2, 2], [0, -1, 3, 3])]))
    add(
      "take_along_dim", Sample([.any([2, 3]), columns], ["dim": .int(1)]),
      Sample([.any([2, 3]), .integers([1, 2], [2, -1])], ["dim": .int(1)]),
      Sample([.any([1, 3]), .integers([2, 2], [0, 2, 1, -3])], ["dim": .int(1)]))
    add(
      "sort argsort", Sample([.any([2, 4])]),
      Sample([.any([2, 4])], ["dim": .int(0), "descending": .bool(true)]))
    add("topk", Sample([.any([2, 4])], ["k": .int(2)]))
  }

  private static func addReductions(_ add: Adder) {
    add(
      "sum mean std var norm linalg.vector_norm amax amin all any count_nonzero", Sample([.any([2, 3])]),
      Sample([.any([2, 3])], ["dim": .ints([1])]), Sample([.any([2, 3, 2])], ["dim": .ints([0, -1])]))
    add(
      "prod median argmax argmin max min", Sample([.any([2, 3])]),
      Sample([.any([2, 3])], ["dim": .int(1), "keepdim": .bool(true)]))
    add("norm", Sample([.any([2, 3])], ["p": .float(3)]), Sample([.any([2, 3])], ["p": .float(1)]))
    add("dist", Sample([.any([2, 3]), .positive([3])]))
    add(
      "cumsum cumprod", Sample([.any([2, 3])], ["dim": .int(1)]), Sample([.any([3, 2])], ["dim": .int(0)]))
    add("logsumexp", Sample([.any([2, 3])], ["dim": .ints([1])]))
  }

  private static func addMatrices(_ add: Adder) {
    add("dot", Sample([.any([3]), .any([3])]))
    add("mm", Sample([.any([2, 3]), .any([3, 4])]))
    add("bmm", Sample([.any([2, 2, 3]), .any([2, 3, 2])]))
    add("mv", Sample([.any([2, 3]), .any([3])]))
    add(
      "matmul", Sample([.any([2, 2, 3]), .any([3, 2])]), Sample([.any([3]), .any([2, 3, 2])]),
      Sample([.any([2, 3]), .any([3])]), Sample([.any([3]), .any([3])]))
    add(
      "addmm",
      Sample([.any([4]), .any([2, 3]), .any([3, 4])], ["beta": .scalar(0.5), "alpha": .scalar(2)]))
    add("outer", Sample([.any([2]), .any([3])]))
    add(
      "einsum", Sample([.any([2, 3]), .any([4, 3])], ["equation": .string("ij,kj->ik")]),
      Sample([.any([2, 2, 3]), .any([2, 3, 2])], ["equation": .string("bij,bjk->bik")]),
      Sample([.any([3, 2, 2]), .any([3])], ["equation": .string("aii,a->i")]),
      Sample([.any([2, 3])], ["equation": .string("ij->j")]))
    add("trace", Sample([.any([3, 3])]))
    add("linalg.inv linalg.det linalg.svdvals linalg.pinv", Sample([.definite(3)]))
    add("linalg.svd", Sample([.definite(3)], ["full_matrices": .bool(false)]))
    add("svd", Sample([.definite(3)]))
    add("linalg.lstsq", Sample([.any([4, 2]), .any([4, 2])]), Sample([.any([4, 2]), .any([4])]))
    add("linalg.solve linalg.lstsq", Sample([.definite(3), .any([3, 2])]))
    add(
      "linalg.cholesky", Sample([.definite(3)], isSymmetric: true),
      Sample([.definite(3)], ["upper": .bool(true)], isSymmetric: true))
  }

  private static func addLayers(_ add: Adder) {
    add(
      "nn.functional.linear", Sample([.any([2, 3]), .any([4, 3]), .any([4])]),
      Sample([.any([2, 2, 3]), .any([4, 3]), .any([4])]), Sample([.any([2, 2, 3]), .any([3])]))
    add(
      "nn.functional.mse_loss nn.functional.l1_loss nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.binary_cross_entropy_with_logits",
      Sample([.any([2, 3]), .positive([2, 3])]),
      Sample([.any([2, 3]), .positive([2, 3])], ["reduction": .string("none")]))
    add(
      "nn.functional.smooth_l1_loss", Sample([.any([2, 3]), .any([3])], ["beta": .float(0.4)]),
      Sample([.any([4]), .any([4])], ["beta": .float(0), "reduction": .string("sum")]))
    add(
      "nn.functional.huber_loss",
      Sample([.any([2, 3]), .any([3])], ["delta": .float(0.4), "reduction": .string("sum")]))
    add(
      "nn.functional.binary_cross_entropy", Sample([.unit([2, 3]), .unit([2, 3])]),
      Sample([.unit([2, 3]), .unit([2, 3]), .any([3])], ["reduction": .string("sum")], constants: [2]))
    add(
      "nn.functional.binary_cross_entropy_with_logits",
      Sample([.any([2, 3]), .unit([2, 3]), .any([3]), .positive([3])], constants: [2, 3]),
      Sample(
        [.any([2, 3]), .unit([2, 3]), nil, .positive([2, 3])], ["reduction": .string("none")], constants: [3])
    )
    add("nn.functional.kl_div", Sample([.any([2, 3]), .unit([2, 3])], ["reduction": .string("batchmean")]))
    let classes = Input.integers([3], [2, 0, 1])
    add(
      "nn.functional.cross_entropy", Sample([.any([3, 4]), classes]),
      Sample([.any([3, 4]), .unit([3, 4])], ["label_smoothing": .float(0.1)]),
      Sample([.any([3, 4]), classes, .positive([4])], ["label_smoothing": .float(0.1)], constants: [2]),
      Sample([.any([3, 4]), .unit([3, 4])]))
    add(
      "nn.functional.nll_loss", Sample([.any([3, 4]), classes]),
      Sample([.any([3, 4]), classes, .positive([4])], ["ignore_index": .int(0)], constants: [2]),
      Sample(
        [.any([2, 3, 2]), .integers([2, 2], [0, 2, 1, 1]), .positive([3])], ["reduction": .string("none")],
        constants: [2]),
      Sample([.any([3]), .integers([], [2])], ["reduction": .string("sum")]))
    add(
      "nn.functional.layer_norm",
      Sample([.any([2, 3]), .any([3]), .any([3])], ["normalized_shape": .ints([3])]),
      Sample([.any([2, 2, 3]), nil, .any([2, 3])], ["normalized_shape": .ints([2, 3])]))
    add(
      "nn.functional.batch_norm",
      Sample(
        [.any([4, 2]), .any([2]), .positive([2]), .any([2]), .any([2])], ["training": .bool(true)],
        constants: [1, 2]),
      Sample([.any([4, 2]), .any([2]), .positive([2])], constants: [1, 2]),
      Sample([.any([3, 2, 2]), .any([2]), .positive([2]), .any([2]), .any([2])], constants: [1, 2]),
      Sample([.any([3, 2, 2]), nil, nil, nil, .any([2])], ["training": .bool(true)]))
    add("nn.functional.embedding", Sample([.integers([2], [1, 0]), .any([3, 2])]))
    add("nn.functional.dropout", Sample([.any([2, 3])], ["training": .bool(false)]))
    add("nn.functional.cosine_similarity", Sample([.any([2, 3]), .positive([2, 3])]))
    add("nn.functional.one_hot", Sample([.integers([3], [2, 0, 1])]))
  }
}
