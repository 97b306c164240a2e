import Experiment
import Foundation

/// One thing that `workbench bench --operations` measures: an operation, on so many elements or rows, in one dtype and form.
struct OperationCase: Equatable, Sendable {
  var operation: String
  var dtype: Precision
  var size: Int
  /// Whether the result is written into an array that is there already; otherwise each call makes one.
  var reusesResult: Bool
  var threads: Int

  /// Operations on `size` elements; all others work on matrices of `size` × `size`.
  static let elementwise = ["add", "mul", "exp", "log", "tanh", "sin", recorded]
  /// One operation of a chain that is recorded and differentiated: its part of the forward and of the backward pass.
  static let recorded = "recorded"
  static let matrices = [
    "sum", "sum-rows", "sum-columns", "softmax", "transpose-copy", "add-row", "add-column", "add-scalar",
    "matmul",
  ]

  /// The number of elements or the shape: `100000`, `1000×1000`.
  var extent: String { Self.elementwise.contains(operation) ? "\(size)" : "\(size)×\(size)" }

  /// What a participant reads.
  func request(seconds: Double) -> String {
    "\(operation) \(dtype.rawValue) \(size) \(reusesResult ? "out" : "new") \(seconds)"
  }

  /// All cases of these operations, small ones first.
  static func all(_ operations: [String], dtypes: [Precision], threads: [Int], quick: Bool) -> [OperationCase]
  {
    var cases = [OperationCase]()
    for operation in operations {
      let isElementwise = elementwise.contains(operation)
      for dtype in dtypes {
        for size in sizes(operation, quick) {
          for count in threads {
            for reuses in operation == recorded ? [false] : isElementwise ? [true, false] : [true] {
              cases.append(
                OperationCase(
                  operation: operation, dtype: dtype, size: size, reusesResult: reuses, threads: count))
            }
          }
        }
      }
    }
    return cases
  }

  private static func sizes(_ operation: String, _ quick: Bool) -> [Int] {
    switch operation {
    case recorded: quick ? [100] : [1, 100, 10_000]
    case "matmul": quick ? [128] : [128, 512, 1024]
    case _ where elementwise.contains(operation): quick ? [100, 100_000] : [100, 100_000, 10_000_000]
    default: quick ? [1000] : [1000, 3000]
    }
  }
}

/// The times of one participant in one case.
struct OperationResult: Equatable, Sendable {
  var operation: OperationCase
  var program: String
  /// The time of one call, one number per round, each the median of many calls.
  var nanoseconds: [Double]

  var median: Double { nanoseconds.median }
  var least: Double { nanoseconds.min() ?? .nan }
  var most: Double { nanoseconds.max() ?? .nan }
}

extension [Double] {
  /// The middle one, or the mean of the two in the middle; NaN for none.
  var median: Double {
    guard !isEmpty else { return .nan }
    let ordered = sorted()
    return count % 2 == 1 ? ordered[count / 2] : (ordered[count / 2 - 1] + ordered[count / 2]) / 2
  }
}

/// Lets this library, NumPy and PyTorch take turns at each case.
struct OperationMeasurement: Sendable {
  let cases: [OperationCase]
  let rounds: Int
  let seconds: Double
  let withPeers: Bool

  /// Who took part, with versions; what they needed; and what somebody should know.
  struct Outcome: Sendable {
    var participants: [(name: String, details: String)] = []
    var results: [OperationResult] = []
    var notes: [String] = []
    /// Where it was interrupted, if it was: `after 2 of 5 rounds of add 100`.
    var interruption: String?
  }

  /// Every case with every participant in every round; when the task is cancelled, the rounds that were whole by then. Throws an
  /// unavailable failure when this library's own program does not answer.
  func run() async throws -> Outcome {
    let progress = Progress()
    var outcome = Outcome()
    var numbers = [Int]()
    for threads in cases.map(\.threads) where !numbers.contains(threads) { numbers.append(threads) }
    for threads in numbers where outcome.interruption == nil {
      await progress.begin("starting the participants with \(threads) threads")
      let participants = try Self.participants(threads: threads, withPeers: withPeers, &outcome.notes)
      defer { for participant in participants { participant.end() } }
      if outcome.participants.isEmpty {
        outcome.participants = participants.map { ($0.name, $0.details) }
      }
      for operation in cases where operation.threads == threads {
        let whole = try await measure(operation, participants, progress, &outcome)
        if whole < rounds {
          outcome.interruption =
            "after \(whole) of \(rounds) rounds of \(operation.operation) \(operation.extent)"
          break
        }
      }
    }
    await progress.end()
    return outcome
  }

  /// All rounds of one case; returns how many were whole when the task was cancelled.
  private func measure(
    _ operation: OperationCase, _ participants: [OperationParticipant], _ progress: Progress,
    _ outcome: inout Outcome
  ) async throws -> Int {
    var times = [[Double]](repeating: [], count: participants.count)
    var sums = [Double?](repeating: nil, count: participants.count)
    var whole = 0
    rounds: for round in 1...rounds {
      for (index, participant) in participants.enumerated() where round == 1 || sums[index] != nil {
        await progress.begin(
          "\(operation.operation) \(operation.extent), round \(round) of \(rounds): \(participant.name)")
        let answer = participant.ask(operation.request(seconds: seconds))
        if Task.isCancelled { break rounds }
        switch answer {
        case .time(let nanoseconds, let sum):
          times[index].append(nanoseconds)
          sums[index] = sum
        case .none: break
        case .ended:
          if index == 0 { throw Failure.unavailable("operation-bench: ended at \(operation.operation)") }
          outcome.notes.append("\(participant.name): ended at \(operation.operation); it is left out")
          participants[index].hasEnded = true
        }
      }
      whole = round
    }
    for (index, participant) in participants.enumerated() {
      let nanoseconds = Array(times[index].prefix(whole))
      if nanoseconds.isEmpty { continue }
      outcome.results.append(
        OperationResult(operation: operation, program: participant.name, nanoseconds: nanoseconds))
      if let own = sums[0], let sum = sums[index], !Self.agree(own, sum) {
        outcome.notes.append(
          "\(operation.operation) \(operation.extent): \(participant.name) computes another result (\(sum), not \(own))"
        )
      }
    }
    return whole
  }

  /// Sums of up to 10⁷ elements of float32, in whatever order.
  static func agree(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-4 * max(abs(a), abs(b)) }

  private static func participants(
    threads: Int, withPeers: Bool, _ notes: inout [String]
  ) throws -> [OperationParticipant] {
    let own = Installation.executableDirectory.appendingPathComponent("operation-bench").path
    var participants = [try OperationParticipant([own, "--threads", "\(threads)"], threads: threads)]
    guard withPeers, let script = Installation.find("scripts/peers/operations.py")?.path else {
      return participants
    }
    for library in ["numpy", "torch"] {
      do {
        participants.append(
          try OperationParticipant(
            [Peers.python, "-B", script, "--library", library, "--threads", "\(threads)"], threads: threads))
      } catch let failure as Failure where !notes.contains(failure.message) {
        notes.append(failure.message)
      } catch _ as Failure {}
    }
    return participants
  }
}
