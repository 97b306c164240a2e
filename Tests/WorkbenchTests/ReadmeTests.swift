import Figures
import Foundation
import Testing

@testable import workbench

@Suite struct `The readme` {
  private static func readme() throws -> (text: String, folder: URL) {
    let gallery = try #require(Installation.find("plots/gallery"))
    let folder = gallery.deletingLastPathComponent().deletingLastPathComponent()
    return (try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8), folder)
  }

  @Test func `Shows and links only what is there`() throws {
    let (text, folder) = try Self.readme()
    let links = text.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }.filter { !$0.contains("://") }
    #expect(links.count >= 10)
    for link in links {
      #expect(FileManager.default.fileExists(atPath: folder.appendingPathComponent(link).path), "\(link)")
    }
  }

  @Test func `Names commands that there are`() async throws {
    let (text, _) = try Self.readme()
    let help = try await LaunchedProgram.workbench("--help").output
    let named = Set(text.matches(of: /\n\| `([a-z]+)/).map { String($0.1) })
    #expect(named.isSuperset(of: ["compare", "diff", "figures", "lesson", "bench", "doctor"]))
    for command in named.intersection(["compare", "diff", "figures", "lesson", "bench", "doctor", "graph"]) {
      #expect(help.contains("  \(command) "), "\(command)")
    }
  }

  @Test(.enabled(if: `The Python peers`.hasPython)) func `Its ten lines of Python take part`() async throws {
    let (text, _) = try Self.readme()
    let program = try #require(text.firstMatch(of: /```python\n([\s\S]*?)```/)).1
    let folder = try ScratchFolder()
    try folder.write(String(program), to: "mine.py")
    let launched = try await LaunchedProgram.workbench(
      "compare", "hand-gradients", "--with", "\(Peers.python) mine.py", in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    #expect(launched.output.contains("\nB  mine "))
    #expect(launched.output.contains("A–B  within "))
    #expect(launched.output.contains("Both agree in every step."))
  }
}
