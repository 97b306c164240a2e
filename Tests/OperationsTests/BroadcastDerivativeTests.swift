import Autograd
import StaticGraph
import Testing

/// Where operands are broadcast, or a loss is not the last, a graph takes apart and sums derivatives of derivatives in the order of the tape: the bits are the same.
@Suite struct `Derivatives of broadcast operands and of losses` {
  private func numbers(_ shape: Shape, _ start: Int) -> NDArray {
    let values = (0..<shape.elementCount).map { index in
      0.3 + 1.7 * (Double(start + index) * 0.618033988749895).truncatingRemainder(dividingBy: 1)
    }
    return NDArray(values, shape: shape)
  }

  private func bits(_ x: NDArray?) -> [UInt64] {
    x.map { $0.shape.map { UInt64($0) } + $0.toArray(of: Double.self).map(\.bitPattern) } ?? []
  }

  @Test(arguments: [
    "add", "sub", "mul", "div", "pow", "atan2", "hypot", "maximum", "lerp", "addcmul", "addcdiv", "dist",
    "nn.functional.mse_loss", "where",
  ])
  func `have the same bits in a graph, first and second`(name: String) throws {
    for (one, other): (Shape, Shape) in [
      ([7, 3], [3]), ([7, 3], [7, 1]), ([3], [7, 3]), ([7, 1], [1, 3]),
    ] {
      var inputs = [numbers(one, 1), numbers(other, 40)]
      if ["lerp", "addcmul", "addcdiv"].contains(name) { inputs.append(numbers([7, 1], 80)) }
      if name == "where" { inputs.insert(NDArray([true, false, true]), at: 0) }
      try compare(name, inputs)
    }
  }

  @Test(arguments: [
    "nn.functional.l1_loss", "nn.functional.smooth_l1_loss", "nn.functional.huber_loss",
    "nn.functional.mse_loss", "nn.functional.binary_cross_entropy",
  ])
  func `have the same bits where a loss is not the last`(name: String) throws {
    try compare(name, [numbers([37, 5], 1), numbers([37, 5], 40)].map { $0.mul(0.5) }, isSquared: true)
  }

  // As PyTorch has it.
  @Test(arguments: [
    "nn.functional.l1_loss", "nn.functional.smooth_l1_loss", "nn.functional.huber_loss",
    "nn.functional.mse_loss", "nn.functional.binary_cross_entropy",
  ])
  func `are 0 by what comes in, where a mean loss has nothing to go over`(name: String) throws {
    let (nothing, seed) = (NDArray([Double](), shape: [0]), try NDArray(scalar: .float(0.7), .float64))
    let (x, g) = (Tensor(nothing, requiresGrad: true), Tensor(seed, requiresGrad: true))
    let loss = try OperationTable.call(name, [x, Tensor(nothing)], [:]) { Tensor($0) }[0]
    let slope = try gradients(outputs: [loss], inputs: [x], gradOutputs: [g], createGraph: true)[0]
    let curve = try gradients(
      outputs: [try #require(slope)], inputs: [g], gradOutputs: [Tensor(nothing)])[0]
    #expect(curve?.item(as: Double.self) == 0)

    let graph = Graph()
    let (input, given) = (graph.placeholder(.float64, shape: [0]), graph.placeholder(.float64, shape: []))
    let operands = [input, graph.constant(nothing)]
    let output = try OperationTable.call(name, operands, [:]) { graph.constant($0) }[0]
    let slopes = graph.gradients(of: [output], withRespectTo: [input], seeds: [given])
    let curves = graph.gradients(of: slopes, withRespectTo: [given], seeds: [graph.constant(nothing)])
    let value = try Session(graph).run(curves[0], feeding: [input: nothing, given: seed])
    #expect(value.item(as: Double.self) == 0)
  }

  /// Compares the first and second derivatives of an operation's result, or of its square, with those of a graph.
  private func compare(_ name: String, _ inputs: [NDArray], isSquared: Bool = false) throws {
    let leaves = inputs.map { Tensor($0, requiresGrad: $0.dtype.isFloatingPoint) }
    let sources = leaves.filter(\.requiresGrad)
    var output = try OperationTable.call(name, leaves, [:]) { Tensor($0) }[0]
    if isSquared { output = output.square() }
    let seed = numbers(output.shape, 120)
    let first = try gradients(
      outputs: [output], inputs: sources, gradOutputs: [Tensor(seed)], createGraph: true)
    let recorded = first.compactMap(\.self).filter(\.requiresGrad)
    let seeds = recorded.map { numbers($0.shape, 160) }
    let second =
      recorded.isEmpty
      ? []
      : try gradients(
        outputs: recorded, inputs: sources, gradOutputs: seeds.map { Tensor($0) }, allowUnused: true)

    for isKnown in [true, false] {
      let graph = Graph()
      var feeds = Feeds()
      let symbols = inputs.map { input in
        let symbol = graph.placeholder(input.dtype, shape: input.shape.map { isKnown ? $0 : nil })
        feeds[symbol] = input
        return symbol
      }
      let xs = symbols.filter(\.dtype.isFloatingPoint)
      var y = try OperationTable.call(name, symbols, [:]) { graph.constant($0) }[0]
      if isSquared { y = y.square() }
      let slopes = graph.gradients(of: [y], withRespectTo: xs, seeds: [graph.constant(seed)])
      let session = Session(graph)
      #expect(try session.run(slopes, feeding: feeds).map(bits) == first.map { bits($0?.array) })
      if recorded.isEmpty { continue }
      let chosen = zip(slopes, first).filter { $1?.requiresGrad == true }.map(\.0)
      let curves = graph.gradientsWhereConnected(
        of: chosen, withRespectTo: xs, seeds: seeds.map { graph.constant($0) })
      let values = try session.run(curves.compactMap(\.self), feeding: feeds)
      #expect(
        values.map(bits) == zip(curves, second).filter { $0.0 != nil }.map { bits($0.1?.array) },
        "\(inputs.map(\.shape)), known: \(isKnown)")
    }
  }
}
