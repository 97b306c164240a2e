import Operations

// Derivatives of functions of tensors as a whole: PyTorch's `torch.autograd.functional`. The inputs themselves stay as they are: each
// function works on copies that share their elements.

/// A function of several tensors with several results.
public typealias TensorFunction = ([Tensor]) throws(ArrayError) -> [Tensor]

/// The Jacobian of a function: entry [i…, j…] is the derivative of result element i… with respect to input element j….
///
/// Shapes: input [*n], result [*m] → [*m, *n]. Costs one backward pass per element of the result. `createGraph`: it can be differentiated
/// with respect to `input`; `strict`: a result that does not depend on the input is an error instead of zeros.
public func jacobian(
  _ function: (Tensor) throws(ArrayError) -> Tensor, _ input: Tensor, createGraph: Bool = false,
  strict: Bool = false
) throws(ArrayError) -> Tensor {
  let list: TensorFunction = { inputs throws(ArrayError) in [try function(inputs[0])] }
  return try jacobian(list, [input], createGraph: createGraph, strict: strict)[0][0]
}

/// The Jacobians of every result with respect to every input: `jacobian(f, inputs)[result][input]`.
public func jacobian(
  _ function: TensorFunction, _ inputs: [Tensor], createGraph: Bool = false, strict: Bool = false
) throws(ArrayError) -> [[Tensor]] {
  try enableGrad { () throws(ArrayError) in
    let inputs = try Differentiation.prepared(inputs, createGraph)
    let outputs = try Differentiation.results(function, inputs, "jacobian", strict)
    var jacobians: [[Tensor]] = []
    for (position, output) in outputs.enumerated() {
      var rows: [[Tensor]] = inputs.map { _ in [] }
      let flat = try Tensor.apply(Reshape([output.count]), output)
      for index in 0..<output.count {
        let row = try Differentiation.gradients(
          [try Tensor.apply(Select(0, index), flat)], inputs, nil, createGraph: createGraph,
          strict ? "jacobian: output \(position)" : nil)
        for (input, gradient) in row.enumerated() { rows[input].append(gradient) }
      }
      jacobians.append(
        try zip(inputs, rows).map { input, rows throws(ArrayError) in
          try Differentiation.stacked(rows, output.shape, input)
        })
    }
    return jacobians
  }
}

/// The Hessian of a function with one result element: entry [i…, j…] is its second derivative with respect to elements i… and j….
///
/// Shapes: input [*n] → [*n, *n].
public func hessian(
  _ function: (Tensor) throws(ArrayError) -> Tensor, _ input: Tensor, createGraph: Bool = false,
  strict: Bool = false
) throws(ArrayError) -> Tensor {
  let list: ([Tensor]) throws(ArrayError) -> Tensor = { inputs throws(ArrayError) in try function(inputs[0]) }
  return try hessian(list, [input], createGraph: createGraph, strict: strict)[0][0]
}

/// The blocks of the Hessian of a function of several inputs: `hessian(f, inputs)[i][j]` of shape [*nᵢ, *nⱼ].
public func hessian(
  _ function: ([Tensor]) throws(ArrayError) -> Tensor, _ inputs: [Tensor], createGraph: Bool = false,
  strict: Bool = false
) throws(ArrayError) -> [[Tensor]] {
  let slope: TensorFunction = { inputs throws(ArrayError) in
    let value = try Differentiation.single(try function(inputs), "hessian")
    return try Differentiation.gradients(
      [value], inputs, nil, createGraph: true, strict ? "hessian: the function" : nil)
  }
  return try jacobian(slope, inputs, createGraph: createGraph, strict: strict)
}

/// A function's results together with a product of its derivative and a vector.
public struct DerivativeProduct: Sendable {
  /// The results of the function.
  public let outputs: [Tensor]
  /// The product: for `vjp`, `vhp` and `hvp` one tensor per input, for `jvp` one per result.
  public let product: [Tensor]
}

/// The product vᵀJ of a vector and a function's Jacobian: one backward pass.
///
/// `v`: per result a tensor of its shape; may be left out for a function with one result element (then 1).
public func vjp(
  _ function: TensorFunction, _ inputs: [Tensor], v: [Tensor]? = nil, createGraph: Bool = false,
  strict: Bool = false
) throws(ArrayError) -> DerivativeProduct {
  try enableGrad { () throws(ArrayError) in
    let inputs = try Differentiation.prepared(inputs, createGraph)
    let outputs = try Differentiation.results(function, inputs, "vjp", strict)
    let v = try Differentiation.vectors(v, outputs, "vjp", "results")
    let product = try Differentiation.gradients(
      outputs, inputs, v, createGraph: createGraph, strict ? "vjp: the function" : nil)
    return DerivativeProduct(outputs: createGraph ? outputs : outputs.map { $0.detach() }, product: product)
  }
}

/// The product Jv of a function's Jacobian and a vector: how the results change when the inputs move along `v`.
///
/// Calculated by differentiating u ↦ uᵀJ, which is linear in u, along v: two backward passes. `v`: per input a tensor of its shape; may be
/// left out for one input with one element (then 1).
public func jvp(
  _ function: TensorFunction, _ inputs: [Tensor], v: [Tensor]? = nil, createGraph: Bool = false,
  strict: Bool = false
) throws(ArrayError) -> DerivativeProduct {
  try enableGrad { () throws(ArrayError) in
    let inputs = try Differentiation.prepared(inputs, createGraph)
    let v = try Differentiation.vectors(v, inputs, "jvp", "inputs")
    let outputs = try Differentiation.results(function, inputs, "jvp", strict)
    let u = try outputs.map { output throws(ArrayError) in
      Tensor(try NDArray(full: output.shape, 0, output.dtype), requiresGrad: true)
    }
    let slope = try Differentiation.gradients(
      outputs, inputs, u, createGraph: true, strict ? "jvp: the function" : nil)
    let product = try Differentiation.gradients(slope, u, v, createGraph: createGraph, nil)
    return DerivativeProduct(outputs: createGraph ? outputs : outputs.map { $0.detach() }, product: product)
  }
}

