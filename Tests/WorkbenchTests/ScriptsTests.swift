import Foundation
import Testing

/// The two commands, run with a PATH in which everything is a stand-in that says it was called.
@Suite struct `The scripts` {
  @Test func `Nothing missing: the tests are run and nothing is installed`() async throws {
    let system = try StandInSystem()
    let result = try await system.run("scripts/test", ["--filter", "Some thing"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(system.calls == ["swift test --package-path \(packageFolder.path) --filter Some thing"])
  }

  @Test func `Only what is missing is installed, and said`() async throws {
    let system = try StandInSystem(without: ["gnuplot"])
    let result = try await system.run("scripts/test")
    #expect(result.status == 0)
    #expect(result.errors == "Installing gnuplot-nox\n")
    #expect(
      system.calls == [
        "apt-get -o DPkg::Lock::Timeout=120 update -qq",
        "apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends gnuplot-nox",
        "swift test --package-path \(packageFolder.path)",
      ])
  }

  @Test func `Who is not root installs by sudo`() async throws {
    let system = try StandInSystem(without: ["dot"], isRoot: false)
    let result = try await system.run("scripts/test")
    #expect(result.status == 0)
    #expect(
      system.calls.filter { $0.contains("apt-get") } == [
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 update -qq",
        "apt-get -o DPkg::Lock::Timeout=120 update -qq",
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq "
          + "--no-install-recommends graphviz",
        "apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends graphviz",
      ])
  }

  @Test func `Neither root nor sudo: says what root must run`() async throws {
    let system = try StandInSystem(without: ["dot", "sudo"], isRoot: false)
    let result = try await system.run("scripts/test")
    #expect(result.status == 69)
    #expect(
      result.errors
        == "test: neither root nor sudo: run 'apt-get install --no-install-recommends graphviz' as root.\n")
  }

  @Test(arguments: ["scripts/test", "scripts/run"])
  func `Without Swift a sentence says what to install`(script: String) async throws {
    let system = try StandInSystem(without: ["swift"])
    let result = try await system.run(script)
    #expect(result.status == 69)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("Swift is missing: install Swift 6.2 or newer from https://www.swift.org"))
    #expect(system.calls == [])
  }

  @Test(arguments: ["scripts/test", "scripts/run"])
  func `Without apt a sentence says what to install`(script: String) async throws {
    let system = try StandInSystem(without: ["apt-get", "gnuplot", "fc-list"])
    let result = try await system.run(script)
    #expect(result.status == 69)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("no apt-get"))
    #expect(result.errors.contains("gnuplot-nox fontconfig fonts-wqy-microhei"))
    #expect(system.calls == [])
  }

  @Test func `Without apt, but with everything there, nothing is missed`() async throws {
    let system = try StandInSystem(without: ["apt-get", "sudo"])
    #expect(try await system.run("scripts/test").status == 0)
  }

  @Test func `A failed installation ends it`() async throws {
    let system = try StandInSystem(without: ["gnuplot"], aptFails: true)
    let result = try await system.run("scripts/test")
    #expect(result.status == 69)
    #expect(
      result.errorLines.last == "test: apt-get could not install them: see above, mend it, and try again.")
    #expect(!system.calls.contains { $0.hasPrefix("swift") })
  }

  @Test func `An old Swift is refused`() async throws {
    let system = try StandInSystem(swiftVersion: "5.10.1")
    let result = try await system.run("scripts/test")
    #expect(result.status == 69)
    #expect(result.errors.contains("Swift 5.10.1 is too old: install Swift 6.2 or newer"))
  }

  @Test func `A font without Chinese is not enough`() async throws {
    let system = try StandInSystem(hasChineseFont: false)
    let result = try await system.run("scripts/test")
    #expect(result.errorLines.first == "Installing fonts-wqy-microhei")
  }

  @Test func `The run builds in release, compares, and draws the chapter's figures`() async throws {
    let system = try StandInSystem()
    let result = try await system.run("scripts/run")
    #expect(result.status == 0)
    let root = packageFolder.path
    #expect(
      system.calls == [
        "swift build --package-path \(root) --configuration release --product workbench",
        "swift build --package-path \(root) --configuration release --show-bin-path",
        "workbench compare --output \(root)/results",
        "workbench figures 2.6 2.7 2.8 --output \(root)/results/figures",
      ])
  }

  @Test func `The run passes arguments on and the status back`() async throws {
    let system = try StandInSystem(workbenchStatus: 1)
    let result = try await system.run("scripts/run", ["--mistake", "factor-two"])
    #expect(result.status == 1)
    #expect(
      system.calls.last == "workbench compare --output \(packageFolder.path)/results --mistake factor-two")
  }
}

/// A folder of stand-ins for everything the scripts call, the only one in PATH. Each writes its name and arguments to a list.
private struct StandInSystem {
  private let folder: ScratchFolder
  private static let tools = [
    "awk", "bash", "cat", "dirname", "env", "head", "ldd", "readlink", "sed", "sort",
  ]

  init(
    without missing: Set<String> = [], isRoot: Bool = true, aptFails: Bool = false,
    swiftVersion: String = "6.3.1", hasChineseFont: Bool = true, workbenchStatus: Int = 0
  ) throws {
    folder = try ScratchFolder()
    try folder.write("", to: "calls")
    let search = ["/usr/bin", "/bin", "/usr/local/bin"]
    for tool in Self.tools {
      let found = try #require(
        search.map { "\($0)/\(tool)" }.first { FileManager.default.fileExists(atPath: $0) })
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: "bin"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("bin/\(tool)"), withDestinationPath: found)
    }
    let record = "echo \"${0##*/} $*\" >> '\(folder.path("calls"))'"
    // What apt-get installs appears in PATH.
    let appear = """
      for package in "$@"; do
        case $package in
          gnuplot-nox) name=gnuplot ;;
          graphviz) name=dot ;;
          fonts-wqy-microhei) echo 'echo A Chinese font' >> '\(folder.path("bin/fc-list"))'; continue ;;
          *) continue ;;
        esac
        echo > "${0%/*}/$name"
        /bin/chmod +x "${0%/*}/$name"
      done
      """
    var programs = [
      "swift": """
      [ "$1" = --version ] && { echo "Swift version \(swiftVersion) (a stand-in)"; exit; }
      \(record)
      case $* in *--show-bin-path) echo '\(folder.path("built"))' ;; esac
      """,
      "apt-get": aptFails ? "\(record)\nexit 100" : "\(record)\n\(appear)", "sudo": "\(record)\nexec \"$@\"",
      "id": "echo \(isRoot ? 0 : 1000)", "fc-list": hasChineseFont ? "echo A Chinese font" : "",
    ]
    for name in ["git", "g++", "pkg-config", "gnuplot", "dot"] { programs[name] = "" }
    for (name, text) in programs where !missing.contains(name) { try add("bin/\(name)", text) }
    try add("built/workbench", "\(record)\nexit \(workbenchStatus)")
  }

  private func add(_ name: String, _ text: String) throws {
    try folder.write("#!/bin/bash\n\(text)\n", to: name)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path(name))
  }

  /// Runs a script of the package, from another folder than the package's.
  func run(_ script: String, _ arguments: [String] = []) async throws -> LaunchedProgram {
    try await LaunchedProgram.run(
      packageFolder.appendingPathComponent(script).path, arguments, environment: ["PATH": folder.path("bin")],
      in: folder.url)
  }

  /// What was called, in order.
  var calls: [String] {
    ((try? String(contentsOfFile: folder.path("calls"), encoding: .utf8)) ?? "").split(separator: "\n")
      .map(String.init)
  }
}
