/// One rewriting of a program into a better one that gives the same results.
///
/// A program sets every value once and changes nothing before its end, so a pass may drop, share, replace and join steps as long as
/// each step still comes after those it reads.
public protocol Pass: Sendable {
  /// A name to list it by and to switch it off by.
  var name: String { get }
  /// What it does, in one line.
  var summary: String { get }
  /// Whether results have the same bits as without it.
  var keepsBits: Bool { get }
  /// Rewrites the program.
  func rewrite(_ program: inout Program)
}

extension Pass {
  public var keepsBits: Bool { true }
}

/// What is done to a program before it runs: a list of passes, and whether its memory is planned.
public struct Passes: Sendable {
  /// The passes in the order in which they are applied.
  public var rewrites: [any Pass]
  /// Whether values whose shapes are known get places in one block of memory ahead of the run; without it every run allocates.
  public var planBuffers: Bool

  /// These passes.
  public init(_ rewrites: [any Pass], planBuffers: Bool = true) {
    self.rewrites = rewrites
    self.planBuffers = planBuffers
  }

  /// Nothing: the program is interpreted as it was lowered.
  public static let none = Passes([], planBuffers: false)

  /// Every pass that keeps bits.
  public static let standard = Passes([
    ShapeResolution(), ConstantFolding(), Simplification(), CommonSubexpressions(), Pruning(), Fusion(),
  ])

  /// The standard passes and the one that changes roundings for speed.
  public static let fast = Passes([
    ShapeResolution(), ConstantFolding(), Simplification(), Reassociation(), ConstantFolding(),
    Simplification(), CommonSubexpressions(), Pruning(), Fusion(),
  ])

  /// The names, `buffer planning` last, in order.
  public var names: [String] { rewrites.map(\.name) + (planBuffers ? [BufferPlan.passName] : []) }

  /// The same without the passes of these names.
  public func without(_ names: String...) -> Passes { without(names) }
  /// The same without the passes of these names.
  public func without(_ names: [String]) -> Passes {
    Passes(
      rewrites.filter { !names.contains($0.name) },
      planBuffers: planBuffers && !names.contains(BufferPlan.passName))
  }

  /// The program after each pass, the one before all of them first.
  func stages(of program: Program) -> [(name: String, program: Program)] {
    var program = program
    var stages = [(name: "lowered", program: program)]
    for pass in rewrites {
      pass.rewrite(&program)
      stages.append((pass.name, program))
    }
    return stages
  }

  /// The program after all passes.
  func applied(to program: Program) -> Program {
    var program = program
    for pass in rewrites { pass.rewrite(&program) }
    return program
  }
}
