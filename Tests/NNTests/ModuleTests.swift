import NN
import Optim
import Testing

/// A module of one's own: a parameter, a buffer, children, one of them used twice.
private final class Twice: Layer {
  let scale = Tensor.ones([1], requiresGrad: true)
  let seen = Tensor.zeros([], dtype: .int64)
  let inner: Linear
  let again: Linear

  override init() {
    inner = Linear(1, 1)
    again = inner
    super.init()
    register(parameter: "scale", scale)
    register(buffer: "seen", seen)
    register(module: "inner", inner)
    register(module: "again", again)
  }
  override func forward(_ input: Tensor) -> Tensor { again(inner(input)) * scale }
}

private final class Forgetful: Layer {
  let weight = Tensor.ones([1], requiresGrad: true)
}

/// Stores lists of tensors and modules that nobody registered.
private final class ForgetfulLists: Layer {
  let weights: [Tensor]
  let layers: [Module]
  init(_ weights: [Tensor], _ layers: [Module]) { (self.weights, self.layers) = (weights, layers) }
}

/// Two layers with one weight, and a line of its own in the printed form.
private final class Tied: Module {
  let first = Linear(2, 2)
  let second = Linear(2, 2, bias: false)
  override init() {
    super.init()
    register(module: "first", first)
    register(module: "second", second)
    register(parameter: "weight", first.weight)
  }
  override var extraDescription: String { "tied=True" }
}

@Suite struct ModuleTests {
  @Test func `parameters, buffers and children are found by dotted name, shared ones once`() {
    let model = Sequential(Twice(), ReLU())
    #expect(model.namedParameters.map(\.name) == ["0.scale", "0.inner.weight", "0.inner.bias"])
    #expect(model.namedBuffers.map(\.name) == ["0.seen"])
    #expect(model.namedModules.map(\.name) == ["", "0", "0.inner", "1"])
    #expect(model.namedChildren.map(\.name) == ["0", "1"])
    #expect(model.children.count == 2 && model.modules.count == 4)
  }

