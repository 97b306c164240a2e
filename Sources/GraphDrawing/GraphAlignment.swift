/// Two drawn graphs laid over one another, from what they lead to down to variables and data: whether they are the same calculation, and
/// where they part if not.
///
/// Results find each other by what they are for (`Fact.Name.purpose`); where the drawings do not say that, the first result of each is
/// compared. Two operations are the same if name, parameters and inputs are and, where both graphs know their values, if these have the
/// same bits; of sums, products, maxima and minima the order of inputs does not matter. What calculates nothing is looked through: copies
/// to a larger shape, reads, and changes of shape that leave the elements as they are. What is learned matches by name.
///
/// Data may be given on one side and calculated on the other, and an update may be made in place where no recording sees it; those
/// match if they have the same bits. Where bits are not known, they are assumed to be the same, and listed as that.
public struct GraphAlignment: Codable, Sendable, Equatable {
  /// How two values compare.
  public enum Verdict: String, Codable, Sendable {
    /// The same kind of operation on the same operands, or the same variable.
    case same
    /// One of them is given or not recorded, and both have the same bits.
    case equal
    /// One of them is given, and its bits are not known: nothing says that they differ.
    case assumed
    /// The same kind of operation, but on operands that part further up.
    case follows
    /// Not the same.
    case different
    /// Only one side has it.
    case single
  }

  /// One line of the comparison.
  public struct Row: Codable, Sendable, Equatable {
    /// The operation or the kind of variable.
    public var operation: String
    /// What it is called in the first graph; nil if only the second has it.
    public var first: String?
    /// What it is called in the second graph; nil if only the first has it.
    public var second: String?
    /// dtype and shape in the first graph, and in the second.
    public var types: [String]
    public var verdict: Verdict
    /// Whether both have the same values, bit for bit; nil where that is not known.
    public var hasSameBits: Bool?
    /// Why the two differ, or what one of them is that is not an operation on one side; empty otherwise.
    public var reason: String
  }

  /// What both graphs have, inputs before what is made of them, then what only one has.
  public private(set) var rows: [Row] = []

  /// Whether the two are the same calculation.
  public var isSame: Bool {
    !rows.contains { $0.verdict == .different || $0.verdict == .follows || $0.hasSameBits == false }
  }

  /// Lays `second` over `first`.
  public init(_ first: GraphDrawing, _ second: GraphDrawing) {
    var aligner = Aligner(DrawnCalculation(first), DrawnCalculation(second))
    aligner.align()
    rows = aligner.rows
  }
}
