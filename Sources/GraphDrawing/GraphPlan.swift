import Foundation

/// A graph that is made ready before it runs, so that there is more to show of it than its nodes.
public protocol PlannedGraph: DrawnGraph {
  /// The passes that can be switched off, by name, in the order in which they work.
  var passNames: [String] { get }
  /// What the passes but those of the names `off` make of the graph, and what a run of it takes.
  func plan(title: String, without off: [String]) throws -> GraphPlan
}

/// What is done to a graph before it runs, and what a run of it takes: pass by pass and step by step.
public struct GraphPlan: Codable, Sendable, Equatable {
  /// The passes that can be switched off.
  public var passNames: [String]
  /// Those that were.
  public var switchedOff: [String]
  /// The program before all passes, then after each one.
  public var stages: [Stage]
  /// What is kept inside kernels as C source.
  public var code: String
  /// What one run took, step by step.
  public var timeline: [Span]

  /// A plan of these parts.
  public init(
    passNames: [String], switchedOff: [String], stages: [Stage], code: String, timeline: [Span]
  ) {
    self.passNames = passNames
    self.switchedOff = switchedOff
    self.stages = stages
    self.code = code
    self.timeline = timeline
  }

  /// The program at one point of its way through the passes.
  public struct Stage: Codable, Sendable, Equatable {
    /// The pass it comes from; `lowered` for the program before all of them.
    public var name: String
    /// What that pass does, in one line.
    public var summary: String
    /// How many nodes there are: what is fed, kept and constant, and every calculation, those inside kernels too.
    public var nodes: Int
    /// How many times a run goes over memory: one for each calculation or kernel.
    public var launches: Int
    /// The memory that calculated values take in bytes; nil when it is only known as they are calculated.
    public var bytes: Int?
    /// What the pass changed, a line each.
    public var changes: [String]
    /// The program as text, a line per step.
    public var listing: String
    /// The program as a drawing.
    public var drawing: GraphDrawing

    /// A stage of these parts.
    public init(
      name: String, summary: String, nodes: Int, launches: Int, bytes: Int?, changes: [String],
      listing: String, drawing: GraphDrawing
    ) {
      self.name = name
      self.summary = summary
      self.nodes = nodes
      self.launches = launches
      self.bytes = bytes
      self.changes = changes
      self.listing = listing
      self.drawing = drawing
    }
  }

  /// One step of a run.
  public struct Span: Codable, Sendable, Equatable {
    /// The name of the node it comes from.
    public var name: String
    /// What it did.
    public var operation: String
    /// When it began, in nanoseconds from the run's beginning.
    public var start: Int
    /// How long it took, in nanoseconds.
    public var duration: Int
    /// The size of what it made; 0 for a view of what was there.
    public var bytes: Int
    /// Which kernel it is part of, counted from 0; nil for none.
    public var kernel: Int?

    /// A step of a run.
    public init(
      name: String, operation: String, start: Int, duration: Int, bytes: Int, kernel: Int? = nil
    ) {
      self.name = name
      self.operation = operation
      self.start = start
      self.duration = duration
      self.bytes = bytes
      self.kernel = kernel
    }
  }
}

extension GraphPlan {
  /// A plan as a file: `{"format": "workbench-plan-1", "plan": {...}}`.
  private struct Document: Codable {
    var format: String
    var plan: GraphPlan
  }

  private static let format = "workbench-plan-1"

  /// The plan as JSON with sorted keys.
  public var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let data = try encoder.encode(Document(format: Self.format, plan: self))
      return String(decoding: data, as: UTF8.self) + "\n"
    }
  }

  /// Reads what `json` wrote. Throws a `DrawingFileError` for anything else, or when a drawing in it leads nowhere.
  public init(json: Data) throws(DrawingFileError) {
    guard let document = try? JSONDecoder().decode(Document.self, from: json),
      document.format == Self.format
    else { throw DrawingFileError(reason: "is not a plan in the form \(Self.format)") }
    for stage in document.plan.stages { try stage.drawing.check() }
    self = document.plan
  }
}
