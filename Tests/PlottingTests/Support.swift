import Foundation

@testable import Plotting

/// A new empty folder, removed when `body` has ended.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "plotting-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The names of everything in a folder, hidden files included.
func names(in folder: URL) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
}

func text(of file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

/// Runs a program to its end; returns its exit status and what it wrote on standard error.
@discardableResult
func run(_ program: String, _ arguments: [String], in folder: URL) throws -> (status: Int32, errors: String) {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.currentDirectoryURL = folder
  // gnuplot reads a script as UTF-8 without a remark only where the locale is one of UTF-8.
  process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
  let errors = Pipe()
  process.standardError = errors
  try process.run()
  let written = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: written, as: UTF8.self))
}

/// A shell script that stands in for gnuplot; its path.
///
/// A shell writes it: a file this process had open for writing might still be open in a child another test has just
/// forked, and could not be executed then.
func impostor(_ body: String, in folder: URL) throws -> String {
  let name = "impostor-\(UUID().uuidString)"
  try run(
    "sh", ["-c", "printf '%s\\n' '#!/bin/sh' \"$1\" > \"$2\" && chmod +x \"$2\"", "sh", body, name],
    in: folder)
  return folder.appending(path: name).path(percentEncoded: false)
}

/// A renderer with the real gnuplot and time enough for a busy machine.
func renderer(theme: Theme = .standard) -> FigureRenderer {
  FigureRenderer(theme: theme, program: "gnuplot", timeLimit: .seconds(300))
}

/// A small figure with a series of points.
func sample(_ name: String = "sample") -> Figure {
  Figure(
    name: name, title: "A sample", x: Axis("x"), y: Axis("y"),
    series: [Series("squares", .points(x: [1, 2, 3], y: [1, 4, 9]))])
}

/// The standard theme with a colour that gnuplot does not know, which the drawing itself will stumble over.
var brokenTheme: Theme {
  var theme = Theme.standard
  theme.inks = [Theme.Ink(color: "no such colour", dashes: "solid", marker: 7)]
  return theme
}
