import Plotting

/// The figures the workbench can draw.
public enum FigureCatalog {
  /// What a figure is drawn from.
  public enum Need: Sendable, Equatable {
    /// The result of a section, by the book's own set-up.
    case section(String)
    /// Several approaches to one problem.
    case comparison
    /// Runs of one approach, each with another optimizer.
    case optimizers
    /// The times of one run of a static graph, which are others each time: drawn only when asked for.
    case timeline
  }

  /// One figure that can be made.
  public struct Entry: Sendable {
    /// Its name on the command line and of its files.
    public let name: String
    /// What it shows, in a line.
    public let title: String
    /// The chapter section it belongs to.
    public let section: String
    /// What must be among the inputs.
    public let needs: Need
    /// Makes the figure. Throws `FigureInputError` when an input is missing or cannot be shown.
    public let make: @Sendable (FigureInputs) throws -> Figure
  }

  /// Every figure, in the chapter's order.
  public static let all: [Entry] = [
    dataEntry("fig-2-10-data", "The data, with NumPy’s noise", section: "2.6"),
    fitEntry("fig-2-11-fit", "The curve fitted with gradients by hand", section: "2.6"),
    dataEntry("fig-2-12-data", "The data, with PyTorch’s noise", section: "2.7"),
    fitEntry("fig-2-13-fit", "The curve fitted with tensors and autograd", section: "2.7"),
    fitEntry("fig-2-14-fit", "The curve fitted by a static graph in a session", section: "2.8"),
    comparisonEntry("loss-curves", "The loss of every approach, step by step", lossCurves),
    comparisonEntry("loss-excess", "How the loss approaches the least possible one", lossExcess),
    comparisonEntry("difference", "How far the approaches are apart", difference),
    comparisonEntry("loss-surface", "The loss over w and b, and every approach’s way down", lossSurface),
    Entry(
      name: "optimizers", title: "The loss over w and b, and every optimizer’s way down", section: "2.9",
      needs: .optimizers, make: optimizersFigure),
    Entry(
      name: "timeline", title: "One run of the static graph, step by step", section: "2.8",
      needs: .timeline, make: timelineFigure),
  ]

  /// The figures that show the same whenever they are drawn.
  public static let reproducible = all.filter { $0.needs != .timeline }

  /// The figure of that name; nil when there is none.
  public static func entry(named name: String) -> Entry? {
    all.first { $0.name == name }
  }

  private static func dataEntry(_ name: String, _ title: String, section: String) -> Entry {
    Entry(name: name, title: title, section: section, needs: .section(section)) { inputs in
      dataFigure(name: name, title: title, try inputs.section(section, for: name))
    }
  }

  private static func fitEntry(_ name: String, _ title: String, section: String) -> Entry {
    Entry(name: name, title: title, section: section, needs: .section(section)) { inputs in
      fitFigure(name: name, title: title, try inputs.section(section, for: name))
    }
  }

  @Sendable private static func optimizersFigure(_ inputs: FigureInputs) throws -> Figure {
    guard let runs = inputs.optimizers else {
      throw FigureInputError(figure: "optimizers", reason: "it needs a run with each optimizer")
    }
    try runs.check(for: "optimizers")
    return try lossSurface(
      name: "optimizers", title: "The loss over w and b, and every optimizer’s way down", runs)
  }

  @Sendable private static func timelineFigure(_ inputs: FigureInputs) throws -> Figure {
    guard let spans = inputs.timeline else {
      throw FigureInputError(figure: "timeline", reason: "it needs a run of the static graph")
    }
    return try timeline(name: "timeline", title: "One run of the static graph, step by step", spans)
  }

  private static func comparisonEntry(
    _ name: String, _ title: String,
    _ make: @escaping @Sendable (String, String, ComparedRuns) throws -> Figure
  ) -> Entry {
    Entry(name: name, title: title, section: "2.9", needs: .comparison) { inputs in
      guard let comparison = inputs.comparison else {
        throw FigureInputError(figure: name, reason: "it needs the runs of a comparison")
      }
      try comparison.check(for: name)
      return try make(name, title, comparison)
    }
  }
}

/// A figure whose inputs are missing or cannot be shown.
public struct FigureInputError: Error, Equatable, CustomStringConvertible {
  /// The name of the figure.
  public let figure: String
  /// What is missing or wrong.
  public let reason: String

  /// One line with both.
  public var description: String { "figure '\(figure)' cannot be made: \(reason)." }
}

extension FigureInputs {
  fileprivate func section(_ number: String, for figure: String) throws -> SectionResult {
    guard let section = sections[number] else {
      throw FigureInputError(figure: figure, reason: "it needs the result of section \(number)")
    }
    return section
  }
}

extension ComparedRuns {
  fileprivate func check(for figure: String) throws {
    guard !runs.isEmpty else { throw FigureInputError(figure: figure, reason: "there is no run to show") }
    for run in runs {
      let lengths = [run.steps.count, run.w.count, run.b.count, run.loss.count]
      guard Set(lengths).count == 1, lengths[0] > 0 else {
        throw FigureInputError(
          figure: figure,
          reason: "the columns of run '\(run.name)' have lengths \(lengths), all must be equal and at least 1"
        )
      }
    }
  }
}
