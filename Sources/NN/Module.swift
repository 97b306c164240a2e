@_exported import Autograd

/// A part of a model: it owns parameters (trained), buffers (kept, not trained) and children, each under a name.
///
/// A subclass registers what it owns at the end of its initialiser:
///
///     final class Line: Layer {
///       let weight: Tensor
///       init() {
///         weight = Tensor.zeros([1, 1], requiresGrad: true)
///         super.init()
///         register(parameter: "weight", weight)
///       }
///       override func forward(_ x: Tensor) -> Tensor { x.mm(weight) }
///     }
///
/// Nothing is found by reflection; but a tensor or module that is stored and not registered stops the program with its name at
/// the first use of the lists, since a forgotten parameter would silently not be trained.
open class Module: CustomStringConvertible {
  /// Whether the module is being trained; dropout and batch normalisation look at it.
  public private(set) final var isTraining = true

  private(set) final var ownParameters: [(name: String, tensor: Tensor)] = []
  private(set) final var ownBuffers: [(name: String, tensor: Tensor, isPersistent: Bool)] = []
  private(set) final var ownChildren: [(name: String, module: Module)] = []
  private final var isChecked = false

  /// A module without parts; a subclass registers its own after this.
  public init() {}

  // MARK: Registering

  /// Takes a parameter under a name. nil is passed over: an absent bias has no entry.
  public final func register(parameter name: String, _ tensor: Tensor?) {
    checkName(name)
    if let tensor { ownParameters.append((name, tensor)) }
  }

  /// Takes a buffer under a name: not trained, and part of the state dictionary if it is persistent. nil is passed over.
  public final func register(buffer name: String, _ tensor: Tensor?, persistent: Bool = true) {
    checkName(name)
    if let tensor { ownBuffers.append((name, tensor, persistent)) }
  }

  /// Takes a child under a name.
  public final func register(module name: String, _ module: Module) {
    checkName(name)
    ownChildren.append((name, module))
  }

  private func checkName(_ name: String) {
    let taken = ownParameters.map(\.name) + ownBuffers.map(\.name) + ownChildren.map(\.name)
    if name.isEmpty || name.contains(".") || taken.contains(name) {
      stop(
        .value(
          "\(Swift.type(of: self)): the name '\(name)' is \(taken.contains(name) ? "taken" : "empty or has a dot")"
        ))
    }
    isChecked = false
  }

  /// Stops when something stored was not registered.
  final func checkRegistration() {
    if isChecked { return }
    isChecked = true
    let tensors = Set((ownParameters.map(\.tensor) + ownBuffers.map(\.tensor)).map(ObjectIdentifier.init))
    let modules = Set(ownChildren.map { ObjectIdentifier($0.module) })
    var mirror: Mirror? = Mirror(reflecting: self)
    while let level = mirror, level.subjectType != Module.self {
      for (label, value) in level.children {
        let forgotten =
          switch value {
          case let tensor as Tensor: !tensors.contains(ObjectIdentifier(tensor))
          case let module as Module: !modules.contains(ObjectIdentifier(module))
          case let list as [Module]: list.contains { !modules.contains(ObjectIdentifier($0)) }
          case let list as [Tensor]: list.contains { !tensors.contains(ObjectIdentifier($0)) }
          default: false
          }
        if forgotten {
          stop(
            .value(
              "\(Swift.type(of: self)): '\(label ?? "?")' is stored but not registered, so it would not be trained or saved; call register(parameter:), register(buffer:) or register(module:) in the initialiser"
            ))
        }
      }
      mirror = level.superclassMirror
    }
  }

  // MARK: What the module owns

  /// The direct children, each once, under its first name.
  public final var namedChildren: [(name: String, module: Module)] {
    checkRegistration()
    var seen = Set<ObjectIdentifier>()
    return ownChildren.filter { seen.insert(ObjectIdentifier($0.module)).inserted }
  }

  /// This module and all below it, each once, with dotted names; its own is empty.
  public final var namedModules: [(name: String, module: Module)] {
    var seen = Set<ObjectIdentifier>()
    var result: [(name: String, module: Module)] = []
    func visit(_ prefix: String, _ module: Module) {
      guard seen.insert(ObjectIdentifier(module)).inserted else { return }
      result.append((prefix, module))
      for (name, child) in module.namedChildren { visit(prefix.isEmpty ? name : prefix + "." + name, child) }
    }
    visit("", self)
    return result
  }

  /// This module and all below it, each once, the outer before the inner.
  public final var modules: [Module] { namedModules.map(\.module) }

  /// The direct children, each once.
  public final var children: [Module] { namedChildren.map(\.module) }