/// The product vᵀH of a vector and the Hessian of a function with one result element.
public func vhp(
  _ function: ([Tensor]) throws(ArrayError) -> Tensor, _ inputs: [Tensor], v: [Tensor]? = nil,
  createGraph: Bool = false, strict: Bool = false
) throws(ArrayError) -> DerivativeProduct {
  try enableGrad { () throws(ArrayError) in
    let inputs = try Differentiation.prepared(inputs, createGraph)
    let v = try Differentiation.vectors(v, inputs, "vhp", "inputs")
    let value = try Differentiation.single(try function(inputs), "vhp")
    let slope = try Differentiation.gradients(
      [value], inputs, nil, createGraph: true, strict ? "vhp: the function" : nil)
    let product = try Differentiation.gradients(
      slope, inputs, v, createGraph: createGraph, strict ? "vhp: the gradient" : nil)
    return DerivativeProduct(outputs: [createGraph ? value : value.detach()], product: product)
  }
}

/// The product Hv of the Hessian of a function with one result element and a vector. H being symmetric, it is that of `vhp`.
public func hvp(
  _ function: ([Tensor]) throws(ArrayError) -> Tensor, _ inputs: [Tensor], v: [Tensor]? = nil,
  createGraph: Bool = false, strict: Bool = false
) throws(ArrayError) -> DerivativeProduct {
  try vhp(function, inputs, v: v, createGraph: createGraph, strict: strict)
}

// MARK: What they share

/// The steps that the functions above are made of.
enum Differentiation {
  /// The inputs to differentiate by: leaves of a graph of its own, or with `createGraph` views through which the caller's graph goes on.
  static func prepared(_ inputs: [Tensor], _ createGraph: Bool) throws(ArrayError) -> [Tensor] {
    try inputs.map { input throws(ArrayError) in
      if createGraph && input.requiresGrad { return try Tensor.apply(Alias(), input) }
      let leaf = input.detach()
      try leaf.setRequiresGrad(true)
      return leaf
    }
  }

  static func results(
    _ function: TensorFunction, _ inputs: [Tensor], _ name: String, _ strict: Bool
  ) throws(ArrayError) -> [Tensor] {
    let outputs = try function(inputs)
    for (position, output) in outputs.enumerated() where strict && !output.requiresGrad {
      throw .runtime(
        "\(name): Output \(position) of the function does not require gradients; with strict it must depend on the inputs"
      )
    }
    return outputs
  }

  static func single(_ value: Tensor, _ name: String) throws(ArrayError) -> Tensor {
    try require(
      value.count == 1,
      .runtime("\(name): the function must return one element, but it returned shape \(value.shape)"))
    return try Tensor.apply(Reshape([]), value)
  }

  /// The vectors to multiply with, checked against what they must look like.
  static func vectors(
    _ given: [Tensor]?, _ models: [Tensor], _ name: String, _ what: String
  ) throws(ArrayError) -> [Tensor] {
    guard let given else {
      try require(
        models.count == 1 && models[0].count == 1,
        .runtime("\(name): v can only be left out when there is one of the \(what), with a single element"))
      return [Tensor(try NDArray(full: models[0].shape, 1, models[0].dtype))]
    }
    try require(
      given.count == models.count,
      .runtime("\(name): v has \(given.count) tensors for \(models.count) \(what)"))
    for (position, (vector, model)) in zip(given, models).enumerated() where vector.shape != model.shape {
      throw .runtime(
        "\(name): v[\(position)] has shape \(vector.shape), but must have that of the \(what), \(model.shape)"
      )
    }
    return given
  }

  /// The gradients, zeros where there is none; `strict` names who must depend on every input.
  static func gradients(
    _ outputs: [Tensor], _ inputs: [Tensor], _ v: [Tensor]?, createGraph: Bool, _ strict: String?
  ) throws(ArrayError) -> [Tensor] {
    let recorded = outputs.indices.filter { outputs[$0].requiresGrad }
    var list = [Tensor?](repeating: nil, count: inputs.count)
    if !recorded.isEmpty {
      list = try Autograd.gradients(
        outputs: recorded.map { outputs[$0] }, inputs: inputs,
        gradOutputs: v.map { v in recorded.map { v[$0] } },
        retainGraph: true, createGraph: createGraph, allowUnused: true)
    }
    return try zip(inputs, list).enumerated().map { position, pair throws(ArrayError) in
      if let gradient = pair.1 { return gradient }
      if let strict {
        throw .runtime("\(strict) is independent of input \(position); this is not allowed when strict")
      }
      return Tensor(try NDArray(full: pair.0.shape, 0, pair.0.dtype))
    }
  }

  /// Rows as one tensor of the result's and the input's dimensions.
  static func stacked(_ rows: [Tensor], _ shape: Shape, _ input: Tensor) throws(ArrayError) -> Tensor {
    try require(
      shape.rank + input.rank <= Shape.maximumRank,
      .runtime(
        "jacobian: a result of shape \(shape) by an input of shape \(input.shape) has more than \(Shape.maximumRank) dimensions"
      ))
    let target = Shape(Array(shape) + Array(input.shape))
    if rows.isEmpty { return Tensor(try NDArray(full: target, 0, input.dtype)) }
    return try Tensor.apply(Reshape(target), Tensor.stack(rows))
  }
}
