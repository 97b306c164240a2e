import ArgumentParser
import Experiment
import Foundation

/// `workbench bench`: how long one training step takes each program, over problems of many sizes.
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the time of one training step, for all approaches and many sizes.",
    discussion: """
      The programs take turns (A B C A B C …), so that what else the machine does meets all of them alike; compare \
      numbers of one run only. Each measures its own steps, without starting and reading. The static graph takes part \
      interpreted and as machine code ("static-graph native"), on one thread and on two, as does torch.compile. From a \
      million points on, reading the data once takes its turn, too: how long memory needs. The Python peers take part \
      where their packages are installed.

      Interrupted, it reports the rounds that are whole by then.

      With --operations it measures single operations instead, in this library, NumPy and PyTorch, on one thread and \
      on two.
      """)

  @Argument(
    help: ArgumentHelp(
      "Which approaches, or with --operations which operations; all if none is named.", valueName: "name"))
  var approaches: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The numbers of points; 100, 1000, … 10000000 if not given.", valueName: "n"))
  var points: [Int] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How often each program is measured at each size; 5 if not given.", valueName: "n"))
  var repeats: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long each program measures each time, at most.", valueName: "seconds"))
  var timing = 0.1

  @Flag(help: "Measure single operations instead of training steps.")
  var operations = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "On how many threads the static graph and torch.compile, or with --operations each operation; 1 and 2 if not given.",
      valueName: "n"))
  var threads: [Int] = []

  @Option(help: "The type to calculate in: float64 or float32; if not given float64, with --operations both.")
  var dtype: Precision?

  @Flag(help: "Only up to 10000 points, and only twice.")
  var quick = false

  @Flag(help: "Leave the Python peers out.")
  var withoutPeers = false

  @Option(help: "What to print: text, json or csv.")
  var format = Compare.OutputFormat.text

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long each program may take each time.", valueName: "seconds"))
  var timeLimit = 600.0

  func run() async throws {
    let status = try await Interruption.guarding {
      operations ? try await measureOperations() : try await measure()
    }
    if let status { throw ExitCode(status.rawValue) }
  }

  /// Measures and prints; returns what the exit status must say, nil if every program answered every time.
  private func measure() async throws -> Failure.Kind? {
    let sizes = try chosenSizes()
    let rounds = try chosenRounds()
    let dtype = dtype ?? .float64
    let threads = try chosenThreads()
    guard timeLimit > 0, timeLimit <= 1e6 else {
      throw Failure.usage("--time-limit is \(timeLimit); a number of seconds above 0 is needed")
    }
    let measurement = BenchMeasurement(
      participants: try chosenParticipants(threads), sizes: sizes, rounds: rounds, dtype: dtype,
      threads: threads, timing: timing, timeLimit: .seconds(timeLimit))
    warnOfDebugBuild()
    let outcome = try await measurement.run()
    for message in outcome.notes { note(message) }
    for dropout in outcome.dropouts { note(dropout.failure.message) }
    if let interruption = outcome.interruption { note("interrupted \(interruption)") }
    let failure = outcome.dropouts.first?.failure.kind
    guard !outcome.results.isEmpty else { return failure ?? .unavailable }
    let report = BenchReport(
      results: outcome.results, rounds: rounds, dtype: dtype, interruption: outcome.interruption,
      machine: .here)
    switch format {
    case .text: try Terminal.print(report.text(Style(isOn: Terminal.usesColour)))
    case .json: try Terminal.print(report.json)
    case .csv: try Terminal.print(report.csv)
    }
    return failure
  }

  /// Measures single operations and prints their times.
  private func measureOperations() async throws -> Failure.Kind? {
    let known = OperationCase.elementwise + OperationCase.matrices
    for name in approaches where !known.contains(name) {
      throw Failure.usage("there is no operation \"\(name)\"; there are \(known.joined(separator: ", "))")
    }
    guard points.isEmpty else { throw Failure.usage("--points does not go with --operations") }
    let threads = try chosenThreads()
    let rounds = try chosenRounds()
    let measurement = OperationMeasurement(
      cases: OperationCase.all(
        approaches.isEmpty ? known : approaches, dtypes: dtype.map { [$0] } ?? [.float64, .float32],
        threads: threads, quick: quick),
      rounds: rounds, seconds: timing, withPeers: !withoutPeers)
    warnOfDebugBuild()
    let outcome = try await measurement.run()
    for message in outcome.notes { note(message) }
    if let interruption = outcome.interruption { note("interrupted \(interruption)") }
    guard !outcome.results.isEmpty else { return .unavailable }
    let report = OperationReport(
      participants: outcome.participants, results: outcome.results, rounds: rounds,
      interruption: outcome.interruption, machine: .here)
    switch format {
    case .text: try Terminal.print(report.text(Style(isOn: Terminal.usesColour)))
    case .json: try Terminal.print(report.json)
    case .csv: try Terminal.print(report.csv)
    }
    return nil
  }

  private func chosenRounds() throws(Failure) -> Int {
    let rounds = repeats ?? (quick ? 2 : 5)
    guard rounds > 0, rounds <= 1000 else {
      throw .usage("--repeats is \(rounds); between 1 and 1000 are needed")
    }
    guard timing > 0, timing <= 3600 else {
      throw .usage("--timing is \(timing); a number of seconds above 0 and up to 3600 is needed")
    }
    return rounds
  }

  private func chosenThreads() throws(Failure) -> [Int] {
    for count in threads where count < 1 || count > 256 {
      throw .usage("--threads is \(count); between 1 and 256 are needed")
    }
    return threads.isEmpty ? [1, 2] : threads
  }

  private func warnOfDebugBuild() {
    #if DEBUG
      note("this is a debug build, tens of times slower than swift run -c release workbench bench")
    #endif
  }

  private func chosenSizes() throws(Failure) -> [Int] {
    guard points.isEmpty else {
      for count in points where count < 1 { throw .usage("--points is \(count); at least 1 is needed") }
      return points
    }
    return (quick ? 2...4 : 2...7).map { exponent in (0..<exponent).reduce(1) { product, _ in product * 10 } }
  }

  private func chosenParticipants(_ threads: [Int]) throws -> [Participant] {
    let known = Participant.approachNames
    for name in approaches where !known.contains(name) {
      throw Failure.usage("there is no approach \"\(name)\"; there are \(known.joined(separator: ", "))")
    }
    var participants = [Participant]()
    for name in approaches.isEmpty ? known : approaches {
      for count in Participant.choosesThreads(name) ? threads : [] {
        participants.append(try .approach(name, threads: count, timing: timing))
      }
      if !Participant.choosesThreads(name) { participants.append(try .approach(name, timing: timing)) }
    }
    if !withoutPeers {
      do {
        let (found, missing) = try Peers.available(measuredThreads: threads)
        participants += found
        for message in missing { note(message) }
      } catch {
        // Without Python nobody is missed who could have come.
        note(error.message)
      }
    }
    return participants
  }

  private func note(_ message: String) {
    FileHandle.standardError.write(Data("workbench: \(message)\n".utf8))
  }
}
