import Experiment
import Foundation

/// The same problem solved with the real libraries, by scripts of this project in `scripts/peers`.
enum Peers {
  /// A script and the Python package without which it cannot run.
  static let scripts: [(name: String, package: String)] = [
    ("numpy_hand.py", "numpy"), ("torch_autograd.py", "torch"), ("torch_nn.py", "torch"),
    ("tensorflow_session.py", "tensorflow"),
  ]

  /// Those that only take part in measurements: they take many seconds to get ready. They are told how many threads to use.
  static let measured: [(name: String, package: String)] = [("torch_compile.py", "torch")]

  /// The Python that runs them: `python3`, or what the environment variable `WORKBENCH_PYTHON` names.
  static var python: String { ProcessInfo.processInfo.environment["WORKBENCH_PYTHON"] ?? "python3" }

  /// The script of that name, to be run by `python`, told to use so many `threads` unless it chooses itself. Throws an unavailable
  /// failure if it is not there.
  static func participant(_ script: String, threads: Int? = nil) throws(Failure) -> Participant {
    guard let path = Installation.find("scripts/peers/\(script)")?.path else {
      throw .unavailable("there is no scripts/peers/\(script) above \(Installation.executableDirectory.path)")
    }
    let arguments = [python, path] + (threads.map { ["--threads", "\($0)"] } ?? [])
    return Participant(
      name: script, command: .executable(path: "/usr/bin/env", arguments: arguments),
      takesNameFromTrace: true, threads: threads)
  }

  /// The scripts that calculate every gradient themselves and know plain gradient descent alone.
  private static let plain: Set = ["numpy_hand.py", "torch_compile.py"]

  /// The scripts that can run here with `optimizer`, with those that only take part in measurements once for each number of
  /// `measuredThreads`, and for each of the others a line that says what is missing. Throws an unavailable failure if there is no
  /// Python, or no script.
  static func available(
    offering optimizer: OptimizerChoice = .gradientDescent, measuredThreads: [Int] = []
  ) throws(Failure) -> (found: [Participant], missing: [String]) {
    guard Installation.find("scripts/peers") != nil else {
      throw .unavailable(
        "--with-peers: the folder scripts/peers is not found; run the workbench from its checkout")
    }
    let installed = try packages(python)
    var found = [Participant]()
    var missing = [String]()
    let candidates: [(script: String, package: String, threads: [Int?])] =
      scripts.map { ($0.name, $0.package, [nil]) }
      + (measuredThreads.isEmpty ? [] : measured.map { ($0.name, $0.package, measuredThreads) })
    for (script, package, threads) in candidates {
      if optimizer != .gradientDescent, plain.contains(script) {
        missing.append(
          "\(script) does not offer \(optimizer.rawValue); it offers \(OptimizerChoice.gradientDescent.rawValue)"
        )
      } else if installed.contains(package) {
        for count in threads { found.append(try participant(script, threads: count)) }
      } else {
        missing.append(
          "\(script) does not take part: \(python) has no package \(package) (\(python) -m pip install \(package))"
        )
      }
    }
    return (found, missing)
  }

  /// Which of the packages Python could import. Asks without importing, which for TensorFlow takes many
  /// seconds.
  private static func packages(_ python: String) throws(Failure) -> Set<String> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [
        python, "-c",
        "import importlib.util as u, sys; print(' '.join(p for p in sys.argv[1:] if u.find_spec(p)))",
      ] + Set((scripts + measured).map(\.package)).sorted()
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw .unavailable("--with-peers: \(python) cannot be started: \(error.localizedDescription)")
    }
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw .unavailable(
        "--with-peers: \(python) does not run; install Python 3, or name one with WORKBENCH_PYTHON")
    }
    return Set(String(decoding: answer, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init))
  }
}
