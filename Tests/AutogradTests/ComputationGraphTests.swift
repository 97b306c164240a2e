import Autograd
import GraphDrawing
import Testing

/// `MulBackward0(w, -)`: the graph from a variable down, `-` for what requires no gradient, `:1` for a second result.
private func structure(_ graph: ComputationGraph, _ position: Int) -> String {
  let variable = graph.variables[position]
  guard variable.requiresGrad else { return "-" }
  guard let operation = variable.operation.map({ graph.operations[$0] }) else { return "AccumulateGrad" }
  let inputs = operation.inputs.map { structure(graph, $0) }.joined(separator: ", ")
  return "\(operation.gradFn)(\(inputs))" + (variable.output > 0 ? ":\(variable.output)" : "")
}

private func structure(_ tensor: Tensor) -> String {
  let graph = ComputationGraph(of: tensor)
  return structure(graph, graph.roots[0])
}

@Suite struct `The recorded graph` {
  /// The chapter's z = wx + b.
  private struct Line {
    let x = tensor([2.0], dtype: .float64)
    let w = leaf([3])
    let b = leaf([4])
    let y: Tensor
    let z: Tensor
    init() {
      y = w * x
      z = y + b
    }
    var names: KeyValuePairs<String, Tensor> { ["x": x, "w": w, "b": b, "y": y, "z": z] }
  }

