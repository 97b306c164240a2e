import StaticGraph

/// A graph grown at random: elementwise chains, broadcasts, reductions, products, views, variables, and gradients of their sum.
struct RandomGraph {
  let graph = Graph()
  private(set) var fetches: [Symbol] = []
  private(set) var feeds = Feeds()
  private var random: SplitMix

  init(seed: UInt64) {
    random = SplitMix(state: seed)
    grow()
  }

  private mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  private mutating func data(_ shape: Shape, _ dtype: DType) -> NDArray {
    let count = shape.elementCount
    let values = (0..<count).map { _ in Double(Int(random.next() % 4001) - 2000) / 1024 }
    return checked { () throws(ArrayError) in try NDArray(copying: values, shape: shape).converted(to: dtype)
    }
  }

  private mutating func grow() {
    let dtype: DType = pick(3) == 0 ? .float32 : .float64
    let sizes = [1, 2, 3, 7, 8, 100, 129, 300]
    let (n, k) = (sizes[pick(sizes.count)], [1, 2, 3, 5][pick(4)])
    let x = graph.placeholder(dtype, shape: pick(2) == 0 ? [nil, k] : [n, k], name: "x")
    feeds[x] = data([n, k], dtype)
    let w = graph.variable(data([k], dtype), name: "w")
    let b = graph.variable(data([1], dtype), name: "b")
    let m = graph.variable(data([k, k], dtype), name: "m")
    var pool = [x, w, b, x * w, x + b, x.square(), x * graph.constant(data([k], dtype))]
    for _ in 0..<(4 + pick(14)) { pool.append(next(pool, m)) }
    let last = pool.suffix(3)
    let loss =
      last.dropFirst().reduce(last.first!.mean()) { $0 + $1.sum() } + w.sum() * 0.5 + m.square().mean()
    let gradients = graph.gradientsWhereConnected(of: [loss], withRespectTo: [x, w, b, m]).compactMap { $0 }
    fetches = [loss] + gradients + [pool[pick(pool.count)]]
    if let dw = graph.gradientsWhereConnected(of: [loss], withRespectTo: [w])[0] {
      fetches += [w.assign(w - 0.125 * dw), b.assign(b * 2 - b)]
    }
  }

  /// One more value of some that are there.
  private mutating func next(_ pool: [Symbol], _ matrix: Symbol) -> Symbol {
    let a = pool[pick(pool.count)]
    let b = pool[pick(pool.count)]
    let isMatrix = a.staticShape?.rank == 2
    switch pick(22) {
    case 0: return a + b
    case 1: return a - b
    case 2: return a * b
    case 3: return a / (b.square() + 1)
    case 4: return a.square()
    case 5: return -(-a)
    case 6: return a.tanh()
    case 7: return a.sigmoid()
    case 8: return a.mul(0.5).exp()
    case 9: return a.abs().add(1).log()
    case 10: return a.relu()
    case 11: return a * 1 + 0.25
    case 12: return isMatrix ? a.mean([0], keepDim: true) : a.sum()
    case 13: return isMatrix ? a.sum([1], keepDim: true) : a.mean()
    case 14: return isMatrix && a.staticShape?.last == matrix.staticShape?[0] ? a.matmul(matrix) : a.div(4)
    case 15: return isMatrix ? a.t().exp().t() : a.identity()
    case 16: return isMatrix ? a.t().sum([0]).sum() : a * a
    case 17: return a.maximum(b)
    case 18: return a.gt(0).where(a, a * 0.25)
    case 19: return a.sum()
    case 20: return a.reshape(-1).cumsum(0).mean() + a
    default: return a.to(.float64).mul(3).to(a.dtype)
    }
  }

  /// What all fetches give in two runs of a new session, bit for bit, and the variables afterwards.
  func outcome(
    _ passes: Passes, threads: Int = 1, compile: Compilation = .interpreted
  ) throws -> [[UInt64]] {
    let session = Session(graph, passes: passes, threads: threads, compile: compile)
    try session.run(graph.initializer())
    let first = try session.run(fetches, feeding: feeds)
    let prepared = try session.prepare(fetches, feeding: feeds)
    let second = try prepared.run()
    return (first + second + (try session.run(graph.variables))).map(bits)
  }
}

/// SplitMix64: a few lines that give the same numbers everywhere.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
