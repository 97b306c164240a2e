import Autograd
import Foundation
import NN
import Optim
import StaticGraph
import Testing

@Suite struct `The table of names in chapters/README` {
  /// Every call of the table's last columns. It need not run: what the compiler takes, exists.
  private func spellings(_ a: NDArray, _ x: Tensor, _ y: Tensor, _ i: Tensor, _ m: Tensor, _ loss: Tensor)
    throws
  {
    _ = (NDArray([1, 2]), tensor([1, 2]), Tensor(a), x.numpy())
    _ = (NDArray.zeros([2, 3]), Tensor.zeros([2, 3]), Tensor.ones(like: x))
    _ = (NDArray.arange(5), Tensor.arange(5), Tensor.linspace(1, 10, 4), Tensor.rand([3]))
    manualSeed(100)
    _ = (a.shape, x.size(), x.size(0), a.rank, x.dim())
    _ = (x.view(2, 3), x.reshape(2, 3), x.t(), x.clone(), x.to(.float64))
    _ = (x[0..<2, .slice(step: 2)], x[.ellipsis, .newAxis], Tensor.cat([x, x]))
    _ = (add(x, y), x.add_(y), x.sum(1, keepDim: true), x.pow(2), x.mm(y))
    _ = (x.indexSelect(0, i), x.maskedSelect(m))
    _ = (x.requiresGrad_(), x.gradFn, x.isLeaf, x.detach())
    loss.backward(retainGraph: true)
    _ = noGrad { x.add(1) }
    let model = Linear(1, 1)
    _ = MSELoss()
    let optimizer = SGD(model.parameters, lr: 0.1)
    optimizer.zeroGrad()
    optimizer.step()

    let graph = Graph()
    let p = graph.placeholder(.float32, shape: [nil, 1], name: "p")
    let w = graph.variable(a, name: "w")
    let cost = (w * p).sum()
    let g = graph.gradients(of: cost, withRespectTo: [w])[0]
    _ = w.assign(w - g)
    let session = Session(graph)
    try session.run(graph.initializer())
    _ = try session.run(w)
  }

  @Test func `Every spelling in the last column is compiled here`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
    let code = try #require(source.firstRange(of: "private func spellings"))
    let readme = try String(
      contentsOf: folder.appendingPathComponent("../../chapters/README.md"), encoding: .utf8)
    let names = try #require(readme.components(separatedBy: "## Names: theirs and ours").last)
    let rows = names.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasSuffix("here |") }
    #expect(rows.count > 30)
    for row in rows {
      let ours = try #require(row.dropLast().split(separator: "|").last)
      let spellings = ours.split(separator: "`").filter { $0.contains { $0.isLetter } }
      #expect(!spellings.isEmpty, "\(row) has no spelling")
      for spelling in spellings {
        #expect(source[code.upperBound...].contains(spelling), "\(spelling) is not compiled in this file")
      }
    }
  }
}
