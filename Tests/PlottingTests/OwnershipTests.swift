import Foundation
import Testing

@testable import Plotting

@Suite("What a figure may replace")
struct OwnershipTests {
  func change(_ figure: Figure) -> Figure {
    var changed = figure
    changed.title = "Changed"
    return changed
  }

  @Test("Its own files are replaced, all together")
  func own() throws {
    try withFolder { folder throws in
      let renderer = renderer()
      _ = try renderer.render(sample(), as: [.svg, .png], into: folder)
      let png = try Data(contentsOf: folder.appending(path: "sample.png"))
      let rendered = try renderer.render(change(sample()), as: [.svg], into: folder)
      #expect(rendered.files.map(\.pathExtension) == ["gp", "dat", "svg", "png"])
      #expect(try text(of: folder.appending(path: "sample.svg")).contains("Changed"))
      #expect(try Data(contentsOf: folder.appending(path: "sample.png")) != png)
    }
  }

  @Test("A picture that was removed is not drawn again unasked")
  func removed() throws {
    try withFolder { folder throws in
      _ = try renderer().render(sample(), as: [.svg, .png], into: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "sample.png"))
      _ = try renderer().render(sample(), as: [.pdf], into: folder)
      #expect(try names(in: folder) == ["sample.dat", "sample.gp", "sample.pdf", "sample.svg"])
    }
  }

  @Test(
    "A file that someone else made stays, and is named", arguments: ["sample.gp", "sample.dat", "sample.svg"])
  func foreign(_ name: String) throws {
    try withFolder { folder throws in
      let file = folder.appending(path: name)
      try Data("mine\n".utf8).write(to: file)
      let error = try #require(throws: PlottingError.self) { try renderer().render(sample(), into: folder) }
      #expect(error.description.contains(file.path(percentEncoded: false)))
      guard case .notOurs = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try names(in: folder) == [name])
      #expect(try text(of: file) == "mine\n")
    }
  }

  @Test("A foreign picture beside the figure's own files stays too")
  func foreignPicture() throws {
    try withFolder { folder throws in
      _ = try renderer().render(sample(), as: [.svg], into: folder)
      let png = folder.appending(path: "sample.png")
      try Data("mine\n".utf8).write(to: png)
      _ = try renderer().render(change(sample()), as: [.svg], into: folder)
      #expect(try text(of: png) == "mine\n")
      #expect(throws: PlottingError.self) { try renderer().render(sample(), as: [.png], into: folder) }
      #expect(try text(of: png) == "mine\n")
    }
  }

  @Test("A script or data file that was edited stays", arguments: ["sample.gp", "sample.dat"])
  func edited(_ name: String) throws {
    try withFolder { folder throws in
      _ = try renderer().render(sample(), into: folder)
      let file = folder.appending(path: name)
      try Data((text(of: file) + "# my note\n").utf8).write(to: file)
      let before = try text(of: file)
      let error = try #require(throws: PlottingError.self) {
        try renderer().render(change(sample()), into: folder)
      }
      #expect(error.description.contains("changed since"))
      #expect(try text(of: file) == before)
      #expect(try !text(of: folder.appending(path: "sample.svg")).contains("Changed"))
    }
  }

  @Test("Another figure's script under this name, a link and a folder stay")
  func others() throws {
    try withFolder { folder throws in
      _ = try renderer().render(sample("other"), into: folder)
      try FileManager.default.moveItem(
        at: folder.appending(path: "other.gp"), to: folder.appending(path: "sample.gp"))
      #expect(throws: PlottingError.self) { try renderer().render(sample(), into: folder) }
      try FileManager.default.removeItem(at: folder.appending(path: "sample.gp"))
      try FileManager.default.createDirectory(
        at: folder.appending(path: "sample.dat"), withIntermediateDirectories: false)
      #expect(throws: PlottingError.self) { try renderer().render(sample(), into: folder) }
      try FileManager.default.removeItem(at: folder.appending(path: "sample.dat"))
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "sample.svg").path(percentEncoded: false),
        withDestinationPath: "nowhere")
      #expect(throws: PlottingError.self) { try renderer().render(sample(), into: folder) }
      #expect(try names(in: folder) == ["other.dat", "other.svg", "sample.svg"])
    }
  }

  @Test("A drawing that fails leaves the files of the one before")
  func failure() throws {
    try withFolder { folder throws in
      _ = try renderer().render(sample(), into: folder)
      let before = try names(in: folder).map { try Data(contentsOf: folder.appending(path: $0)) }
      #expect(throws: PlottingError.self) {
        try renderer(theme: brokenTheme).render(change(sample()), into: folder)
      }
      #expect(try names(in: folder).map { try Data(contentsOf: folder.appending(path: $0)) } == before)
    }
  }

  @Test("A folder that cannot be is reported with its path")
  func impossibleFolder() throws {
    try withFolder { folder throws in
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      let inside = file.appending(path: "inside")
      let error = try #require(throws: PlottingError.self) { try renderer().render(sample(), into: inside) }
      #expect(error.description.contains(inside.path(percentEncoded: false)))
      #expect(throws: PlottingError.self) {
        try renderer().render(sample(), into: folder.appending(path: "a\nb"))
      }
    }
  }
}
