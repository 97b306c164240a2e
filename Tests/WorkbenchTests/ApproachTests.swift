import Experiment
import Foundation
import Testing

@testable import workbench

/// The five programs, run as a reader runs them.
@Suite struct `The approaches` {
  private func output(_ name: String, _ arguments: String...) async throws -> String {
    let launched = try await LaunchedProgram.run(builtProgram(name), arguments)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(launched.errors == "")
    return launched.output
  }

  @Test(arguments: ["hand-gradients", "compiled-autodiff"])
  func `2·6 ends on the digits of NumPy, and shows the book's beside them`(name: String) async throws {
    let output = try await output(name)
    #expect(output.contains("\n  w  2.989276194731742"))
    #expect(output.contains("\n  b  2.098183067883298"))
    if name == "hand-gradients" {
      #expect(output.contains("     2.95859544         the book\n"))
      #expect(output.contains("     2.10178594         the book\n"))
    }
  }

  @Test func `2·7 ends on the book's tensors, in the tensor's own printing`() async throws {
    let output = try await output("tensor-autograd")
    #expect(output.contains("  w  tensor([[2.9645]], requires_grad=True)  this program\n"))
    #expect(output.contains("  b  tensor([[2.1146]], requires_grad=True)  this program\n"))
  }

  @Test func `2·7 with nn and optim ends where 2·7 ends`() async throws {
    let output = try await output("nn-optim")
    #expect(output.contains("  w  tensor([[2.9645]], requires_grad=True)\n"))
    #expect(output.contains("  b  tensor([2.1146], requires_grad=True)\n"))
  }

  /// PyTorch 2.15.0: w 2.9645144939422607, b 2.114640951156616, the last loss tensor(0.1668).
  @Test(arguments: ["tensor-autograd", "nn-optim"])
  func `2·7 follows PyTorch to the last ulp or two`(name: String) async throws {
    let folder = try ScratchFolder()
    _ = try await output(name, "--trace", folder.path("t.tsv"), "--timing", "0")
    let last = try #require(try Trace(contentsOf: folder.path("t.tsv")).steps.last)
    #expect(try #require(ulpDistance(last.w, 2.9645144939422607, dtype: .float32)) <= 2)
    #expect(try #require(ulpDistance(last.b, 2.114640951156616, dtype: .float32)) <= 2)
    #expect(String(format: "%.4f", last.loss) == "0.1668")
  }

  /// A session of TensorFlow 2.21.0 started at w = 0.711006, every 200 steps.
  private static let session: [(loss: String, w: Float, b: Float)] = [
    ("8.7377", 0.73476356, 0.05745771), ("0.0888", 2.0316725, 2.422749), ("0.0471", 2.3075898, 2.3504303),
    ("0.0260", 2.499273, 2.2797263), ("0.0151", 2.637168, 2.2286391), ("0.0094", 2.736419, 2.1918664),
    ("0.0065", 2.807858, 2.1653984), ("0.0050", 2.8592763, 2.146348), ("0.0042", 2.8962858, 2.132636),
    ("0.0038", 2.922923, 2.1227665),
  ]

  @Test func `2·8 prints the table of a real session, and the book's to one unit in the last digit`()
    async throws
  {
    let lines = try await output("static-graph").split(separator: "\n")
    let fields = lines.map { line in line.split(separator: " ").map(String.init) }
    // The rows of the table begin with a step and a loss.
    let rows: [[String]] = fields.filter { row in
      guard let first = row.first, Int(first) != nil, row.count >= 4 else { return false }
      return row[1].contains(".")
    }
    let numbers = (0..<10).map { String(200 * $0) }
    #expect(rows.map { $0[0] } == numbers)
    for (row, real) in zip(rows, Self.session) {
      #expect(row[1] == real.loss)
      for (text, value) in [(row[2], real.w), (row[3], real.b)] {
        let number = try #require(Float(text))
        #expect(try #require(ulpDistance(Double(number), Double(value), dtype: .float32)) <= 2, "\(row)")
      }
    }
    let book = [
      "2.73642 2.1918662", "2.8078585 2.1653984", "2.8592768 2.1463478", "2.896286 2.132636",
      "2.922923 2.1227665",
    ]
    #expect(rows.dropFirst(5).map { $0[5...].joined(separator: " ") } == book)
    for row in rows.dropFirst(5) {
      #expect(row[1] == row[4], "the loss to four decimals")
      for (ours, theirs) in [(row[2], row[5]), (row[3], row[6])] {
        // float32 has seven digits, of which one stands before the point.
        #expect(abs(try #require(Double(ours)) - (try #require(Double(theirs)))) < 1.05e-6, "\(row)")
      }
    }
  }

  @Test(arguments: Comparing.approaches) func `Each solves the problem its options describe`(name: String)
    async throws
  {
    let output = try await output(
      name, "--seed", "3", "--points", "20", "--noise", "0", "--steps", "400", "--learning-rate", "0.02",
      "--loss", "sum",
      "--dtype", "float64", "--w0", "-1", "--b0", "-1", "--generator", "numpy", "--timing", "0")
    #expect(output.hasPrefix("20 points, loss ½Σr², η = 0.02, 400 steps, float64, numpy seed 3, noise 0.0\n"))
    // Without noise the minimum is the parabola itself; 400 such steps end on it to five digits or more.
    let numbers = output.matches(of: /-?\d+\.\d+/).compactMap { Double($0.output) }
    #expect(numbers.contains { abs($0 - 3) < 1e-5 } && numbers.contains { abs($0 - 2) < 1e-5 }, "\(output)")
  }

  @Test(arguments: Comparing.approaches) func `Each refuses what it cannot solve, in one line`(name: String)
    async throws
  {
    let folder = try ScratchFolder()
    try folder.write("{}", to: "p.json")
    let cases: [([String], Int32)] = [
      (["--steps", "0"], 64), (["--frob"], 64), (["--timing", "-1"], 64), (["--problem", "p.json"], 65),
      (["--problem", "none.json"], 65), (["--data", "none.csv"], 65),
      (["--problem", "p.json", "--seed", "3"], 64),
    ]
    for (arguments, status) in cases {
      let launched = try await LaunchedProgram.run(builtProgram(name), arguments, in: folder.url)
      #expect(launched.status == status)
      #expect(launched.output == "")
      #expect(launched.errors.split(separator: "\n").count == 1)
      #expect(launched.errors.hasPrefix("\(name): "))
    }
  }

  @Test func `Only hand-gradients makes mistakes on purpose`() async throws {
    let launched = try await LaunchedProgram.run(builtProgram("nn-optim"), ["--mistake", "factor-2"])
    #expect(launched.status == 64)
    #expect(launched.errors.contains("nn-optim makes none on purpose; hand-gradients does"))
  }
}