  // Expected: PyTorch 2.15, walking `grad_fn.next_functions`. An operation with a number (`* 0.5`) has that number as a parameter here,
  // where PyTorch has an argument without a node.
  @Test func `has PyTorch's nodes and edges`() {
    let (w, b, x) = (leaf([3]), leaf([4]), tensor([2.0], dtype: .float64))
    #expect(structure(w * x + b) == "AddBackward0(MulBackward0(AccumulateGrad, -), AccumulateGrad)")
    #expect(structure((w * w).sum()) == "SumBackward0(MulBackward0(AccumulateGrad, AccumulateGrad))")
    let y = w * x
    let product = "MulBackward0(AccumulateGrad, -)"
    #expect(structure(y * y + y) == "AddBackward0(MulBackward0(\(product), \(product)), \(product))")
    #expect(
      structure(((w * x + b - x).pow(2) * 0.5).sum())
        == "SumBackward0(MulBackward0(PowBackward0(SubBackward0(AddBackward0(\(product), AccumulateGrad), -))))"
    )
    #expect(
      structure((w.exp() + b.log()).mean())
        == "MeanBackward0(AddBackward0(ExpBackward0(AccumulateGrad), LogBackward0(AccumulateGrad)))")
    #expect(structure(-w / b) == "DivBackward0(NegBackward0(AccumulateGrad), AccumulateGrad)")
    let m = leaf([1, 2, 3, 4], [2, 2])
    #expect(
      structure(m.t().mm(m).sigmoid().sum())
        == "SumBackward0(SigmoidBackward0(MmBackward0(TBackward0(AccumulateGrad), AccumulateGrad)))")
    #expect(structure(Tensor.cat([w, x, b])) == "CatBackward0(AccumulateGrad, -, AccumulateGrad)")
  }

  @Test func `an operation with several results is one node, and edges say which result`() {
    let singular = leaf([1, 2, 3, 4], [2, 2]).svd().s
    let graph = ComputationGraph(of: singular * singular)
    #expect(graph.operations.map(\.name) == ["linalg.svd", "mul"])
    #expect(graph.operations[1].inputs.map { graph.variables[$0].output } == [1, 1])
  }

  @Test func `tells leaves, constants, inner variables and the root apart`() throws {
    let line = Line()
    let graph = ComputationGraph(of: line.z, naming: line.names)
    let roles = Dictionary(uniqueKeysWithValues: graph.variables.map { ($0.label, $0.role) })
    #expect(roles == ["x": .constant, "w": .leaf, "b": .leaf, "y": .inner, "z": .root])
    #expect(graph.operations.map(\.name) == ["mul", "add"])
    #expect(graph.operations[0].inputs.map { graph.variables[$0].label } == ["w", "x"])
    #expect(graph.operations[1].inputs.map { graph.variables[$0].label } == ["y", "b"])
    #expect(graph.operations[0].sequenceNumber < graph.operations[1].sequenceNumber)
    let w = try #require(graph.variable(named: "w"))
    #expect(w.dtype == .float64 && w.shape == [1] && w.isLeaf && w.requiresGrad)
  }

  @Test func `names are the user's; what has none gets a label that no name has`() {
    let line = Line()
    let graph = ComputationGraph(of: line.z, naming: ["v1": line.w])
    #expect(graph.variables.map(\.label).sorted() == ["c1", "p1", "v1", "v2", "v3"])
    #expect(graph.variables.first { $0.label == "v1" }?.role == .leaf)
    #expect(graph.variables.count { $0.name != nil } == 1)
  }

  @Test func `shows a value where the recording kept one or the tensor was named`() {
    let line = Line()
    let anonymous = ComputationGraph(of: line.z)
    // mul keeps x for w's gradient; add keeps nothing; leaves and the root are there themselves.
    #expect(
      anonymous.variables.map { "\($0.label) \($0.value ?? "?")" } == [
        "p1 [3.]", "c1 [2.]", "v1 ?", "p2 [4.]", "v2 [10.]",
      ])
    let named = ComputationGraph(of: line.z, naming: line.names)
    #expect(named.variable(named: "y")?.value == "[6.]")
  }

  @Test func `a value is that of the moment when the graph was taken`() {
    let line = Line()
    let graph = ComputationGraph(of: line.z, naming: line.names)
    noGrad { line.b.add_(1) }
    #expect(graph.variable(named: "b")?.value == "[4.]")
    #expect(ComputationGraph(of: line.z, naming: line.names).variable(named: "b")?.value == "[5.]")
  }

  @Test func `a gradient that was not computed is not zero`() {
    let line = Line()
    func gradients() -> [String: String] {
      let graph = ComputationGraph(of: line.z, naming: line.names)
      return Dictionary(
        uniqueKeysWithValues: graph.variables.compactMap { v in v.gradient.map { (v.label, $0.value) } })
    }
    #expect(gradients() == [:])
    line.z.backward()
    #expect(gradients() == ["w": "[2.]", "b": "[1.]"])
    line.w.zeroGrad(setToNone: false)
    line.b.zeroGrad()
    #expect(gradients() == ["w": "[0.]"])
  }

  @Test func `a retained gradient is shown, also of a tensor without a name`() {
    let line = Line()
    line.y.retainGrad()
    line.z.backward()
    let graph = ComputationGraph(of: line.z)
    let y = graph.variables.first { $0.role == .inner }
    #expect(y?.gradient?.value == "[1.]" && y?.value == "[6.]")
  }

  @Test func `a pass frees what the derivative rules read, and the graph says so`() {
    let line = Line()
    #expect(ComputationGraph(of: line.z).operations.allSatisfy { !$0.isFreed })
    line.z.backward()
    let graph = ComputationGraph(of: line.z, naming: ["w": line.w])
    #expect(graph.operations.map(\.isFreed) == [true, false], "add kept nothing that could be freed")
    #expect(graph.variables.first { $0.role == .constant }?.value == nil)
  }

  @Test func `a constant that is read twice is one variable, a view of it another`() {
    let (w, x) = (leaf([1, 2], [2]), tensor([5.0, 6.0], dtype: .float64))
    let twice = ComputationGraph(of: ((w * x) * x).sum(), naming: ["x": x])
    #expect(twice.variables.count { $0.role == .constant } == 1)
    let viewed = ComputationGraph(of: (w * x.view([2, 1]).t()).sum(), naming: ["x": x])
    #expect(viewed.variables.first { $0.role == .constant }?.label == "view of x")
  }

  @Test func `a leaf alone, and a tensor without history, are graphs of one variable`() {
    for root in [leaf([1]), tensor([1.0])] {
      let graph = ComputationGraph(of: root, naming: ["a": root])
      #expect(graph.operations.isEmpty && graph.variables.count == 1 && graph.roots == [0])
      #expect(graph.variables[0].role == .root && graph.variables[0].label == "a")
    }
  }

  @Test func `several roots share what they have in common`() {
    let w = leaf([2])
    let y = w.exp()
    let graph = ComputationGraph(of: [y.sum(), y.mean()])
    #expect(graph.operations.map(\.name) == ["exp", "sum", "mean"])
    #expect(graph.roots.count == 2)
  }

  @Test func `a chain of 200,000 operations is read without recursion`() {
    let w = leaf([1])
    var y = w
    for _ in 0..<200_000 { y = y + 1 }
    let graph = ComputationGraph(of: y, naming: ["w": w])
    #expect(graph.operations.count == 200_000)
    #expect(graph.variables.count == 200_001)
  }

  @Test func `a deep graph is listed without recursion, in lines that stay short`() {
    let w = leaf([1])
    var y = w
    for _ in 0..<20_000 { y = y + 1 }
    let lines = ComputationGraph(of: y, naming: ["w": w]).text.split(separator: "\n")
    #expect(lines.count { $0.contains("= [add]") && !$0.hasSuffix("↓") } == 20_000)
    #expect(lines.count { $0.contains("(w)") } == 1)
    #expect(lines.allSatisfy { $0.count < 130 })
  }
}

