import Autograd
import Testing

@testable import Lessons
@testable import numpy_and_tensor

@Suite struct `A lesson's page` {
  @Test func `Code is shown with its value, its shape and whose memory it is`() throws {
    let steps = try Calling.played().steps
    #expect(steps.first?.code == "let x = tensor([1, 2])")
    #expect(
      steps.contains {
        $0.code == "x.add_(y)"
          && $0.results == [
            Shown(label: nil, text: "tensor([4, 6])", type: "[2] int64", memory: "memory of x")
          ]
      })
  }

  @Test func `The parts of a tuple are shown one by one`() {
    let parts = Shown.parts(of: tensor([3, 1, 2]).topk(2), called: nil, among: [])
    #expect(parts.map(\.label) == ["values", "indices"])
    #expect(parts.map(\.text) == ["tensor([3, 2])", "tensor([0, 2])"])
  }

  @Test func `A view names the value whose memory it is, a copy has new memory, a plain value its type`() {
    let x = tensor([[1, 2], [3, 4]])
    let known: [(name: String, value: Any)] = [("y", tensor([0])), ("x", x)]
    #expect(Shown.parts(of: x.t(), called: nil, among: known)[0].memory == "memory of x")
    #expect(Shown.parts(of: x.array, called: "a", among: known)[0].memory == "memory of x")
    #expect(Shown.parts(of: x.add(1), called: nil, among: known)[0].memory == "new memory")
    #expect(Shown.parts(of: x, called: "x", among: known)[0].memory == nil)
    #expect(
      Shown.parts(of: x.numel(), called: nil, among: known)
        == [Shown(label: nil, text: "4", type: "Int", memory: nil)])
  }

  @Test func `A page keeps to 80 columns and has colour only where it is wanted`() throws {
    let blocks: [Page.Block] = [
      .prose(String(repeating: "word ", count: 40) + "\n\nanother"), .code("let a = 1\nlet b = 2"),
      .step(
        code: "x",
        results: [Shown(label: nil, text: "tensor([[1],\n        [2]])", type: "[2, 1] int64", memory: nil)]),
      .refusal(code: "try y", message: String(repeating: "no ", count: 40)),
      .table(
        title: "Table",
        rows: [
          .init(code: "f(x)", meaning: String(repeating: "word ", count: 30)),
          .init(code: String(repeating: "long, ", count: 12), meaning: "it is"),
        ]),
    ]
    let plain = PageText(width: 80, isColoured: false).text(number: "1.1", title: "Title", blocks)
    #expect(plain.split(separator: "\n").allSatisfy { $0.count <= 80 && $0.last != " " })
    #expect(!plain.contains("\u{1b}"))
    #expect(
      plain.contains(
        "\n  x" + String(repeating: " ", count: 65) + "[2, 1] int64\n  → tensor([[1],\n            [2]])"))
    let coloured = PageText(width: 80, isColoured: true).text(number: "1.1", title: "Title", blocks)
    #expect(coloured.contains("\u{1b}[31m"))
    #expect(coloured.replacing(/\u{1b}\[\d+m/, with: "") == plain)
  }
}

extension [Page.Block] {
  /// What was run, with what it gave.
  var steps: [(code: String, results: [Shown])] {
    compactMap { block in
      if case .step(let code, let results) = block { (code, results) } else { nil }
    }
  }
}
