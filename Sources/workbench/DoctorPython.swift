import Experiment
import Foundation

/// The Python peers, all optional: each package that is there takes a training step whose result is known.
enum DoctorPython {
  private static let packages = [("NumPy", "numpy"), ("PyTorch", "torch"), ("TensorFlow", "tensorflow")]

  @Sendable static func examine() async -> [Diagnosis] {
    let python = Peers.python
    let question = """
      import importlib.util as u, os, sys, sysconfig
      print('.'.join(map(str, sys.version_info[:3])))
      print(*[p for p in sys.argv[1:] if u.find_spec(p)])
      managed = os.path.exists(os.path.join(sysconfig.get_path('stdlib'), 'EXTERNALLY-MANAGED'))
      print('managed' if managed and sys.prefix == sys.base_prefix else 'free')
      """
    guard let answer = await DoctorProbe.run(python, ["-c", question] + packages.map(\.1)), answer.succeeded
    else {
      return [
        .missing(
          "Python", required: false, trial: "\(python) does not start; only the peers need it",
          mend: DoctorProbe.install("python3", "python3-venv"))
      ]
    }
    let lines = answer.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let installed = Set(lines[1].split(separator: " ").map(String.init))
    let missing = packages.map(\.1).filter { !installed.contains($0) }
    let mend = mend(python, missing: missing, isManaged: lines[2] == "managed")
    var diagnoses = [
      Diagnosis.works(
        "Python", required: false, version: lines[0], trial: "\(python) answered; only the peers need it")
    ]
    for (name, package) in packages {
      diagnoses.append(
        installed.contains(package)
          ? await peers(name, package: package, mend: "\(python) -m pip install --force-reinstall \(package)")
          : .missing(name, required: false, trial: "\(python) has no package \(package)", mend: mend))
    }
    return diagnoses
  }

  /// The command that installs the missing packages. A Python that the system manages takes none; there a virtual
  /// environment does.
  private static func mend(_ python: String, missing: [String], isManaged: Bool) -> String {
    let packages = missing.joined(separator: " ")
    return isManaged
      ? "\(python) -m venv .venv && .venv/bin/pip install \(packages) && export WORKBENCH_PYTHON=$PWD/.venv/bin/python"
      : "\(python) -m pip install \(packages)"
  }

  /// Lets each script that uses `package` take one step from w = b = 0 with η = ¼ over the points (0, 2) and (1, 5). By
  /// hand: r = (−2, −5), L = 14½, ∂L/∂w = −5, ∂L/∂b = −7, w = 1¼, b = 1¾; all of them are exact.
  private static func peers(_ name: String, package: String, mend: String) async -> Diagnosis {
    var version: String?
    do {
      let problem = try Problem(x: [0, 1], y: [2, 5], w0: 0, b0: 0, learningRate: 0.25, steps: 1)
      let expected = Step(loss: 14.5, dw: -5, db: -7, w: 1.25, b: 1.75)
      let workspace = try Workspace(output: nil)
      defer { workspace.remove() }
      try problem.write(to: workspace.path("problem.json"))
      let start = ContinuousClock.now
      for script in Peers.scripts where script.package == package {
        let trace = try await ProgramRun.trace(
          of: try Peers.participant(script.name), problem: problem,
          problemPath: workspace.path("problem.json"),
          tracePath: workspace.path("trace.tsv"), timeLimit: .seconds(120))
        version = trace.versions.first { $0.hasPrefix(package) }.map {
          String($0.dropFirst(package.count + 1))
        }
        guard trace.steps == [expected] else {
          return .fails(
            name, required: false, version: version,
            trial: "\(script.name) takes a wrong step: \(trace.steps.first.map { "\($0)" } ?? "none")",
            mend: mend)
        }
      }
      let time = (ContinuousClock.now - start).brief
      return .works(
        name, required: false, version: version, trial: "took a training step as it should in \(time)")
    } catch {
      return .fails(name, required: false, version: version, trial: "\(error)", mend: mend)
    }
  }
}
