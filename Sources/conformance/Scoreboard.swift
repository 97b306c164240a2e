/// Runs cases and keeps the score per family and operation.
struct Scoreboard {
  /// How many cases there were and how many passed.
  struct Score: Equatable {
    var passed = 0
    var total = 0

    mutating func count(_ didPass: Bool) {
      total += 1
      if didPass { passed += 1 }
    }
  }

  /// What became of a case.
  enum Outcome: Equatable {
    case passed
    case failed(String)
    /// The case does not follow the format.
    case malformed(String)
    /// It is not about the operation that was asked for.
    case skipped
  }

  private let families: [any FamilyRunner]
  private let operation: String?
  /// The score of each kind, and within it of each operation.
  private(set) var kinds: [String: Score] = [:]
  private(set) var operations: [String: [String: Score]] = [:]

  /// A board for these families; with `operation` only cases that are about it are run.
  init(families: [any FamilyRunner] = allFamilies, operation: String? = nil) {
    self.families = families
    self.operation = operation
  }

  /// How many cases did not pass.
  var failures: Int {
    kinds.values.reduce(0) { $0 + $1.total - $1.passed }
  }

  /// How many cases were run.
  var total: Int {
    kinds.values.reduce(0) { $0 + $1.total }
  }

  /// Runs a case and counts it.
  mutating func run(_ testCase: ConformanceCase) -> Outcome {
    guard let family = families.first(where: { $0.kinds.contains(testCase.kind) }) else {
      if operation != nil { return .skipped }
      count(testCase.kind, [], false)
      return .failed("the kind \"\(testCase.kind)\" is unknown")
    }
    do {
      let names = try family.operations(of: testCase)
      if let operation, !names.contains(where: { $0 == operation || $0.hasSuffix("." + operation) }) {
        return .skipped
      }
      do {
        try family.run(testCase)
        count(testCase.kind, names, true)
        return .passed
      } catch let error as MalformedCase {
        throw error
      } catch {
        count(testCase.kind, names, false)
        return .failed("\(error)")
      }
    } catch {
      return .malformed("\(error)")
    }
  }

  private mutating func count(_ kind: String, _ names: [String], _ didPass: Bool) {
    kinds[kind, default: Score()].count(didPass)
    for name in Set(names) { operations[kind, default: [:]][name, default: Score()].count(didPass) }
  }

  /// The score as text: a line per family, below it a line per operation.
  ///
  /// - Parameter failuresOnly: leaves out the operations whose cases all passed.
  func table(failuresOnly: Bool) -> String {
    var rows: [(name: String, score: Score)] = []
    for (kind, score) in kinds.sorted(by: { $0.key < $1.key }) {
      rows.append((kind, score))
      for (name, score) in (operations[kind] ?? [:]).sorted(by: { $0.key < $1.key })
      where !failuresOnly || score.passed < score.total {
        rows.append(("  " + name, score))
      }
    }
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { name, score in
      let space = String(repeating: " ", count: width - name.count)
      let failed = score.total - score.passed
      return "\(name)\(space)  \(score.passed) of \(score.total) pass"
        + (failed > 0 ? ", \(failed) fail" : "") + "\n"
    }.joined()
  }
}
