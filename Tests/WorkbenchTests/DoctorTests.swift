import Foundation
import Testing

@testable import workbench

@Suite struct `The doctor` {
  private struct Answer: Decodable {
    struct Part: Decodable {
      var part: String
      var isRequired: Bool
      var status: String
      var mend: String?
    }
    var works: Bool
    var diagnoses: [Part]

    init(_ launched: LaunchedProgram) throws {
      self = try JSONDecoder().decode(Answer.self, from: Data(launched.output.utf8))
    }

    func part(_ name: String) throws -> Part { try #require(diagnoses.first { $0.part == name }) }
  }

  @Test func `Where everything is installed it all works`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "doctor", "--format", "json", environment: ["WORKBENCH_PYTHON": "/nonexistent/python"])
    let answer = try Answer(launched)
    #expect(answer.works)
    #expect(launched.status == 0)
    let required = answer.diagnoses.filter(\.isRequired)
    #expect(
      required.map(\.part) == ["Swift", "gnuplot", "gnuplot-iostream", "BLAS", "LAPACK", "font with Chinese"])
    #expect(required.allSatisfy { $0.status == "works" && $0.mend == nil })
    // What is optional does not decide.
    #expect(try answer.part("Python").status == "missing")
    #expect(try !answer.part("GPU").isRequired)
  }

  @Test func `Without gnuplot it says so, how to mend it, and exits 69`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "doctor",
      environment: [
        "GNUPLOT": "/nonexistent/gnuplot", "WORKBENCH_PYTHON": "/nonexistent/python", "NO_COLOR": nil,
      ])
    #expect(launched.status == 69)
    #expect(launched.output.contains("MISSING   gnuplot "))
    #expect(launched.output.contains("FAILS     gnuplot-iostream "))
    #expect(
      launched.output.contains("To mend gnuplot, gnuplot-iostream, font with Chinese:\n  unset GNUPLOT\n"))
    #expect(launched.output.hasSuffix("does not work: gnuplot, gnuplot-iostream, font with Chinese.\n"))
    #expect(!launched.output.contains("\u{1b}"), "no colour where there is no terminal")
  }

  @Test func `A program that is not gnuplot does not pass for it`() async throws {
    let launched = try await LaunchedProgram.workbench(
      "doctor", "--format", "json",
      environment: ["GNUPLOT": "/bin/cat", "WORKBENCH_PYTHON": "/nonexistent/python"])
    #expect(launched.status == 69)
    #expect(try Answer(launched).part("gnuplot").status == "fails")
  }

  @Test func `An unknown format is a usage error`() async throws {
    #expect(try await LaunchedProgram.workbench("doctor", "--format", "xml").status == 64)
  }

  @Test func `Only what is required decides, and equal commands are named once`() {
    var report = DoctorReport()
    report.diagnoses = [
      .works("A", version: "1", trial: "did it"),
      .missing("B", required: false, trial: "not found", mend: "install b and c"),
      .fails("C", required: false, trial: "cannot", mend: "install b and c"),
    ]
    #expect(report.works)
    #expect(report.text(Style(isOn: false)).contains("If you want B, C:\n  install b and c\n"))
    report.diagnoses.append(.fails("D", trial: "cannot", mend: nil))
    #expect(!report.works)
    #expect(report.text(Style(isOn: false)).hasSuffix("Something the workbench needs does not work: D.\n"))
  }

  @Test func `Colour changes no character of the table`() {
    let report = DoctorReport(diagnoses: [
      .works("A", version: "1", trial: "did it"), .missing("B", trial: "not found", mend: "install b"),
    ])
    let coloured = report.text(Style(isOn: true))
    #expect(coloured.contains("\u{1b}[32mworks"))
    #expect(coloured.replacing(/\u{1b}\[[0-9;]*m/, with: "") == report.text(Style(isOn: false)))
  }
}
