/// Runs the cases of a family. A new family is one file with such a type, and one line in `allFamilies`.
protocol FamilyRunner: Sendable {
  /// The kinds of cases that this family runs.
  var kinds: Set<String> { get }

  /// The operations that the case is about; each is counted.
  func operations(of testCase: ConformanceCase) throws -> [String]

  /// Runs the case. Throws `CaseFailure` for a result that is not the expected one or an operation that is unknown, and
  /// `MalformedCase` when the case does not follow the format; any other error counts as a failure.
  func run(_ testCase: ConformanceCase) throws
}

/// Why a case did not pass: expected and actual.
struct CaseFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension CaseTensor {
  /// Throws `CaseFailure` with the first difference, if there is one.
  func check(against expected: CaseTensor, within agreement: Agreement, _ what: String) throws {
    if let difference = difference(from: expected, within: agreement) {
      throw CaseFailure("\(what): \(difference)")
    }
  }
}

/// The families that are run.
let allFamilies: [any FamilyRunner] = [
  GraphFamily(),
  RandomFamily(),
  ReprFamily(),
  OpFamily(),
  ProgramFamily(),
  ErrorFamily(),
  OptimizerFamily(),
  SchedulerFamily(),
]
