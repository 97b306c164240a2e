import Figures
import Foundation
import Testing

@testable import workbench

@Suite struct `The gallery` {
  private static let gallery = Installation.find("plots/gallery")

  @Test func `Scripts and numbers are those that are drawn today`() async throws {
    let gallery = try #require(Self.gallery)
    let folder = try ScratchFolder()
    let launched = try await LaunchedProgram.workbench("figures", "--output", "drawn", in: folder.url)
    #expect(launched.status == 0, "\(launched.errors)")
    let drawn = folder.names(in: "drawn")
    let kept = try FileManager.default.contentsOfDirectory(atPath: gallery.path).sorted()
    #expect(kept == drawn, "draw it again with: workbench figures --output plots/gallery")
    for name in drawn where !name.hasSuffix(".svg") {
      let today = try String(contentsOfFile: folder.path("drawn/\(name)"), encoding: .utf8)
      let then = try String(contentsOf: gallery.appendingPathComponent(name), encoding: .utf8)
      #expect(today == then, "\(name) has changed: workbench figures --output plots/gallery draws it again")
    }
  }
}
