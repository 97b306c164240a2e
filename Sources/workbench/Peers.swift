import Experiment
import Foundation

/// The same problem solved with the real libraries, by scripts of this project in `scripts/peers`.
enum Peers {
  /// A script and the Python package without which it cannot run.
  private static let scripts = [
    ("numpy_hand.py", "numpy"), ("torch_autograd.py", "torch"), ("torch_nn.py", "torch"),
    ("tensorflow_session.py", "tensorflow"),
  ]

  /// The scripts that can run here, and for each of the others a line that says what is missing. Python is
  /// `python3`, or the program that the environment variable `WORKBENCH_PYTHON` names. Throws an unavailable
  /// failure if there is no Python, or no script.
  static func available() throws(Failure) -> (found: [Participant], missing: [String]) {
    guard let folder = Installation.find("scripts/peers") else {
      throw .unavailable(
        "--with-peers: the folder scripts/peers is not found; run the workbench from its checkout")
    }
    let python = ProcessInfo.processInfo.environment["WORKBENCH_PYTHON"] ?? "python3"
    let installed = try packages(python)
    var found = [Participant]()
    var missing = [String]()
    for (script, package) in scripts {
      let path = folder.appendingPathComponent(script).path
      if !installed.contains(package) {
        missing.append(
          "\(script) does not take part: \(python) has no package \(package) (\(python) -m pip install \(package))"
        )
      } else if FileManager.default.fileExists(atPath: path) {
        found.append(
          Participant(
            name: script, command: .executable(path: "/usr/bin/env", arguments: [python, path]),
            takesNameFromTrace: true))
      } else {
        missing.append("\(script) does not take part: there is no \(path)")
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
      ] + Set(scripts.map(\.1)).sorted()
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
