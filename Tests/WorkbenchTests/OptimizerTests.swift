import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `Comparing with an optimizer` {
  private static let others = OptimizerChoice.allCases.filter { $0 != .gradientDescent }
  private static let able = ["tensor-autograd", "nn-optim", "static-graph"]

  /// The velocity of PyTorch and TensorFlow is the same, and so is Adagrad's sum; Nesterov's look ahead, Adam's corrections and
  /// RMSprop's mean are put together in different orders.
  @Test(arguments: others, Precision.allCases)
  func `Those that offer it agree`(optimizer: OptimizerChoice, dtype: Precision) async throws {
    let (launched, answer) = try await compare(
      "--optimizer", optimizer.rawValue, "--dtype", dtype.rawValue, "--loss", "mean", "--learning-rate",
      "0.05", "--steps", "200")
    #expect(launched.status == 0 && answer.agreement, "\(launched.errors)")
    #expect(answer.programs.map(\.name) == Self.able)
    #expect(launched.errors.contains("hand-gradients does not offer \(optimizer.rawValue); it offers"))
    for pair in answer.pairs {
      let isSame = pair.second == "nn-optim" || optimizer == .momentum || optimizer == .adagrad
      #expect(
        isSame ? pair.verdict == "same bits" : pair.verdict.hasPrefix("within") || pair.verdict == "same bits"
      )
    }
  }

  /// PyTorch 2.15.0 in float64, 40 steps of 0.05 on the mean of squares over x = 0, 1, 2 and y = 2, 5, 14 from w = b = 0.5.
  private static let torch: [OptimizerChoice: (w: Double, b: Double)] = [
    .momentum: (3.1786433836965755, 2.1085638050747524),
    .nesterov: (2.994914810917474, 2.0158681492244397),
    .adam: (2.229353159455854, 2.1994866868947582),
    .rmsprop: (2.8600793086906138, 2.360769373101442),
    .adagrad: (1.034905655729035, 1.03263316665425),
  ]

  @Test(arguments: others) func `They end where PyTorch ends`(optimizer: OptimizerChoice) async throws {
    let folder = try ScratchFolder()
    try folder.write("x,y\n0,2\n1,5\n2,14\n", to: "own.csv")
    let (launched, answer) = try await compare(
      "--optimizer", optimizer.rawValue, "--data", "own.csv", "--loss", "mean", "--learning-rate", "0.05",
      "--steps", "40", "--w0", "0.5", "--b0", "0.5", in: folder)
    #expect(launched.status == 0 && answer.agreement)
    let expected = try #require(Self.torch[optimizer])
    for program in answer.programs {
      let final = try #require(program.final)
      #expect(abs(final.w - expected.w) <= 1e-12 * abs(expected.w), "\(program.name)")
      #expect(abs(final.b - expected.b) <= 1e-12 * abs(expected.b), "\(program.name)")
    }
  }

  @Test func `One that does not offer it is refused, by the workbench and by itself`() async throws {
    let named = try await LaunchedProgram.workbench("compare", "hand-gradients", "--optimizer", "adam")
    #expect(named.status == 64)
    #expect(named.errors == "workbench: hand-gradients does not offer adam; it offers gradient-descent\n")
    let alone = try await LaunchedProgram.run(builtProgram("compiled-autodiff"), ["--optimizer", "adam"])
    #expect(alone.status == 64)
    #expect(alone.errors == "compiled-autodiff: does not offer adam; it offers gradient-descent\n")
    let unknown = try await LaunchedProgram.workbench("compare", "--optimizer", "lion")
    #expect(unknown.status == 64)
    #expect(unknown.errors.contains("'lion' is invalid"))
  }

  @Test func `A program that ignores the optimizer is found out`() async throws {
    let folder = try ScratchFolder()
    let problem = try Problem(learningRate: 0.01, steps: 20, loss: .mean, optimizer: .momentum)
    let plain = try Problem(learningRate: 0.01, steps: 20, loss: .mean)
    try plain.write(to: folder.path("plain.json"))
    let script = """
      '\(builtProgram("nn-optim"))' --problem plain.json --trace t.tsv --timing 0
      sed 's/\(plain.fingerprint)/\(problem.fingerprint)/' t.tsv > "$4"
      """
    try folder.write(script, to: "ignores.sh")
    let (launched, answer) = try await compare(
      "nn-optim", "--optimizer", "momentum", "--learning-rate", "0.01", "--steps", "20", "--loss", "mean",
      "--with", "sh ignores.sh", in: folder)
    #expect(launched.status == 1)
    #expect(answer.pairs[0].verdict == "disagree")
    // The first step has no velocity yet.
    #expect(answer.pairs[0].firstDisagreement?.step == 2)
    #expect(answer.pairs[0].firstDisagreement?.quantity == "w")
  }
}
