import Foundation
import NN
import Optim
import Testing

@Suite struct `The readme's example of the library` {
  /// In a process of its own, since the default generator is everybody's.
  @Test func `Prints what the readme shows, which PyTorch 2.15 prints for the same lines`() async throws {
    let result = try await #require(processExitsWith: .success, observing: [\.standardOutputContent]) {
      manualSeed(0)
      let x = Tensor.linspace(-1, 1, 100).unsqueeze(1)
      let y = 3 * x.pow(2) + 2

      let model = Sequential(Linear(1, 8), Tanh(), Linear(8, 1))
      let optimizer = Adam(model.parameters, lr: 0.05)
      for _ in 1...500 {
        let loss = model(x).mseLoss(y)
        optimizer.zeroGrad()
        loss.backward()
        optimizer.step()
      }
      print(model)
      print(model(x).mseLoss(y))
      print(model(tensor([[0.5]])))
    }
    let pytorch = """
      Sequential(
        (0): Linear(in_features=1, out_features=8, bias=True)
        (1): Tanh()
        (2): Linear(in_features=8, out_features=1, bias=True)
      )
      tensor(0.0028, grad_fn=<MseLossBackward0>)
      tensor([[2.6970]], grad_fn=<AddmmBackward0>)

      """
    #expect(String(decoding: result.standardOutputContent, as: UTF8.self) == pytorch)
    #expect(try Self.readme().contains("```\n" + pytorch + "```\n"))
  }

  @Test func `Is the code that the test above runs`() throws {
    let block = /```swift\nimport NN\nimport Optim\n\n([\s\S]*?)```/
    let example = try #require(try Self.readme().firstMatch(of: block)).1
    let here = try String(contentsOf: URL(fileURLWithPath: #filePath), encoding: .utf8)
    let indented = example.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "      " + $0 }.joined(separator: "\n")
    #expect(example.contains("backward()") && here.contains(indented))
  }

  private static func readme() throws -> String {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try String(contentsOf: tests.appendingPathComponent("../../README.md"), encoding: .utf8)
  }
}
