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
    _ = (x.view(2, 3), x.reshape(2, 3), x.t(), x.t_(), x.clone(), x.to(.float64))
    _ = (x.unsqueeze(0), x.unsqueeze_(0), x.squeeze(0), x.squeeze_(0), x.resize_(6), x.tile([2]))
    _ = (x[0..<2, .slice(step: 2)], x[.ellipsis, .newAxis], Tensor.cat([x, x]))
    _ = (add(x, y), x.add_(y), sum(x), x.sum(1, keepDim: true), mean(x), argmax(x, 1))
    _ = (x.pow(2), exp(x), x.clamp(min: 0, max: 1), m.where(x, y), x.mm(y))
    _ = (x.indexSelect(0, i), x.maskedSelect(m))
    _ = (x.requiresGrad_(), x.gradFn, x.isLeaf, x.detach())
    loss.backward(retainGraph: true)
    _ = noGrad { x.add(1) }
    _ = grad(loss, x)
    try layers(x)
    try graph(a)
  }

  private func layers(_ x: Tensor) throws {
    _ = (Linear(1, 1), Dropout(0.5), BatchNorm1d(4), MSELoss(), CrossEntropyLoss())
    let model = Sequential(Linear(1, 4), ReLU())
    _ = (x.relu(), softmax(x, 1), model(x), model.train(), model.eval())
    _ = (model.double(), model.to(.float32))
    let state = model.stateDictionary
    _ = model.loadStateDictionary(state)
    _ = (SGD(model.parameters, lr: 0.1, momentum: 0.9), Adam(model.parameters))
    let optimizer = SGD(model.parameters, lr: 0.1)
    let scheduler = StepLR(optimizer, stepSize: 30)
    optimizer.zeroGrad()
    optimizer.step()
    scheduler.step()
  }

  private func graph(_ a: NDArray) throws {

    let graph = Graph()
    let p = graph.placeholder(.float32, shape: [nil, 1], name: "p")
    let w = graph.variable(a, name: "w")
    let cost = (w * p).sum()
    let g = graph.gradients(of: cost, withRespectTo: [w])[0]
    let update = w.assign(w - g)
    _ = (w.assignSub(g), graph.constant(a), graph.globalStep(), graph.trainableVariables)
    _ = graph.scope("layer") { w + 1 }
    _ = graph.scope("layer/") { w + 1 }
    _ = graph.controlDependencies([update]) { w.read() }
    let train = GradientDescentOptimizer(learningRate: 0.1).minimize(cost)
    _ = (MomentumOptimizer(learningRate: 0.1, momentum: 0.9), AdamOptimizer())
    _ = graph.group([update, train])
    let session = Session(graph)
    try session.run(graph.initializer())
    _ = (try session.run(w), try session.run(cost, feeding: [p: a]))
    try session.run(train)
    let path = "w.npz"
    try session.save(to: path)
  }

  @Test func `Every spelling in the last column is compiled here`() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let source = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
    let code = try #require(source.firstRange(of: "private func spellings"))
    let readme = try String(
      contentsOf: folder.appendingPathComponent("../../chapters/README.md"), encoding: .utf8)
    let names = try #require(readme.components(separatedBy: "## Names: theirs and ours").last)
    let rows = names.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasSuffix("here |") }
    #expect(rows.count > 70)
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
