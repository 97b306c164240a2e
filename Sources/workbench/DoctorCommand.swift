import ArgumentParser
import Experiment
import Foundation

/// `workbench doctor`: is everything here, and does it work?
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look for everything the workbench uses, try each, and say how to mend what is missing.",
    discussion: """
      Exit status: 0 everything required works, 69 something required is missing or fails. What is optional never decides.
      """)

  @Option(help: "What to print: text or json.")
  var format = OutputFormat.text

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

  func run() async throws {
    let works = try await Interruption.guarding { try await examine() }
    if !works { throw ExitCode(Failure.Kind.unavailable.rawValue) }
  }

  /// Makes every check, prints what was found, and returns whether everything required works.
  private func examine() async throws -> Bool {
    let progress = Progress()
    var report = DoctorReport()
    for check in DoctorCheck.all {
      await progress.begin("looking at \(check.subject)")
      report.diagnoses += await check.examine()
      try Task.checkCancellation()
    }
    await progress.end()
    switch format {
    case .text: try Terminal.print(report.text(Style(isOn: Terminal.usesColour)))
    case .json: try Terminal.print(report.json)
    }
    return report.works
  }
}

/// One thing to look at; it may find several parts to report on.
struct DoctorCheck: Sendable {
  /// What it looks at, for the progress line.
  var subject: String
  /// Looks, tries, and says what it found. Never fails: what goes wrong is part of the diagnosis.
  var examine: @Sendable () async -> [Diagnosis]

  /// Every check, in the order of the report.
  static let all = [
    DoctorCheck(subject: "Swift", examine: DoctorSwift.examine),
    DoctorCheck(subject: "gnuplot", examine: { await DoctorPlotting.gnuplot() }),
    DoctorCheck(subject: "gnuplot-iostream", examine: { await DoctorPlotting.stream() }),
    DoctorCheck(subject: "BLAS and LAPACK", examine: DoctorLinearAlgebra.examine),
    DoctorCheck(subject: "fonts", examine: { await DoctorPlotting.chineseFont() }),
    DoctorCheck(subject: "the GPU", examine: DoctorGPU.examine),
    DoctorCheck(subject: "Python", examine: DoctorPython.examine),
  ]
}

/// What was found out about one part.
struct Diagnosis: Encodable, Equatable, Sendable {
  enum Status: String, Encodable, Sendable {
    /// Found, tried, works.
    case works
    /// Found, but the trial failed.
    case fails
    /// Not found.
    case missing
  }

  /// The part's name.
  var part: String
  /// Whether the workbench needs it.
  var isRequired: Bool
  var status: Status
  /// Its version, where it tells one.
  var version: String?
  /// What was tried, and how it went.
  var trial: String
  /// The one command that mends it; nil if there is nothing to mend, or no command does.
  var mend: String?

  /// It works.
  static func works(_ part: String, required: Bool = true, version: String?, trial: String) -> Diagnosis {
    Diagnosis(part: part, isRequired: required, status: .works, version: version, trial: trial)
  }

  /// It is there and fails.
  static func fails(
    _ part: String, required: Bool = true, version: String? = nil, trial: String, mend: String?
  ) -> Diagnosis {
    Diagnosis(
      part: part, isRequired: required, status: .fails, version: version, trial: trial, mend: mend)
  }

  /// It is not there.
  static func missing(_ part: String, required: Bool = true, trial: String, mend: String?) -> Diagnosis {
    Diagnosis(part: part, isRequired: required, status: .missing, trial: trial, mend: mend)
  }
}
