/// One way to solve the problem: a program of its own whose file reads from top to bottom as data, start
/// values, training step, result, so that a diff between two approaches is the lesson.
///
/// A type that conforms and is marked `@main` is a complete program: run without arguments it plays its
/// chapter section; given `--problem` and `--trace` it follows `chapters/CONTRACT.md`; given other options it
/// solves the problem they describe. `ApproachCommand` has the options.
///
///     @main
///     struct HandGradients: Approach {
///       static let section = ChapterSection.handGradients
///
///       static func train(_ run: Run) -> Outcome {
///         // MARK: Data
///         // MARK: Start values
///         for _ in run.steps {  // MARK: Training step
///           run.record(loss: loss, dw: dw, db: db, w: w, b: b)
///         }
///         // MARK: Result
///         return Outcome(w: "\(w)", b: "\(b)")
///       }
///     }
public protocol Approach {
  /// Which section of the chapter this is: its name, its settings, what the book prints.
  static var section: ChapterSection { get }

  /// `name version` of the libraries underneath, for the trace.
  static var versions: [String] { get }

  /// Whether `train` obeys `run.mistake`. Where it does not, the command line refuses `--mistake`.
  static var plantsMistakes: Bool { get }

  /// Whether `train` obeys `run.execution`. Where it does not, the command line refuses `--compile` and `--threads`.
  static var offersExecution: Bool { get }

  /// The passes over its plan that `run.execution` may leave out. Where there are none, the command line refuses `--without`.
  static var passNames: [String] { get }

  /// Solves `run.problem` in the problem's dtype: one pass over `run.steps`, calling `run.record` in each.
  static func train(_ run: Run) throws -> Outcome
}

extension Approach {
  public static var versions: [String] { [swiftVersion] }
  public static var plantsMistakes: Bool { false }
  public static var offersExecution: Bool { false }
  public static var passNames: [String] { [] }

  /// The compiler this was built with, as far as the language tells.
  static var swiftVersion: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  /// The program.
  public static func main() {
    CommandLineTool.run(ApproachCommand<Self>.self)
  }
}

/// The learned parameters as the approach itself prints them.
public struct Outcome: Equatable, Sendable {
  /// w, in the approach's own printing.
  public var w: String
  /// b, in the approach's own printing.
  public var b: String

  /// An outcome with these two texts.
  public init(w: String, b: String) {
    self.w = w
    self.b = b
  }
}

extension Approach {
  /// Solves the problem and returns the trace of every step, with the time of one step measured in a second
  /// pass of at most `timing` (none if zero), and what the approach printed.
  static func solve(
    _ problem: Problem, mistake: Mistake? = nil, execution: Execution = Execution(), timing: Duration
  ) throws -> (trace: Trace, outcome: Outcome) {
    let recording = Run(recording: problem, mistake: mistake, execution: execution)
    let outcome = try train(recording)
    var trace = Trace(
      approach: execution.label(section.approach), fingerprint: problem.fingerprint, dtype: problem.dtype,
      versions: versions, notes: recording.notes, steps: recording.recorded)
    if timing > .zero {
      let timed = Run(timing: problem, mistake: mistake, execution: execution, budget: timing)
      _ = try train(timed)
      trace.microsecondsPerStep = timed.microsecondsPerStep
    }
    return (trace, outcome)
  }
}
