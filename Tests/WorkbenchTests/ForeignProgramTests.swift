import Experiment
import Foundation
import Testing

@testable import workbench

@Suite struct `A foreign program` {
  /// The contract in shell and awk, for the loss `sum`.
  static let fit = """
    #!/bin/sh
    # Called as: fit.sh --problem PROBLEM.json --trace TRACE.tsv
    awk '
      function part(key) { text = $0; sub(".*\\"" key "\\":", "", text); return text }
      function list(key, values) { text = part(key); gsub(/^\\[|\\].*/, "", text); return split(text, values, ",") }
      {
        fingerprint = substr(part("fingerprint"), 2, 16); n = list("x", x); list("y", y)
        w = part("w0") + 0; b = part("b0") + 0; rate = part("learningRate") + 0; steps = part("steps") + 0
        print "# workbench-trace-1\\n# approach: awk\\n# fingerprint: " fingerprint "\\nstep\\tloss\\tdw\\tdb\\tw\\tb"
        for (k = 1; k <= steps; k++) {
          loss = dw = db = 0
          for (i = 1; i <= n; i++) { r = w*x[i]*x[i] + b - y[i]; loss += r*r/2; dw += r*x[i]*x[i]; db += r }
          w -= rate*dw; b -= rate*db
          printf "%d\\t%.17g\\t%.17g\\t%.17g\\t%.17g\\t%.17g\\n", k, loss, dw, db, w, b
        }
        print "# end: " steps
      }' "$2" > "$4"
    """

  private static let hasPython = `The Python peers`.hasPython

  @Test func `Takes part under the contract, in shell`() async throws {
    let folder = try ScratchFolder()
    try folder.write(Self.fit, to: "fit.sh")
    let (launched, answer) = try await compare(
      "hand-gradients", "--with", "sh fit.sh", "--steps", "50", in: folder)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(answer.programs.map(\.name) == ["hand-gradients", "awk"])
    #expect(answer.pairs[0].verdict == "within ulps")
    #expect(try #require(answer.pairs[0].ulps) <= 10)
    #expect(answer.pairs[0].cause?.hasPrefix("hand-gradients adds pairwise") == true)
  }

  @Test(.enabled(if: hasPython)) func `The contract's own example takes part`() async throws {
    let contract = try String(
      contentsOf: packageFolder.appendingPathComponent("chapters/CONTRACT.md"), encoding: .utf8)
    let code = try #require(
      contract.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
    #expect(code.split(separator: "\n").count == 10)
    let folder = try ScratchFolder()
    try folder.write(code, to: "fit.py")
    let (launched, answer) = try await compare(
      "hand-gradients", "--with", "\(Peers.python) fit.py", "--steps", "50", in: folder)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(answer.programs.count == 2)
    #expect(try #require(answer.pairs[0].ulps) <= 10)
  }

