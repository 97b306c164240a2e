import Operations

extension Tensor {
  /// Calculates the gradients of this tensor with respect to the leaves it was made from and adds them to their `grad`.
  ///
  /// - `gradient`: the gradient of some scalar with respect to this tensor, of this dtype and shape; may be left out when there is
  ///   one element (then 1).
  /// - `retainGraph`: keeps what the derivative rules read, so that another pass is possible; by default only with `createGraph`.
  /// - `createGraph`: records the calculation of the gradients, so that they can be differentiated in turn.
  /// - `inputs`: accumulates in these tensors only.
  ///
  /// Stops where PyTorch raises: no gradient required, several elements without `gradient`, a second pass over a freed graph, a value
  /// that was changed in place though it is needed. `differentiate` is the throwing form.
  public func backward(
    gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false, inputs: [Tensor]? = nil
  ) {
    checked { () throws(ArrayError) in
      try differentiate(
        gradient: gradient, retainGraph: retainGraph, createGraph: createGraph, inputs: inputs)
    }
  }

  /// The throwing form of `backward`.
  public func differentiate(
    gradient: Tensor? = nil, retainGraph: Bool? = nil, createGraph: Bool = false, inputs: [Tensor]? = nil
  ) throws(ArrayError) {
    var wanted: WantedGradients?
    if let inputs {
      try require(!inputs.isEmpty, .runtime("backward: inputs argument to backward() cannot be empty"))
      wanted = WantedGradients(try Tensor.targets(inputs, "backward"), accumulates: true)
      for input in inputs { try input.retainingGrad() }
    }
    let node = try rootNode("backward", 0)
    var sweep = Sweep(
      retainsGraph: retainGraph ?? createGraph, createsGraph: createGraph, wanted: wanted)
    // A hook may detach this tensor: the root holds the graph until the sweep has ended.
    defer { withExtendedLifetime(node) {} }
    sweep.addRoot(node)
    if createGraph {
      let seed = try checkedSeed(gradient, 0, "backward")
      try enableGrad { () throws(ArrayError) in
        try sweep.arrive(seed, node, Int(outputIndex))
        try sweep.run()
      }
    } else {
      // Handed on without a reference here, so that the first rule may write over it.
      try sweep.arrive(
        gradient == nil ? try implicitSeed("backward") : try checkedSeed(gradient, 0, "backward").array, node,
        Int(outputIndex))
      try sweep.run()
    }
  }

  /// The node to start from.
  fileprivate func rootNode(_ caller: String, _ position: Int) throws(ArrayError) -> Node {
    guard let node = try recordedNode(), !node.isDeadEnd else {
      throw .runtime(
        "\(caller): element \(position) of tensors does not require grad and does not have a grad_fn; ask a leaf for a gradient with requiresGrad_() before the calculation, outside noGrad"
      )
    }
    return node
  }

  /// The gradient to start from: the given one if it has this shape, converted to this dtype; else 1 for a single element.
  fileprivate func checkedSeed(
    _ gradient: Tensor?, _ position: Int, _ caller: String
  ) throws(ArrayError) -> Tensor {
    guard let gradient else { return Tensor(try implicitSeed(caller)) }
    try require(
      gradient.shape == shape,
      .runtime(
        "\(caller): Mismatch in shape: grad_output[\(position)] has a shape of \(gradient.shape) and output[\(position)] has a shape of \(shape)."
      ))
    return gradient.to(dtype)
  }

  /// The gradient of a single element with respect to itself.
  private func implicitSeed(_ caller: String) throws(ArrayError) -> NDArray {
    try require(
      count == 1,
      .runtime(
        "\(caller): grad can be implicitly created only for scalar outputs; this one has shape \(shape): pass a gradient of that shape"
      ))
    return try NDArray(full: shape, 1, dtype)
  }

  fileprivate static func targets(_ inputs: [Tensor], _ caller: String) throws(ArrayError) -> [Edge] {
    var targets: [Edge] = []
    for input in inputs {
      guard let node = try input.recordedNode() else {
        throw .runtime("\(caller): One of the differentiated Tensors does not require grad")
      }
      targets.append(Edge(node: node, index: Int(input.outputIndex)))
    }
    return targets
  }
}

/// The gradients of `outputs` with respect to `inputs`, without touching any `grad`: `torch.autograd.grad`.
///
/// - `gradOutputs`: per output the gradient to start from; nil for outputs of one element.
/// - `allowUnused`: an input on which no output depends gives nil instead of an error.
///
/// `gradients` is the throwing form.
public func grad(
  outputs: [Tensor], inputs: [Tensor], gradOutputs: [Tensor?]? = nil, retainGraph: Bool? = nil,
  createGraph: Bool = false, allowUnused: Bool = false
) -> [Tensor?] {
  checked { () throws(ArrayError) in
    try gradients(
      outputs: outputs, inputs: inputs, gradOutputs: gradOutputs, retainGraph: retainGraph,
      createGraph: createGraph, allowUnused: allowUnused)
  }
}

/// The gradient of one output with respect to one input. Stops when the output does not depend on it.
public func grad(
  _ output: Tensor, _ input: Tensor, gradOutput: Tensor? = nil, retainGraph: Bool? = nil,
  createGraph: Bool = false
) -> Tensor {
  let list = grad(
    outputs: [output], inputs: [input], gradOutputs: gradOutput.map { [$0] }, retainGraph: retainGraph,
    createGraph: createGraph)
  guard let gradient = list[0] else { stop(.runtime("grad: the output does not depend on the input")) }
  return gradient
}

/// The throwing form of `grad`.
public func gradients(
  outputs: [Tensor], inputs: [Tensor], gradOutputs: [Tensor?]? = nil, retainGraph: Bool? = nil,
  createGraph: Bool = false, allowUnused: Bool = false
) throws(ArrayError) -> [Tensor?] {
  try require(!outputs.isEmpty && !inputs.isEmpty, .value("grad: grad requires non-empty inputs and outputs"))
  if let gradOutputs {
    try require(
      gradOutputs.count == outputs.count,
      .runtime("grad: got \(outputs.count) tensors and \(gradOutputs.count) gradients"))
  }
  var roots: [(node: Node, seed: Tensor)] = []
  for (position, output) in outputs.enumerated() {
    let seed = try output.checkedSeed(gradOutputs?[position], position, "grad")
    roots.append((try output.rootNode("grad", position), seed))
  }
  let wanted = WantedGradients(try Tensor.targets(inputs, "grad"), accumulates: false)
  var sweep = Sweep(retainsGraph: retainGraph ?? createGraph, createsGraph: createGraph, wanted: wanted)
  defer { withExtendedLifetime(roots) {} }
  for root in roots { sweep.addRoot(root.node) }
  try gradEnabled(createGraph) { () throws(ArrayError) in
    for (root, output) in zip(roots, outputs) {
      let index = Int(output.outputIndex)
      if createGraph {
        try sweep.arrive(root.seed, root.node, index)
      } else {
        try sweep.arrive(root.seed.array, root.node, index)
      }
    }
    try sweep.run()
  }
  for (position, gradient) in wanted.results.enumerated() where gradient == nil && !allowUnused {
    throw .runtime(
      "grad: The differentiated Tensor at index \(position) appears to not have been used in the graph. Pass allowUnused: true if this is the desired behavior."
    )
  }
  return wanted.results
}