@Suite struct `A watched backward pass` {
  @Test func `gives every variable its gradient and every operation its turn`() {
    let x = tensor(2.0)
    let (w, b) = (tensor(3.0, requiresGrad: true), tensor(4.0, requiresGrad: true))
    let y = w * x
    let z = y + b
    let watch = GradientWatch(of: z, naming: ["x": x, "w": w, "b": b, "y": y, "z": z])
    #expect(watch.graph.backwardStepCount == 0)
    z.backward()
    let graph = watch.graph
    let gradients = graph.variables.map {
      "\($0.label) \($0.gradient?.value ?? "none") \($0.gradient?.step ?? 0)"
    }
    #expect(gradients == ["w 2. 3", "x none 0", "y 1. 2", "b 1. 2", "z 1. 1"])
    #expect(graph.operations.map(\.step) == [3, 2])
    #expect(graph.backwardStepCount == 3)
    #expect(graph.variable(named: "x")?.value == "2.", "the values are those from before the pass")
  }

  @Test func `a variable read twice has its whole gradient when the later reader has run`() {
    let w = leaf([3])
    let y = w * 2
    let z = y * 5 + y
    let watch = GradientWatch(of: z, naming: ["y": y])
    z.backward()
    let graph = watch.graph
    #expect(graph.variable(named: "y")?.gradient?.value == "[6.]")
    let readers = graph.operations.filter { $0.inputs.contains { graph.variables[$0].label == "y" } }
    #expect(graph.variable(named: "y")?.gradient?.step == readers.compactMap(\.step).max())
  }

  @Test func `shows the latest of several passes, and nothing after it was stopped`() {
    let w = leaf([3, 4])
    let z = w * w
    let watch = GradientWatch(of: z, naming: ["w": w])
    func shown() -> String? { watch.graph.variable(named: "w")?.gradient?.value }
    z.backward(gradient: tensor([1.0, 0.0]), retainGraph: true)
    #expect(shown() == "[6., 0.]")
    z.backward(gradient: tensor([0.0, 1.0]), retainGraph: true)
    #expect(shown() == "[0., 8.]")
    watch.stop()
    z.backward(gradient: tensor([1.0, 1.0]))
    #expect(shown() == "[0., 8.]")
    #expect(values(w.grad) == [12, 16], "watching changes no gradient")
  }

  @Test func `leaves no hook behind`() {
    let w = leaf([3])
    do {
      let z = w * w
      let watch = GradientWatch(of: z)
      z.backward()
      #expect(watch.graph.backwardStepCount == 2)
    }
    let z = w * w
    let watch = GradientWatch(of: z)
    z.backward()
    #expect(watch.graph.backwardStepCount == 2)
    #expect(watch.graph.variables.count == 2)
  }
}