  @Test func `a tied weight is trained once`() {
    let first = Linear(2, 2, bias: false)
    let model = ModuleList([first, first, Linear(2, 2, bias: false)])
    #expect(model.parameters.count == 2)
    #expect(model.stateDictionary.names == ["0.weight", "1.weight", "2.weight"])
    let tied = Tied()
    #expect(tied.namedParameters.map(\.name) == ["weight", "first.bias", "second.weight"])
    #expect(
      tied.stateDictionary.names == ["weight", "first.weight", "first.bias", "second.weight"])
  }

  @Test func `the mode reaches all modules below`() {
    let model = Sequential(Linear(1, 1), Sequential(Dropout()))
    #expect(model.isTraining)
    #expect(model.eval() === model)
    #expect(model.modules.allSatisfy { !$0.isTraining })
    model.train()
    #expect(model.modules.allSatisfy { $0.isTraining })
  }

  @Test func `gradients are emptied: none, or zeros in place`() {
    let model = Linear(1, 1)
    model(Tensor.ones([1, 1])).sum().backward()
    let gradient = model.weight.grad
    model.zeroGrad(setToNone: false)
    #expect(model.weight.grad === gradient)
    #expect(values(gradient) == [0])
    model.zeroGrad()
    #expect(model.weight.grad == nil && model.bias?.grad == nil)
  }

  @Test func `requiresGrad_ freezes and thaws`() {
    let model = Sequential(Linear(1, 1))
    model.requiresGrad_(false)
    #expect(!model(Tensor.ones([1, 1])).requiresGrad)
    model.requiresGrad_()
    #expect(model(Tensor.ones([1, 1])).requiresGrad)
  }

  @Test func `a child that is registered twice is one child, under its first name, and printed twice`() {
    let relu = ReLU()
    let model = Sequential(relu, Linear(1, 1), relu)
    #expect(model.namedChildren.map(\.name) == ["0", "1"])
    #expect(model.children.count == 2)
    var visited: [String] = []
    model.apply { visited.append($0.moduleName) }
    #expect(visited == ["ReLU", "Linear", "Sequential"])
    #expect("\(model)".contains("(2): ReLU()"))
  }

  @Test func `apply visits the inner before the outer`() {
    let model = Sequential(Linear(1, 2), Sequential(ReLU(), Linear(2, 1)))
    var visited: [String] = []
    model.apply { visited.append("\($0.namedChildren.count)") }
    #expect(visited == ["0", "0", "0", "2", "2"])
    model.apply { if let linear = $0 as? Linear { Initializer.constant_(linear.weight, 7) } }
    #expect(model.parameters.filter { $0.rank == 2 }.allSatisfy { values($0).allSatisfy { $0 == 7 } })
  }

  @Test func `keep their plain names beside the optimizers'`() {
    let layers: [Layer] = [Linear(2, 2), Tanh(), Softmax(dim: 1), Flatten(), Dropout(0.5), LayerNorm([2])]
    let (activation, loss) = (Sigmoid(), MSELoss())
    let optimizer = SGD(Sequential(layers).parameters, lr: 0.1)
    #expect("\(activation) \(loss) \(layers[1])" == "Sigmoid() MSELoss() Tanh()")
    #expect(optimizer.groups[0].count == 4)
  }

  @Test func `are converted where they are, with their gradients, and go on being trained`() throws {
    manualSeed(0)
    let model = Sequential(Linear(2, 3), BatchNorm1d(3))
    let (weights, old) = (model.parameters, model.parameters.map { $0.toArray(of: Float.self) })
    let optimizer = SGD(weights, lr: 0.5)
    let x = tensor([[1, 2], [3, -4], [0.5, 1]], dtype: .float32)
    model(x).sum().backward()
    let slopes = weights.map { $0.grad?.toArray(of: Float.self).map(Double.init) }
    // A hook goes on, too.
    weights[0].registerHook { $0.mul(0) }

    #expect(model.double() === model)
    #expect(zip(model.parameters, weights).allSatisfy { $0 === $1 })
    #expect(weights.map { $0.toArray(of: Double.self) } == old.map { $0.map(Double.init) })
    #expect(weights.map { $0.grad?.toArray(of: Double.self) } == slopes)
    #expect(weights.allSatisfy { $0.dtype == .float64 && $0.isLeaf && $0.requiresGrad })
    #expect(model.buffers.map(\.dtype) == [.float64, .float64, .int64])

    optimizer.zeroGrad()
    model(x.to(.float64)).square().sum().backward()
    #expect(weights.allSatisfy { $0.grad?.dtype == .float64 })
    #expect(weights[0].grad?.toArray(of: Double.self).allSatisfy { $0 == 0 } == true)
    let before = weights[3].toArray(of: Double.self)
    optimizer.step()
    #expect(weights[3].toArray(of: Double.self) != before)
    model.float()
    #expect(weights.allSatisfy { $0.dtype == .float32 && $0.grad?.dtype == .float32 })
  }

  @Test func `a graph that reads parameters from before they were converted is refused`() {
    let model = Twice()
    let y = model(Tensor.ones([1, 1], requiresGrad: true)).sum()
    model.double()
    #expect(throws: ArrayError.self) { try y.differentiate() }
  }

  @Test func `are not converted to integers`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Linear(1, 1).to(.int64)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("Linear.to: only accepts floating point dtypes, but got int64"))
  }

  @Test func `what is stored and not registered stops, with its name`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Forgetful().parameters
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("'weight' is stored but not registered"))
    await #expect(processExitsWith: .failure) { _ = ForgetfulLists([Tensor.ones([1])], []).parameters }
    await #expect(processExitsWith: .failure) { _ = ForgetfulLists([], [ReLU()]).parameters }
    #expect(ForgetfulLists([], []).parameters.isEmpty)
  }

  @Test func `a name is taken once`() async {
    await #expect(processExitsWith: .failure) {
      let model = ModuleList()
      model.register(parameter: "weight", Tensor.ones([1]))
      model.register(buffer: "weight", Tensor.ones([1]))
    }
  }
}