  @Test func `Two of one name are told apart`() async throws {
    let folder = try ScratchFolder()
    try folder.write(Self.fit, to: "fit.sh")
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--with", "sh fit.sh", "--with", "sh ./fit.sh", "--steps", "3", "--output",
      "kept",
      in: folder.url)
    #expect(launched.status == 0)
    #expect(folder.names(in: "kept/traces") == ["awk--2-.tsv", "awk.tsv", "hand-gradients.tsv"])
  }

  @Test func `That is wrong is found, its mistake named`() async throws {
    let folder = try ScratchFolder()
    try folder.write(Self.fit.replacing("dw += r*x[i]*x[i]", with: "dw += r"), to: "fit.sh")
    let (launched, answer) = try await compare(
      "hand-gradients", "--with", "sh fit.sh", "--steps", "5", in: folder)
    #expect(launched.status == 1)
    #expect(answer.programs[1].mistake == "lost-x2" && answer.programs[0].mistake == nil)
    #expect(answer.pairs[0].cause == "awk: " + Mistake.lostXSquared.explanation)
  }

  @Test func `Two that are wrong in the same way agree, and do not solve the problem`() async throws {
    let folder = try ScratchFolder()
    try folder.write(Self.fit.replacing("dw += r*x[i]*x[i]", with: "dw += 2*r*x[i]*x[i]"), to: "fit.sh")
    let workspace = try Workspace(output: nil)
    defer { workspace.remove() }
    let problem = try Problem(steps: 5)
    try problem.write(to: workspace.path("problem.json"))
    let contest = try await Contest.hold(
      ["sh fit.sh", "sh ./fit.sh"].map { try .command("cd '\(folder.path(""))' && \($0)") }, problem: problem,
      problemPath: workspace.path("problem.json"), workspace: workspace, timeLimit: .seconds(60))
    let report = Report(problem: problem, traces: contest.traces)
    let pair = try #require(report.pairs.first, "\(contest.dropouts)")
    #expect(pair.comparison.verdict == .sameBits)
    #expect(!report.isAgreement)
    #expect(
      ReportText(report: report, dropouts: [], style: Style(isOn: false)).text.contains(
        "They agree and do not solve this problem: awk, awk (2)."))
  }

  // MARK: Failing

  /// A shell function that ends as `body` says; `$2` is the problem, `$4` the trace. `good` writes a right trace.
  private func failing(_ body: String, _ more: String..., in folder: ScratchFolder) async throws
    -> LaunchedProgram
  {
    try folder.write(Self.fit, to: "fit.sh")
    try folder.write("good() { sh fit.sh \"$@\"; }\n\(body)\n", to: "program.sh")
    return try await LaunchedProgram.run(
      builtProgram("workbench"),
      ["compare", "hand-gradients", "--steps", "4", "--with", "sh program.sh"] + more,
      environment: ["TMPDIR": folder.path("tmp")], in: folder.url)
  }

  /// What the program does, the exit status, and what is said of it.
  @Test(
    arguments: [
      ("kill -SEGV $$", 69, "ended with status 139"),
      ("echo first >&2; echo the reason >&2; exit 3", 69, "ended with status 3: the reason"),
      ("good \"$@\"; exit 1", 69, "ended with status 1"),
      ("exit 0", 65, "ended without writing a trace"),
      ("echo garbage > \"$4\"", 65, "answer-2.tsv:1: is not a trace"),
      ("head -c 4096 /dev/urandom > \"$4\"", 65, "answer-2.tsv: is not a text file (not UTF-8)"),
      (": > \"$4\"", 65, "answer-2.tsv:1: is not a trace"),
      ("mkdir \"$4\"", 65, "answer-2.tsv: is a directory; a file is needed"),
      ("good \"$@\"; head -n 6 \"$4\" > t; mv t \"$4\"", 65, "answer-2.tsv:7: the file ends after 2 rows"),
      ("good \"$@\"; head -c 200 \"$4\" > t; mv t \"$4\"", 65, "answer-2.tsv:"),
      (
        "good \"$@\"; sed s/ngerprint:.*/ngerprint:0123456789abcdef/ \"$4\" > t; mv t \"$4\"", 65,
        "answer-2.tsv: answers another problem"
      ),
      ("sed s/w0\\\":/w0\\\":1/ \"$2\" > p; good --problem p --trace \"$4\"", 1, ""),
      ("good \"$@\"; sed s/0/o/ \"$4\" > t; mv t \"$4\"", 65, "answer-2.tsv:"),
      (
        "good \"$@\"; sed -e 6d -e s/end:.*/end:3/ -e s/^4/3/ -e s/^3/2/ \"$4\" > t; mv t \"$4\"", 65,
        "answer-2.tsv:"
      ),
    ] as [(String, Int32, String)])
  func `That fails is named with the reason, the others are compared`(
    body: String, status: Int32, says: String
  )
    async throws
  {
    let folder = try ScratchFolder()
    try folder.write("", to: "tmp/x")
    let launched = try await failing(body, in: folder)
    #expect(launched.status == status, "\(launched.errors)")
    #expect(launched.output.contains("hand-gradients"))
    if status != 1 {
      #expect(launched.errorLines.count == 1, "\(launched.errors)")
      #expect(launched.errors.contains("sh program.sh: \(says)"), "\(launched.errors)")
      #expect(launched.output.contains("no answer"))
    }
    #expect(folder.names(in: "tmp") == ["x"], "no scratch file is left")
  }

  @Test func `That writes NaN has diverged`() async throws {
    let folder = try ScratchFolder()
    let launched = try await failing(
      "good \"$@\"; awk -F'\\t' -v OFS='\\t' '$1 == 3 { $3 = \"nan\" } { print }' \"$4\" > t; mv t \"$4\"",
      in: folder)
    #expect(launched.status == 1)
    #expect(launched.output.contains("DISAGREE first at step 3 in ∂L/∂w"))
    #expect(launched.output.contains("1 of 2 diverged."))
  }

  @Test func `When nobody answers every reason is given`() async throws {
    let folder = try ScratchFolder()
    // The scratch folder is taken away, so that hand-gradients cannot answer either.
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--steps", "2", "--with", "exit 4 #", "--time-limit", "1e-9",
      in: folder.url)
    #expect(launched.status == 69)
    #expect(launched.output == "")
    #expect(launched.errorLines.count == 2)
    #expect(launched.errors.contains("hand-gradients: did not end within"))
  }

  // MARK: Hanging

  /// Whether a process whose id a program wrote down goes on. What has ended and waits to be noticed does not, and what was ended may take
  /// a while on a busy machine.
  private func isRunning(_ file: String, in folder: ScratchFolder) async throws -> Bool {
    let id = try String(contentsOfFile: folder.path(file), encoding: .utf8).trimmingCharacters(
      in: .whitespacesAndNewlines)
    for _ in 0..<1000 {
      guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
        !status.contains(") Z ")
      else { return false }
      try await Task.sleep(for: .milliseconds(20))
    }
    return true
  }

  @Test(arguments: [
    "echo $$ > id; sleep 60", "echo $$ > id; trap '' TERM INT HUP; while true; do sleep 1; done",
    "sleep 60 & echo $! > id; wait", "setsid sh -c 'echo $$ > id; exec sleep 60'",
    "setsid sh -c 'trap \"\" TERM; echo $$ > id; exec sleep 60' & sleep 60",
  ])
  func `That hangs is stopped with all it started`(body: String) async throws {
    let folder = try ScratchFolder()
    try folder.write("", to: "tmp/x")
    let launched = try await failing(body, "--time-limit", "4", in: folder)
    #expect(launched.status == 69)
    #expect(launched.errors.contains("sh program.sh: did not end within 4 s; it was stopped"))
    #expect(try await !isRunning("id", in: folder))
    #expect(folder.names(in: "tmp") == ["x"])
  }

  @Test(arguments: ["sleep 60 & echo $! > id", "setsid sh -c 'echo $$ > id; exec sleep 60' &"])
  func `That leaves something running has answered, and nothing is left`(body: String) async throws {
    let folder = try ScratchFolder()
    let launched = try await failing(
      "\(body)\nwhile ! [ -s id ]; do sleep 0.05; done; good \"$@\"", in: folder)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(try await !isRunning("id", in: folder))
  }

  // MARK: Interrupting

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func `That runs when the workbench is interrupted ends, and nothing is kept`(signal: Int32, status: Int32)
    async throws
  {
    let folder = try ScratchFolder()
    try folder.write("", to: "tmp/x")
    // It would outlast all other tests, which may keep this one waiting.
    try folder.write("echo $$ > id.part; mv id.part id; sleep 3600", to: "program.sh")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: builtProgram("workbench"))
    process.arguments = [
      "compare", "hand-gradients", "--steps", "2", "--with", "sh program.sh", "--output", "kept",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path("tmp")]) { $1 }
    process.currentDirectoryURL = folder.url
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    while !folder.names().contains("id"), process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    kill(process.processIdentifier, signal)
    let said = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == status)
    #expect(String(decoding: said, as: UTF8.self).hasSuffix("workbench: interrupted\n"))
    #expect(try await !isRunning("id", in: folder))
    #expect(folder.names() == ["id", "program.sh", "tmp"])
    #expect(folder.names(in: "tmp") == ["x"])
  }
}