@Suite struct `The recorded graph as a drawing` {
  private func drawings() -> (forward: GraphDrawing, frames: [GraphDrawing]) {
    let x = tensor(2.0)
    let (w, b) = (tensor(3.0, requiresGrad: true), tensor(4.0, requiresGrad: true))
    let y = w * x
    let z = y + b
    let watch = GradientWatch(of: z, naming: ["x": x, "w": w, "b": b, "y": y, "z": z])
    let forward = watch.graph.drawing(title: "z = wx + b")
    z.backward()
    return (forward, watch.graph.backwardFrames(name: "back", title: "z = wx + b"))
  }

  @Test func `has a circle per variable, a box per operation, an arrow per argument and result`() {
    let forward = drawings().forward
    #expect(forward.nodes.filter { $0.role.isVariable }.map(\.title) == ["w", "x", "y", "b", "z"])
    #expect(forward.nodes.map(\.role) == [.leaf, .data, .inner, .leaf, .root, .operation, .operation])
    let arrows = forward.edges.map { "\(forward.nodes[$0.from].title)>\(forward.nodes[$0.to].title)" }
    #expect(arrows == ["w>mul", "x>mul", "mul>y", "y>add", "b>add", "add>z"])
    #expect(forward.edges.map(\.port) == [0, 1, nil, 0, 1, nil])
    #expect(forward.nodes.allSatisfy { $0.flow == nil })
  }

  @Test func `backward, a frame per step shows what has arrived so far`() {
    let frames = drawings().frames
    #expect(frames.map(\.name) == ["back-1", "back-2", "back-3"])
    func arrived(_ frame: GraphDrawing) -> [String] {
      frame.nodes.compactMap(\.flow).filter { frame.hasFlowed(in: $0.step) }.map {
        "\($0.name) = \($0.value)"
      }
    }
    #expect(arrived(frames[0]) == ["∂z/∂z = 1."])
    #expect(arrived(frames[1]) == ["∂z/∂y = 1.", "∂z/∂b = 1.", "∂z/∂z = 1."])
    #expect(arrived(frames[2]) == ["∂z/∂w = 2.", "∂z/∂y = 1.", "∂z/∂b = 1.", "∂z/∂z = 1."])
    let back = frames[2].edges.filter { $0.kind == .back }
    let arrows = back.map { "\(frames[2].nodes[$0.from].title)>\(frames[2].nodes[$0.to].title)" }
    #expect(arrows == ["y>mul", "mul>w", "z>add", "add>y", "add>b"], "nothing flows to x")
    #expect(back.map(\.step) == [3, 3, 2, 2, 2])
    #expect(frames.map(\.step) == [1, 2, 3])
    #expect(frames[0].text.components(separatedBy: "∂z/∂").count - 1 == 2, "in the heading, and z's own")
    #expect(frames[2].subtitle == "step 3 of 3\nMulBackward0 takes the gradient of y to w")
  }

  @Test func `reads as a tree`() {
    let (forward, frames) = drawings()
    #expect(
      forward.text == """
        z = wx + b

        (z) = [add]     root   float32 []  10.  AddBackward0
        ├─ (y) = [mul]  inner  float32 []  6.   MulBackward0
        │  ├─ (w)       leaf   float32 []  3.
        │  └─ (x)       data   float32 []  2.
        └─ (b)          leaf   float32 []  4.

        """)
    #expect(frames[2].text.contains("  ∂z/∂w = 2."))
    #expect(frames[2].text.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `a variable that is read twice stands in the tree once`() {
    let w = leaf([3])
    let y = w * 2
    let text = ComputationGraph(of: y * y, naming: ["y": y, "w": w]).text
    #expect(text.contains("├─ (y) = [mul]"))
    #expect(text.contains("└─ (y) = [mul] ↑\n"))
    #expect(text.split(separator: "\n").count { $0.contains("(w)") } == 1)
  }
}