  /// All parameters with dotted names; one that is shared is listed once, under its first name.
  public final var namedParameters: [(name: String, tensor: Tensor)] { collected { $0.ownParameters } }

  /// All buffers with dotted names; one that is shared is listed once.
  public final var namedBuffers: [(name: String, tensor: Tensor)] {
    collected { $0.ownBuffers.map { ($0.name, $0.tensor) } }
  }

  /// All parameters, a shared one once: what an optimizer takes.
  public final var parameters: [Tensor] { namedParameters.map(\.tensor) }

  /// All buffers, a shared one once.
  public final var buffers: [Tensor] { namedBuffers.map(\.tensor) }

  private func collected(
    _ list: (Module) -> [(name: String, tensor: Tensor)]
  ) -> [(name: String, tensor: Tensor)] {
    var seen = Set<ObjectIdentifier>()
    var result: [(name: String, tensor: Tensor)] = []
    for (prefix, module) in namedModules {
      for (name, tensor) in list(module) where seen.insert(ObjectIdentifier(tensor)).inserted {
        result.append((prefix.isEmpty ? name : prefix + "." + name, tensor))
      }
    }
    return result
  }

  /// Calls `body` with every module below this one, the inner before the outer, and at last with this one: a way to initialise. Returns
  /// itself.
  @discardableResult public final func apply(_ body: (Module) -> Void) -> Self {
    for (_, child) in namedChildren { child.apply(body) }
    body(self)
    return self
  }

  // MARK: Modes and gradients

  /// Sets this module and all below it to training, or to evaluation. Returns itself.
  @discardableResult public final func train(_ mode: Bool = true) -> Self {
    for (_, module) in namedModules { module.isTraining = mode }
    return self
  }

  /// Sets this module and all below it to evaluation. Returns itself.
  @discardableResult public final func eval() -> Self { train(false) }

  /// Empties the gradients of all parameters: none by default, else filled with zeros.
  public final func zeroGrad(setToNone: Bool = true) {
    for parameter in parameters { parameter.zeroGrad(setToNone: setToNone) }
  }

  /// Asks for gradients of all parameters, or for none. Returns itself.
  @discardableResult public final func requiresGrad_(_ value: Bool = true) -> Self {
    for parameter in parameters { parameter.requiresGrad_(value) }
    return self
  }

  // MARK: Dtypes

  /// Converts the parameters, with their gradients, and the buffers to a floating dtype, buffers of other dtypes excepted. They stay the
  /// same tensors, so an optimizer that was given them goes on with them. Returns itself. Stops for other dtypes.
  @discardableResult public final func to(_ dtype: DType) -> Self {
    checked { () throws(ArrayError) in
      try require(
        dtype.isFloatingPoint,
        .type(
          "\(moduleName).to: only accepts floating point dtypes, but got \(dtype); use .float32 or .float64"))
      for tensor in parameters + buffers where tensor.dtype.isFloatingPoint { try tensor.convert(to: dtype) }
    }
    return self
  }

  /// Converts to float32, as `to(.float32)`.
  @discardableResult public final func float() -> Self { to(.float32) }

  /// Converts to float64, as `to(.float64)`.
  @discardableResult public final func double() -> Self { to(.float64) }

  // MARK: Printing

  /// What stands between the brackets of the printed form: `in_features=1, out_features=1, bias=True`.
  open var extraDescription: String { "" }

  /// The name printed; PyTorch's for the classes it has.
  open var moduleName: String { "\(Swift.type(of: self))" }

  /// The children as they are printed: label and text.
  var childLines: [(label: String, text: String)] { ownChildren.map { ($0.name, $0.module.description) } }

  /// The module as PyTorch prints it, children indented below.
  public final var description: String {
    let lines = childLines
    if lines.isEmpty { return "\(moduleName)(\(extraDescription))" }
    let children = lines.map { label, text in
      "  (\(label)): "
        + text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n  ")
    }
    let head = extraDescription.isEmpty ? [] : ["  " + extraDescription]
    return "\(moduleName)(\n" + (head + children).joined(separator: "\n") + "\n)"
  }
}

extension Bool {
  /// As Python writes it: what printed modules show.
  var python: String { self ? "True" : "False" }
}

/// A module that maps one tensor to one tensor; `layer(x)` calls `forward`.
open class Layer: Module {
  /// The output for an input. Subclasses override it.
  open func forward(_ input: Tensor) -> Tensor {
    stop(.runtime("\(moduleName): forward(_:) is not implemented; override it"))
  }

  /// The output for an input.
  @inlinable public final func callAsFunction(_ input: Tensor) -> Tensor { forward(input) }
}
