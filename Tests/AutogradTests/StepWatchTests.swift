import Autograd
import GraphDrawing
import Testing

/// One step of the regression loss Σ (w x − y)², y not kept by the recording, since no derivative reads it.
private struct Step {
  let x = tensor([1.0, 2, 3], dtype: .float64)
  let y = tensor([2.0, 2, 2], dtype: .float64)
  let other = tensor([5.0, 5, 5], dtype: .float64)
  let w = leaf([3])
  let loss: Tensor
  let watch: StepWatch

  init() {
    loss = (w * x - y).pow(2).sum()
    watch = StepWatch(
      of: loss, learning: [w], naming: ["w": w, "x": x, "other": other, "y": y, "loss": loss])
  }

  func finish() throws -> GraphDrawing {
    loss.backward()
    noGrad { w.sub_(0.1 * w.grad!) }
    return try #require(watch.drawings(title: "t").last)
  }
}

@Suite struct `A watched step` {
  @Test func `has gradient and update with their values, bit for bit`() throws {
    let drawing = try Step().finish()
    #expect(drawing.name == "step" && drawing.title == "t")
    var found: [String: String] = [:]
    for node in drawing.nodes {
      if let purpose = node.fact(.purpose) { found[purpose] = node.fact(.bits) }
    }
    // Residuals 1, 4, 7: the loss is 66, its gradient 2 (1·1 + 4·2 + 7·3) = 60, the next w 3 − 0.1·60.
    let expected = ["loss": 66.0, "gradient of w": 60, "next w": 3 - 0.1 * 60.0]
    #expect(found == expected.mapValues { NDArray([$0]).fingerprint })
    let update = try #require(drawing.nodes.first { $0.title == "update" })
    #expect(update.fact(.unrecorded) != nil && update.fact(.label) == "w")
  }

  @Test func `finds named data that the recording did not keep, by what the operation gives`() throws {
    let drawing = try Step().finish()
    let data = drawing.nodes.filter { $0.role == .data }.map(\.title)
    #expect(data.contains("y") && data.contains("x") && !data.contains("other"))
    #expect(
      drawing.nodes.first { $0.title == "y" }?.fact(.bits) == NDArray([2.0, 2, 2]).fingerprint)
  }

  @Test func `knows the values of what was not kept, too`() throws {
    let drawing = try Step().finish()
    #expect(drawing.nodes.filter { $0.role.isVariable }.allSatisfy { $0.fact(.bits) != nil })
  }

  @Test func `leaves the pass and its gradients as they are without it`() throws {
    let step = Step()
    #expect(step.w.grad == nil)
    step.loss.backward()
    #expect(values(step.w.grad) == [60])
    let backward = try #require(step.watch.drawings(title: "t").first { $0.name == "backward" })
    #expect(backward.nodes.first { $0.title == "w" }?.flow?.value.contains("60.") == true)
  }

  @Test func `refuses a parameter without a name`() async {
    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let w = leaf([3])
      _ = StepWatch(of: w.pow(2).sum(), learning: [w], naming: [:])
    }
  }
}
