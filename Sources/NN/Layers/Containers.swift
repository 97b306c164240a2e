/// Layers one after the other: the output of each is the input of the next.
///
///     let model = Sequential(Linear(1, 10), ReLU(), Linear(10, 1))
public final class Sequential: Layer {
  /// The layers in order.
  public let layers: [Layer]

  /// The layers, under the names 0, 1, 2, …
  public convenience init(_ layers: Layer...) { self.init(layers) }

  /// The layers of a list, under the names 0, 1, 2, …
  public convenience init(_ layers: [Layer]) {
    self.init(layers.enumerated().map { ("\($0.offset)", $0.element) })
  }

  /// Layers with names of their own.
  public init(_ named: [(name: String, layer: Layer)]) {
    layers = named.map(\.layer)
    super.init()
    for (name, layer) in named { register(module: name, layer) }
  }

  public override func forward(_ input: Tensor) -> Tensor {
    var value = input
    for layer in layers { value = layer.forward(value) }
    return value
  }

  /// The number of layers.
  public var count: Int { layers.count }
  /// The layer at a position.
  public subscript(position: Int) -> Layer { layers[position] }
}

/// A list of modules, which a module of one's own uses as it likes; registered, so that they are trained and saved.
public final class ModuleList: Module {
  /// The modules in order.
  public private(set) var list: [Module] = []

  /// These modules, in order.
  public init(_ modules: [Module] = []) {
    super.init()
    for module in modules { append(module) }
  }

  /// Adds a module, under its position as name.
  public func append(_ module: Module) {
    register(module: "\(list.count)", module)
    list.append(module)
  }

  /// Neighbours that print alike are shown once, with their number.
  override var childLines: [(label: String, text: String)] {
    var runs: [(first: Int, last: Int, text: String)] = []
    for (index, module) in list.enumerated() {
      let text = module.description
      if let run = runs.last, run.text == text {
        runs[runs.count - 1].last = index
      } else {
        runs.append((index, index, text))
      }
    }
    return runs.map { run in
      run.first == run.last
        ? ("\(run.first)", run.text)
        : ("\(run.first)-\(run.last)", "\(run.last - run.first + 1) x \(run.text)")
    }
  }
}

extension ModuleList: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { list.count }
  /// The module at a position.
  public subscript(position: Int) -> Module { list[position] }
}