/// Expected texts: `print` of the same modules in PyTorch 2.15.0.
@Suite struct PrintingTests {
  private let cases: [(Module, String)] = [
    (Linear(1, 1), "Linear(in_features=1, out_features=1, bias=True)"),
    (Linear(3, 2, bias: false), "Linear(in_features=3, out_features=2, bias=False)"),
    (Bilinear(2, 3, 4), "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)"),
    (Identity(), "Identity()"), (Flatten(), "Flatten(start_dim=1, end_dim=-1)"),
    (Embedding(10, 3), "Embedding(10, 3)"),
    (Embedding(10, 3, paddingIndex: 0), "Embedding(10, 3, padding_idx=0)"),
    (Embedding(5, 3, paddingIndex: 0, maxNorm: 1.5), "Embedding(5, 3, padding_idx=0, max_norm=1.5)"),
    (
      Embedding(5, 3, maxNorm: 1, normType: 3, scaleGradByFreq: true),
      "Embedding(5, 3, max_norm=1.0, norm_type=3.0, scale_grad_by_freq=True)"
    ),
    (Dropout(), "Dropout(p=0.5, inplace=False)"),
    (Dropout(0.1, inPlace: true), "Dropout(p=0.1, inplace=True)"),
    (
      BatchNorm1d(4),
      "BatchNorm1d(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)"
    ),
    (LayerNorm(4), "LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)"),
    (
      LayerNorm([2, 3], elementwiseAffine: false),
      "LayerNorm((2, 3), eps=1e-05, elementwise_affine=False, bias=False)"
    ),
    (ReLU(), "ReLU()"), (ReLU(inPlace: true), "ReLU(inplace=True)"), (Tanh(), "Tanh()"),
    (GELU(), "GELU(approximate='none')"), (Softmax(dim: 1), "Softmax(dim=1)"),
    (LeakyReLU(0.2, inPlace: true), "LeakyReLU(negative_slope=0.2, inplace=True)"),
    (ELU(), "ELU(alpha=1.0)"), (Softplus(), "Softplus(beta=1.0, threshold=20.0)"),
    (Hardtanh(), "Hardtanh(min_val=-1.0, max_val=1.0)"), (MSELoss(), "MSELoss()"),
    (CrossEntropyLoss(weight: Tensor.ones([3])), "CrossEntropyLoss()"), (ModuleList(), "ModuleList()"),
    (Sequential(), "Sequential()"),
  ]

  @Test func `each module reads as in PyTorch`() {
    for (module, text) in cases { #expect("\(module)" == text) }
  }

  @Test func `children are indented below`() {
    let model = Sequential(Linear(1, 2), Sequential(ReLU(), Linear(2, 2)), Linear(2, 1))
    #expect(
      "\(model)" == """
        Sequential(
          (0): Linear(in_features=1, out_features=2, bias=True)
          (1): Sequential(
            (0): ReLU()
            (1): Linear(in_features=2, out_features=2, bias=True)
          )
          (2): Linear(in_features=2, out_features=1, bias=True)
        )
        """)
  }

  @Test func `a module's own line comes before its children`() {
    #expect(
      "\(Tied())" == """
        Tied(
          tied=True
          (first): Linear(in_features=2, out_features=2, bias=True)
          (second): Linear(in_features=2, out_features=2, bias=False)
        )
        """)
  }

  @Test func `a list shows neighbours that are alike once`() {
    let list = ModuleList([Linear(10, 10), Linear(10, 10), ReLU(), Linear(2, 1)])
    #expect(
      "\(list)" == """
        ModuleList(
          (0-1): 2 x Linear(in_features=10, out_features=10, bias=True)
          (2): ReLU()
          (3): Linear(in_features=2, out_features=1, bias=True)
        )
        """)
    let nested = ModuleList([Sequential(Linear(1, 1)), Sequential(Linear(1, 1))])
    #expect(
      "\(nested)" == """
        ModuleList(
          (0-1): 2 x Sequential(
            (0): Linear(in_features=1, out_features=1, bias=True)
          )
        )
        """)
  }
}
