import Testing

@testable import Lessons
@testable import autograd_rules

@Suite struct `2.5, Tensor and autograd` {
  private func played(_ number: String) throws -> [Page.Block] {
    try #require(AutogradRules.parts.first { $0.number == number }).played()
  }

  /// What a part prints below a line of code, one entry per time that line stands there.
  private func printed(_ number: String, _ code: String) throws -> [[String]] {
    try played(number).steps.filter { $0.code == code }.map { $0.results.map(\.text).map(Self.plain) }
  }

  /// The text of an optional value that is there, without Swift's word for it.
  private static func plain(_ text: String) -> String {
    text.hasPrefix("Optional(") ? String(text.dropFirst("Optional(".count).dropLast()) : text
  }

  @Test func `The parts are those of the section`() {
    #expect(AutogradRules.parts.map { $0.number } == (1...4).map { "2.5.\($0)" })
  }

  // Expected: PyTorch 2.15 for the same lines in Python.
  @Test func `2.5.1 plays all eight rules, and each refusal has PyTorch's reason`() throws {
    let blocks = try played("2.5.1")
    let rules = blocks.compactMap { block -> Substring? in
      if case .prose(let text) = block, text.hasPrefix("Rule ") { text.prefix(6) } else { nil }
    }
    #expect(rules == (1...8).map { "Rule \($0)" })
    let refusals = blocks.compactMap { block -> String? in
      if case .refusal(_, let message) = block { message } else { nil }
    }
    let reasons = [
      "only Tensors of floating point dtype can require gradients",
      "you can only change requires_grad flags of leaf variables",
      "element 0 of tensors does not require grad and does not have a grad_fn",
      "grad can be implicitly created only for scalar outputs",
      "Mismatch in shape: grad_output[0] has a shape of [1] and output[0] has a shape of [2]",
      "Trying to backward through the graph a second time",
      "can't retain_grad on Tensor that has requires_grad=False",
      "a leaf Variable that requires grad is being used in an in-place operation",
      "one of the variables needed for gradient computation has been modified by an inplace operation",
    ]
    #expect(refusals.count == reasons.count)
    for (refusal, reason) in zip(refusals, reasons) { #expect(refusal.contains(reason)) }
    #expect(
      try printed("2.5.1", "w.grad").map { $0[0] } == [
        "nil", "tensor([1., 2.])", "tensor([2., 4.])", "nil", "tensor([1.0000, 0.2000])", "tensor([1., 2.])",
        "tensor([6., 8.])", "tensor([12., 16.])", "tensor([2., 2.])",
      ])
    #expect(try printed("2.5.1", "let y = x * w") == [["tensor([3., 8.], grad_fn=<MulBackward0>)"]])
    #expect(try printed("2.5.1", "kept.grad") == [["tensor([ 9., 16.])"]])
    #expect(try printed("2.5.1", "dropped.grad") == [["nil"]])
    #expect(try printed("2.5.1", "w") == [["tensor([2., 2.], requires_grad=True)"]])
  }

  @Test func `2.5.2 shows the graph with its gradients`() throws {
    #expect(
      try printed("2.5.2", "watch.graph") == [
        [
          """
          (z) = [add]     root   float32 []  10.  ∂z/∂z = 1.  AddBackward0
          ├─ (y) = [mul]  inner  float32 []  6.   ∂z/∂y = 1.  MulBackward0
          │  ├─ (w)       leaf   float32 []  3.   ∂z/∂w = 2.
          │  └─ (x)       data   float32 []  2.
          └─ (b)          leaf   float32 []  4.   ∂z/∂b = 1.
          """
        ]
      ])
  }

  @Test func `2.5.3 prints which require a gradient, which are leaves, what made them, and the gradients`()
    throws
  {
    #expect(
      try printed("2.5.3", "(x: x.requiresGrad, w: w.requiresGrad, b: b.requiresGrad)") == [
        ["false", "true", "true"]
      ])
    #expect(try printed("2.5.3", "(y: y.requiresGrad, z: z.requiresGrad)") == [["true", "true"]])
    #expect(
      try printed("2.5.3", "(x: x.isLeaf, w: w.isLeaf, b: b.isLeaf, y: y.isLeaf, z: z.isLeaf)")
        == [["true", "true", "true", "false", "false"]])
    #expect(
      try printed("2.5.3", "(x: x.gradFn?.name, w: w.gradFn?.name, b: b.gradFn?.name)") == [
        ["nil", "nil", "nil"]
      ])
    let names = try printed("2.5.3", "(y: y.gradFn?.name, z: z.gradFn?.name)")
    #expect(names.map { $0.map { $0.replacing("\"", with: "") } } == [["MulBackward0", "AddBackward0"]])
    for (name, gradient) in ["w": "tensor([2.])", "b": "tensor([1.])", "x": "nil", "y": "nil"] {
      #expect(try printed("2.5.3", "\(name).grad") == [[gradient]])
    }
  }

  @Test func `2.5.4 prints what the book prints: (6, 9), then the Jacobian`() throws {
    #expect(try printed("2.5.4", "y") == [["tensor([[13., 13.]], grad_fn=<CopySlices>)"]])
    #expect(try printed("2.5.4", "x.grad") == [["tensor([[6., 9.]])"]])
    #expect(try printed("2.5.4", "J") == [["tensor([[4., 3.],\n        [2., 6.]])"]])
  }

  @Test func `Every line fits 80 columns`() throws {
    let form = PageText(width: 80, isColoured: false)
    for part in AutogradRules.parts {
      let text = form.text(number: part.number, title: part.title, try part.played())
      for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }
}
