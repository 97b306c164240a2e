public import GraphDrawing

/// The model's parameters: y = w x² + b.
public struct Parabola: Sendable, Equatable {
  /// The factor of x².
  public var w: Double
  /// The constant.
  public var b: Double

  /// The curve with these parameters.
  public init(w: Double, b: Double) {
    self.w = w
    self.b = b
  }

  /// w x² + b.
  public func callAsFunction(_ x: Double) -> Double { w * x * x + b }
}

/// Observed points, two columns of equal length.
public struct Observations: Sendable, Equatable {
  /// The abscissae.
  public var x: [Double]
  /// The observed values, as many.
  public var y: [Double]

  /// Points from two columns of equal length.
  public init(x: [Double], y: [Double]) {
    self.x = x
    self.y = y
  }
}

/// What one section of the chapter ends with, by the book's own set-up.
public struct SectionResult: Sendable, Equatable {
  /// The data of the section.
  public var observations: Observations
  /// The parameters after the last step.
  public var fit: Parabola

  /// A result from data and final parameters.
  public init(observations: Observations, fit: Parabola) {
    self.observations = observations
    self.fit = fit
  }
}

/// One approach's way through a problem, step by step; columns of equal length.
public struct RunCurve: Sendable, Equatable {
  /// The floating-point type a run calculated in.
  public enum Precision: Sendable, Equatable {
    case float32, float64
  }

  /// The approach's name.
  public var name: String
  /// The numbers of the steps, from 1.
  public var steps: [Int]
  /// The parameters after each step.
  public var w: [Double]
  /// The constant after each step.
  public var b: [Double]
  /// The loss before each step's update.
  public var loss: [Double]
  /// The type the run calculated in; distances are counted in its units.
  public var precision: Precision

  /// A run from its columns, which must be of equal length.
  public init(
    name: String, steps: [Int], w: [Double], b: [Double], loss: [Double], precision: Precision = .float64
  ) {
    self.name = name
    self.steps = steps
    self.w = w
    self.b = b
    self.loss = loss
    self.precision = precision
  }
}

/// Several approaches to one problem.
public struct ComparedRuns: Sendable, Equatable {
  /// The data all runs share.
  public var observations: Observations
  /// Where every run starts.
  public var start: Parabola
  /// How residuals become the loss.
  public var loss: QuadraticLoss.Reduction
  /// The first is the one the others are measured against.
  public var runs: [RunCurve]

  /// Runs of one problem; the first is the reference.
  public init(
    observations: Observations, start: Parabola, loss: QuadraticLoss.Reduction = .halfSum, runs: [RunCurve]
  ) {
    self.observations = observations
    self.start = start
    self.loss = loss
    self.runs = runs
  }
}

/// Everything the catalogue's figures are drawn from. Only what the wanted figures need must be there.
public struct FigureInputs: Sendable, Equatable {
  /// Results of sections 2.6, 2.7 and 2.8, under their numbers.
  public var sections: [String: SectionResult]
  /// The runs of one problem, for the figures that compare.
  public var comparison: ComparedRuns?
  /// One approach's runs of one problem, each with the optimizer that is the run's name.
  public var optimizers: ComparedRuns?
  /// The steps of one run of a static graph.
  public var timeline: [GraphPlan.Span]?

  /// Inputs; what is left out cannot be drawn.
  public init(
    sections: [String: SectionResult] = [:], comparison: ComparedRuns? = nil,
    optimizers: ComparedRuns? = nil, timeline: [GraphPlan.Span]? = nil
  ) {
    self.sections = sections
    self.comparison = comparison
    self.optimizers = optimizers
    self.timeline = timeline
  }
}
