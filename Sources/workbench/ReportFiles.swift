import Experiment
import Foundation

/// A comparison for other programs: JSON with everything, CSV with one row per pair.
struct ReportFiles {
  let report: Report
  let dropouts: [Contest.Dropout]

  // MARK: JSON

  private struct Document: Encodable {
    struct ProblemPart: Encodable {
      var fingerprint: String
      var points: Int
      var steps: Int
      var learningRate: Double
      var loss: Loss
      var dtype: Precision
      var w0: Double
      var b0: Double
      var recipe: Recipe?
    }
    struct Point: Encodable {
      var w: Double
      var b: Double
      var loss: Double
    }
    struct Program: Encodable {
      var name: String
      var group: String
      var final: Point?
      var distanceFromMinimum: Double?
      var microsecondsPerStep: Double?
      var versions: [String]
      var steps: Int
      var divergedAt: Int?
      var violation: Place?
      var mistake: Mistake?
      var cause: String?
    }
    struct Place: Encodable {
      var step: Int
      var quantity: Quantity
      var first: Double?
      var second: Double?
      var ulps: Double?
    }
    struct Pair: Encodable {
      var first: String
      var second: String
      var verdict: String
      var ulps: Double?
      var shareOfTolerance: Double?
      var firstDifference: Place?
      var firstDisagreement: Place?
      var largestDifference: Place?
      var mistake: Mistake?
      var cause: String?
    }
    struct Missing: Encodable {
      var name: String
      var reason: String
    }
    var format = "workbench-comparison-1"
    var agreement: Bool
    var problem: ProblemPart
    var minimum: Point?
    var largestStableLearningRate: Double
    var programs: [Program]
    var pairs: [Pair]
    var withoutAnswer: [Missing]
  }

  /// The whole comparison. Numbers that are not finite are the strings "nan", "inf" and "-inf".
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }
  }

  private var document: Document {
    let problem = report.problem
    return Document(
      agreement: report.isAgreement,
      problem: Document.ProblemPart(
        fingerprint: problem.fingerprint.description, points: problem.points, steps: problem.steps,
        learningRate: problem.learningRate, loss: problem.loss, dtype: problem.dtype, w0: problem.w0,
        b0: problem.b0,
        recipe: problem.recipe),
      minimum: report.minimum.solution.map { Document.Point(w: $0.w, b: $0.b, loss: $0.loss) },
      largestStableLearningRate: report.minimum.largestStableRate,
      programs: report.traces.indices.map(program),
      pairs: report.pairs.map(pair),
      withoutAnswer: dropouts.map { Document.Missing(name: $0.name, reason: $0.failure.message) })
  }

  private func program(_ index: Int) -> Document.Program {
    let trace = report.traces[index]
    let violation = report.audits[index].violation
    return Document.Program(
      name: trace.approach, group: report.letter(of: index),
      final: trace.steps.last.map { Document.Point(w: $0.w, b: $0.b, loss: $0.loss) },
      distanceFromMinimum: report.distance(of: index), microsecondsPerStep: trace.microsecondsPerStep,
      versions: trace.versions, steps: trace.steps.count, divergedAt: trace.divergedAt,
      violation: violation.map {
        Document.Place(step: $0.step, quantity: $0.quantity, first: $0.found, second: $0.expected)
      }, mistake: violation?.cause.mistake, cause: violation?.cause.explanation)
  }

  private func pair(_ pair: PairReport) -> Document.Pair {
    let (verdict, ulps, share) = ReportFiles.words(pair.comparison.verdict)
    return Document.Pair(
      first: pair.first, second: pair.second, verdict: verdict, ulps: ulps, shareOfTolerance: share,
      firstDifference: pair.comparison.firstDifference.map(place),
      firstDisagreement: pair.comparison.firstDisagreement.map(place),
      largestDifference: pair.comparison.largestDifference.map(place), mistake: pair.cause?.mistake,
      cause: pair.cause?.text)
  }

  private func place(_ difference: Difference) -> Document.Place {
    Document.Place(
      step: difference.step, quantity: difference.quantity, first: difference.first,
      second: difference.second,
      ulps: difference.ulps)
  }

  private static func words(_ verdict: Verdict) -> (name: String, ulps: Double?, share: Double?) {
    switch verdict {
    case .sameBits: ("same bits", nil, nil)
    case .withinULPs(let ulps): ("within ulps", ulps, nil)
    case .withinTolerance(let share): ("within tolerance", nil, share)
    case .diverged: ("diverged", nil, nil)
    case .disagree: ("disagree", nil, nil)
    }
  }

  // MARK: CSV

  /// One row per pair: the verdict, and the difference that decides it (the first disagreement, or else the
  /// first difference).
  var csv: String {
    let header = [
      "first", "second", "verdict", "ulps", "shareOfTolerance", "step", "quantity", "firstValue",
      "secondValue", "mistake",
      "cause",
    ]
    let rows = report.pairs.map { pair in
      let (verdict, ulps, share) = ReportFiles.words(pair.comparison.verdict)
      let place = pair.comparison.firstDisagreement ?? pair.comparison.firstDifference
      let fields: [String?] = [
        pair.first, pair.second, verdict, ulps.map(Format.ulps), share.map { "\($0)" },
        (place?.step).map { "\($0)" },
        place?.quantity.rawValue, (place?.first).map { "\($0)" }, (place?.second).map { "\($0)" },
        pair.cause?.mistake?.rawValue, pair.cause?.text,
      ]
      return fields.map { ReportFiles.quoted($0 ?? "") }
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field as RFC 4180 wants it.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
