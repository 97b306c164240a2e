import ArgumentParser

/// The options that describe a problem, shared by every approach and by `workbench compare`.
///
/// Numbers are taken as they come (`.unconditional`), so that `--w0 -1` is a start value and not an option.
public struct ProblemOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the data and the start values, 0 to 4294967295.", valueName: "n"))
  public var seed: UInt32?

  @Option(parsing: .unconditional, help: ArgumentHelp("How many data points.", valueName: "n"))
  public var points: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("How large the noise is.", valueName: "number"))
  public var noise: Double?

  @Option(help: "Whose random numbers.")
  public var generator: Recipe.Generator?

  @Option(
    help: ArgumentHelp("Take the data from a CSV file with the columns x and y instead.", valueName: "file"))
  public var data: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("How many training steps.", valueName: "n"))
  public var steps: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("The learning rate.", valueName: "number"))
  public var learningRate: Double?

  @Option(help: "The loss: sum is ½Σr², mean is Σr²/n.")
  public var loss: Loss?

  @Option(help: "How the parameters follow the gradients.")
  public var optimizer: OptimizerChoice?

  @Option(help: "The type to calculate in.")
  public var dtype: Precision?

  @Option(
    name: .customLong("w0"), parsing: .unconditional,
    help: ArgumentHelp("Start value of w instead of a random one.", valueName: "number"))
  public var w0: Double?

  @Option(
    name: .customLong("b0"), parsing: .unconditional,
    help: ArgumentHelp("Start value of b instead of a random one.", valueName: "number"))
  public var b0: Double?

  public init() {}

  /// Whether none of the options is given.
  public var isEmpty: Bool {
    seed == nil && points == nil && noise == nil && generator == nil && data == nil && steps == nil
      && learningRate == nil && loss == nil && optimizer == nil && dtype == nil && w0 == nil && b0 == nil
  }

  /// The problem the options describe; what they leave open comes from `section`. With `data` the start
  /// values are, unless given, the first two numbers of the seed's stream. Throws a usage failure, or a
  /// bad-data failure for the CSV file.
  public func problem(defaults section: ChapterSection) throws(Failure) -> Problem {
    let learningRate = learningRate ?? section.learningRate
    let steps = steps ?? section.steps
    let loss = loss ?? section.loss
    let optimizer = optimizer ?? .gradientDescent
    let dtype = dtype ?? section.dtype
    guard let data else {
      var recipe = section.recipe
      if let seed { recipe.seed = seed }
      if let points { recipe.points = points }
      if let noise { recipe.noise = noise }
      if let generator { recipe.generator = generator }
      return try Problem(
        recipe: recipe, learningRate: learningRate, steps: steps, loss: loss, optimizer: optimizer,
        dtype: dtype, w0: w0 ?? section.w0, b0: b0 ?? section.b0)
    }
    for (name, isGiven) in [
      ("points", points != nil), ("noise", noise != nil), ("generator", generator != nil),
    ] where isGiven {
      throw .usage("--\(name) says how data are drawn and --data brings data; give one of them")
    }
    let table = try CSVData(contentsOf: data)
    let start = Recipe.startValues(seed: seed ?? section.recipe.seed)
    return try Problem(
      x: table.x, y: table.y, w0: w0 ?? start.w0, b0: b0 ?? start.b0, learningRate: learningRate,
      steps: steps,
      loss: loss, optimizer: optimizer, dtype: dtype)
  }
}

extension Recipe.Generator: ExpressibleByArgument {}
extension OptimizerChoice: ExpressibleByArgument {}
extension Loss: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension Execution.Way: ExpressibleByArgument {}
