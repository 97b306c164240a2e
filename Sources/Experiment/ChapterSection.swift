/// A section of the chapter that solves the problem: its settings, and what the book prints.
public struct ChapterSection: Sendable {
  /// The executable that plays it.
  public let approach: String
  /// The section's number: `2.6`.
  public let number: String
  /// The section's title.
  public let title: String
  /// How the section draws its data and start values.
  public let recipe: Recipe
  /// The section's learning rate.
  public let learningRate: Double
  /// The section's number of steps.
  public let steps: Int
  /// The section's loss.
  public let loss: Loss
  /// The section's type.
  public let dtype: Precision
  /// The section's start value of w, where it does not come from the recipe.
  public let w0: Double?
  /// The section's start value of b, where it does not come from the recipe.
  public let b0: Double?
  /// The optimizers that the program offers.
  public var optimizers: [OptimizerChoice] = [.gradientDescent]
  /// What the book prints.
  public let book: Book
  /// Why our numbers are or are not the book's.
  public let note: String

  /// What the book prints in a section.
  public enum Book: Equatable, Sendable {
    /// w and b at the end.
    case result(w: String, b: String)
    /// A row every so many steps (counted from 0); of some of them the book's numbers are known.
    case table(every: Int, rows: [Int: Row])
    /// The book prints nothing.
    case nothing
  }

  /// One row of the book's table.
  public struct Row: Equatable, Sendable {
    /// The loss before the update, to four decimals.
    public var loss: String
    /// w after the update.
    public var w: String
    /// b after the update.
    public var b: String
  }

  /// The section's problem. Cannot fail for the sections below, whose settings are in range.
  public func problem() throws(Failure) -> Problem {
    try Problem(
      recipe: recipe, learningRate: learningRate, steps: steps, loss: loss, dtype: dtype, w0: w0, b0: b0)
  }

  /// Whether the approach has a graph of its calculation that can be drawn.
  public var hasGraph: Bool { Self.withGraph.contains(approach) }
  /// The approaches that have one.
  public static let withGraph = ["tensor-autograd", "nn-optim", "static-graph"]

  /// Whether the approach builds its graph before it calculates, so that passes can make a plan of it.
  public var hasPlan: Bool { Self.withPlan.contains(approach) }
  /// The approaches that do.
  public static let withPlan = ["static-graph"]

  /// Why the program cannot solve `problem`, to be said behind its name; nil if it can.
  public func refusal(of problem: Problem) -> String? {
    if optimizers.contains(problem.optimizer) { return nil }
    let offered = optimizers.map(\.rawValue).joined(separator: ", ")
    return "does not offer \(problem.optimizer.rawValue); it offers \(offered)"
  }

  /// All five, in the chapter's order.
  public static let all = [handGradients, tensorAutograd, nnOptim, staticGraph, compiledAutodiff]

  /// 2.6: NumPy, every derivative by hand.
  public static let handGradients = ChapterSection(
    approach: "hand-gradients", number: "2.6", title: "NumPy, gradients by hand",
    recipe: Recipe(), learningRate: 0.001, steps: 800, loss: .sum, dtype: .float64, w0: nil, b0: nil,
    book: .result(w: "2.95859544", b: "2.10178594"),
    note: """
      NumPy gives these very bits: w 0x1.7ea09a338ac5cp+1, b 0x1.0c914344ca340p+1. The book's pair does not
      follow from its own recipe (seed 100, 800 steps, learning rate 0.001); other readers get ours, too.
      """)

  /// 2.7: tensors and autograd.
  public static let tensorAutograd = ChapterSection(
    approach: "tensor-autograd", number: "2.7", title: "Tensor and autograd",
    recipe: Recipe(generator: .torch), learningRate: 0.001, steps: 800, loss: .sum, dtype: .float32,
    w0: nil, b0: nil,
    optimizers: OptimizerChoice.allCases,
    book: .result(
      w: "tensor([[2.9645]], requires_grad=True)", b: "tensor([[2.1146]], requires_grad=True)"),
    note: "The same digits: data and start values come from PyTorch's own stream of random numbers.")

  /// The nn and optim form of 2.7, which the chapter's introduction promises.
  public static let nnOptim = ChapterSection(
    approach: "nn-optim", number: "2.7", title: "The same with nn and optim",
    recipe: Recipe(generator: .torch), learningRate: 0.001, steps: 800, loss: .sum, dtype: .float32,
    w0: nil, b0: nil, optimizers: OptimizerChoice.allCases, book: .nothing,
    note: "The book names this form without running it. It starts where 2.7 starts and must end there.")

  /// 2.8: a static graph run by a session.
  public static let staticGraph = ChapterSection(
    approach: "static-graph", number: "2.8", title: "Static graph and session",
    recipe: Recipe(), learningRate: 0.01, steps: 2000, loss: .mean, dtype: .float32, w0: 0.711006, b0: 0,
    optimizers: OptimizerChoice.allCases,
    book: .table(
      every: 200,
      rows: [
        1000: Row(loss: "0.0094", w: "2.73642", b: "2.1918662"),
        1200: Row(loss: "0.0065", w: "2.8078585", b: "2.1653984"),
        1400: Row(loss: "0.0050", w: "2.8592768", b: "2.1463478"),
        1600: Row(loss: "0.0042", w: "2.896286", b: "2.132636"),
        1800: Row(loss: "0.0038", w: "2.922923", b: "2.1227665"),
      ]),
    note: """
      The book drew its start value of w without a seed; w = 0.711006 is the one that leads to its numbers.
      Where a number is not the book's, it is one unit off in the seventh digit, the last that float32 has.
      """)

  /// Beyond the chapter: the problem of 2.6 with the derivatives made by the compiler.
  public static let compiledAutodiff = ChapterSection(
    approach: "compiled-autodiff", number: "beyond", title: "Derivatives made by the Swift compiler",
    recipe: Recipe(), learningRate: 0.001, steps: 800, loss: .sum, dtype: .float64, w0: nil, b0: nil,
    book: .nothing,
    note: "The problem of 2.6; NumPy's bits there are w 0x1.7ea09a338ac5cp+1, b 0x1.0c914344ca340p+1.")
}
