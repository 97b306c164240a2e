import Experiment
import Figures
import Foundation
import Plotting

/// Makes pictures of runs, with the failures that a command reports.
enum FigureDrawing {
  /// Draws figures into `folder` with their scripts and numbers, and returns the pictures. All of them share one gnuplot.
  /// Throws a failure: what is missing or cannot be written is unavailable.
  static func draw(
    _ entries: [FigureCatalog.Entry], _ inputs: FigureInputs, as formats: [FigureFormat], into folder: URL
  ) throws -> [URL] {
    let renderer = FigureRenderer()
    var pictures = [URL]()
    for entry in entries {
      try Task.checkCancellation()
      let rendered = try translatingErrors {
        try renderer.render(try entry.make(inputs), as: formats, into: folder)
      }
      pictures += rendered.files.filter { file in formats.contains { $0.rawValue == file.pathExtension } }
    }
    return pictures
  }

  /// Draws the catalogue's comparing figures of these runs as SVG into `folder`. Returns a line for each figure that the
  /// runs do not allow, such as a surface over a single point. Throws a failure of gnuplot or of the file system.
  static func drawComparison(_ problem: Problem, _ traces: [Trace], into folder: URL) throws -> [String] {
    let inputs = FigureInputs(comparison: ComparedRuns(problem: problem, traces: traces))
    let renderer = FigureRenderer()
    var remarks = [String]()
    for entry in FigureCatalog.all where entry.needs == .comparison {
      try Task.checkCancellation()
      do {
        _ = try renderer.render(try entry.make(inputs), into: folder)
      } catch let error as FigureInputError {
        remarks.append(withoutFullStop(error.description))
      } catch let error as PlottingError {
        throw Failure.unavailable(withoutFullStop(error.description))
      }
    }
    return remarks
  }

  /// Turns what drawing throws into failures with an exit status.
  static func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as PlottingError {
      throw Failure.unavailable(withoutFullStop(error.description))
    } catch let error as FigureInputError {
      throw Failure.badData(withoutFullStop(error.description))
    }
  }

  /// The same for work that waits.
  static func translatingErrorsLater<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch {
      return try translatingErrors { throw error }
    }
  }

  private static func withoutFullStop(_ message: String) -> String {
    message.hasSuffix(".") ? String(message.dropLast()) : message
  }
}

extension ComparedRuns {
  /// The runs of a comparison as the figures take them: the traces in their order, the first the one the others are
  /// measured against. Steps that are not finite end a run.
  init(problem: Problem, traces: [Trace]) {
    let precision: RunCurve.Precision = problem.dtype == .float32 ? .float32 : .float64
    let runs = traces.map { trace in
      let steps = trace.steps.prefix { $0.isFinite }
      return RunCurve(
        name: trace.approach, steps: steps.indices.map { $0 + 1 }, w: steps.map(\.w), b: steps.map(\.b),
        loss: steps.map(\.loss), precision: precision)
    }
    self.init(
      observations: Observations(x: problem.x, y: problem.y), start: Parabola(w: problem.w0, b: problem.b0),
      loss: problem.loss == .sum ? .halfSum : .mean, runs: runs.filter { !$0.steps.isEmpty })
  }
}

/// Runs the approaches for what the figures need.
struct FigureSource {
  let workspace: Workspace
  let timeLimit: Duration

  /// Everything `entries` need: the results of their sections by the book's own set-up, and the runs through
  /// `problem` of all approaches that offer its optimizer. Throws the failure of the first program that gives no answer.
  func inputs(for entries: [FigureCatalog.Entry], comparing problem: Problem) async throws -> FigureInputs {
    var inputs = FigureInputs()
    let numbers = Set(entries.compactMap { if case .section(let number) = $0.needs { number } else { nil } })
    for number in numbers.sorted() {
      guard let section = ChapterSection.all.first(where: { $0.number == number }) else {
        throw Failure.unavailable("no program plays section \(number)")
      }
      let problem = try section.problem()
      let trace = try await traces(of: [section.approach], problem: problem)[0]
      guard let last = trace.steps.last, last.isFinite else {
        throw Failure.badData("\(section.approach): does not end on finite numbers in section \(number)")
      }
      inputs.sections[number] = SectionResult(
        observations: Observations(x: problem.x, y: problem.y), fit: Parabola(w: last.w, b: last.b))
    }
    if entries.contains(where: { $0.needs == .comparison }) {
      let able = ChapterSection.all.filter { $0.refusal(of: problem) == nil }
      let traces = try await traces(of: able.map(\.approach), problem: problem)
      inputs.comparison = ComparedRuns(problem: problem, traces: traces)
    }
    if entries.contains(where: { $0.needs == .optimizers }) {
      inputs.optimizers = try await optimizerRuns(problem)
    }
    if entries.contains(where: { $0.needs == .timeline }) {
      let source = GraphSource(
        approach: ChapterSection.staticGraph.approach, problem: problem, step: 1, timeLimit: timeLimit)
      inputs.timeline = try await source.plan(without: []).timeline
    }
    return inputs
  }

  /// The runs of nn-optim with each optimizer at its own rate, of which their names tell.
  ///
  /// The rates are fixed, and chosen so that each optimizer gets near the minimum of the default problem and shows its manner: the
  /// loss is the mean, whose slope does not depend on the number of points. The steps are 300.
  private func optimizerRuns(_ given: Problem) async throws -> ComparedRuns {
    let rates: [(OptimizerChoice, Double)] = [
      (.gradientDescent, 0.1), (.momentum, 0.02), (.nesterov, 0.02), (.adam, 0.1), (.rmsprop, 0.03),
      (.adagrad, 0.5),
    ]
    var runs = [Trace]()
    for (optimizer, rate) in rates {
      let problem = try Problem(
        x: given.x, y: given.y, w0: given.w0, b0: given.b0, learningRate: rate, steps: 300, loss: .mean,
        optimizer: optimizer, dtype: given.dtype, recipe: given.recipe)
      var trace = try await traces(of: [ChapterSection.nnOptim.approach], problem: problem)[0]
      trace.approach = "\(optimizer.rawValue), η = \(rate)"
      runs.append(trace)
    }
    let shared = try Problem(
      x: given.x, y: given.y, w0: given.w0, b0: given.b0, learningRate: 0.1, steps: 300, loss: .mean,
      dtype: given.dtype, recipe: given.recipe)
    return ComparedRuns(problem: shared, traces: runs)
  }

  private func traces(of approaches: [String], problem: Problem) async throws -> [Trace] {
    var participants = [Participant]()
    for name in approaches { participants.append(try .approach(name, timing: 0)) }
    let path = workspace.path("problem-\(problem.fingerprint).json")
    try problem.write(to: path)
    let contest = try await Contest.hold(
      participants, problem: problem, problemPath: path, workspace: workspace, timeLimit: timeLimit)
    if let dropout = contest.dropouts.first { throw dropout.failure }
    return contest.traces
  }
}
