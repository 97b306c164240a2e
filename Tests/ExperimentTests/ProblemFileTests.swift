import Foundation
import Testing

@testable import Experiment

@Suite struct `A problem's file` {
  @Test(arguments: Precision.allCases, Loss.allCases)
  func `Gives back the same problem`(dtype: Precision, loss: Loss) throws {
    let problem = try Problem(
      recipe: Recipe(points: 50, generator: .torch), learningRate: 0.1 + 0.2, steps: 7, loss: loss,
      dtype: dtype, w0: 1.0 / 3)
    let file = try TemporaryFile("problem.json")
    try problem.write(to: file.path)
    #expect(try Problem(contentsOf: file.path) == problem)
    #expect(file.neighbours == ["problem.json"])
  }

  @Test(arguments: OptimizerChoice.allCases)
  func `Names an optimizer, unless it is plain descent`(optimizer: OptimizerChoice) throws {
    let problem = try Problem(recipe: Recipe(points: 3), optimizer: optimizer)
    let file = try TemporaryFile("problem.json")
    try problem.write(to: file.path)
    #expect(try Problem(contentsOf: file.path) == problem)
    let json = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(json.contains("\"optimizer\":\"\(optimizer.rawValue)\"") == (optimizer != .gradientDescent))
    try json.replacing("\"loss\"", with: "\"optimizer\":\"lion\",\"loss\"").replacing(
      "\"optimizer\":\"\(optimizer.rawValue)\",", with: ""
    ).write(toFile: file.path, atomically: true, encoding: .utf8)
    #expect(throws: Failure.self) { try Problem(contentsOf: file.path) }
  }

  @Test func `Numbers that are hard to write come back bit for bit`() throws {
    let problem = try Problem(
      x: [.leastNonzeroMagnitude, -0.0, 1.0.nextUp, 0x1.fffffffffffffp+1023],
      y: [-1e-300, 1e23, .leastNonzeroMagnitude, 0.1],
      w0: -0.0, b0: .leastNormalMagnitude, learningRate: .leastNonzeroMagnitude, steps: 1)
    let file = try TemporaryFile("problem.json")
    try problem.write(to: file.path)
    let read = try Problem(contentsOf: file.path)
    #expect(read.x.map(\.bitPattern) == problem.x.map(\.bitPattern))
    #expect(read.y.map(\.bitPattern) == problem.y.map(\.bitPattern))
    #expect(read.w0.bitPattern == problem.w0.bitPattern)
    #expect(read.fingerprint == problem.fingerprint)
  }

  @Test func `Many points lie in a file of columns beside it`() throws {
    let problem = try Problem(recipe: Recipe(points: 10_001))
    let file = try TemporaryFile("problem.json")
    try problem.write(to: file.path)
    #expect(file.neighbours == ["problem.json", "problem.json.columns"])
    #expect(try Problem(contentsOf: file.path) == problem)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path + ".columns"))
    #expect(bytes.count == 16 * 10_001)
    #expect(Array(bytes.prefix(8)) == [0, 0, 0, 0, 0, 0, 0xf0, 0xbf], "−1 in little-endian float64")
    let json = try String(contentsOfFile: file.path, encoding: .utf8)
    #expect(json.contains("\"columns\":\"problem.json.columns\""))
    #expect(!json.contains("\"x\""))
  }

  @Test func `Ten thousand points still stand in the JSON itself`() throws {
    let file = try TemporaryFile("problem.json")
    try Problem(recipe: Recipe(points: 10_000)).write(to: file.path)
    #expect(file.neighbours == ["problem.json"])
  }

  @Test func `Columns of the wrong length are bad data that names their file`() throws {
    let file = try TemporaryFile("problem.json")
    try Problem(recipe: Recipe(points: 10_001)).write(to: file.path)
    let columns = URL(fileURLWithPath: file.path + ".columns")
    for (count, isMissing) in [(16 * 10_001 - 1, false), (0, false), (16 * 10_002, false), (0, true)] {
      if isMissing {
        try FileManager.default.removeItem(at: columns)
      } else {
        try Data(count: count).write(to: columns)
      }
      let error = #expect(throws: Failure.self) { try Problem(contentsOf: file.path) }
      #expect(error?.kind == .badData)
      #expect(
        error?.message == columns.path + ": "
          + (isMissing ? "no such file" : "has \(count) bytes; 10001 points need 160016"))
    }
  }

  static let whole = """
    {"format":"workbench-problem-1","fingerprint":"44e1a68832f4e541","dtype":"float64","loss":"sum","learningRate":0.125,
    "steps":3,"w0":0.5,"b0":0.25,"points":3,"x":[-1,0,1],"y":[5,2,5]}
    """

  @Test func `The keys are those of the contract`() throws {
    let file = try TemporaryFile("p.json", containing: Self.whole)
    let problem = try Problem(contentsOf: file.path)
    #expect(problem.x == [-1, 0, 1] && problem.y == [5, 2, 5] && problem.w0 == 0.5 && problem.b0 == 0.25)
    #expect(problem.learningRate == 0.125 && problem.steps == 3)
    #expect(problem.loss == .sum && problem.dtype == .float64 && problem.recipe == nil)
  }

  /// What is replaced in the whole file, by what, and what the message says of it.
  @Test(arguments: [
    ("\"workbench-problem-1\"", "\"other\"", "format is \"other\"; \"workbench-problem-1\" is needed"),
    ("44e1", "44e2", "its fingerprint is 44e2a68832f4e541, but its contents have 44e1a68832f4e541"),
    ("\"w0\":0.5", "\"w0\":0.75", "it was altered"),
    ("\"steps\":3,", "", "the key \"steps\" is missing"),
    ("\"steps\":3", "\"steps\":\"3\"", "\"steps\" is not a Int"),
    ("\"steps\":3", "\"steps\":3.5", "p.json: a number in it is not whole where a whole one is needed"),
    ("\"steps\":3", "\"steps\":0", "steps is 0; at least 1 is needed"),
    ("\"steps\":3", "\"steps\":null", "\"steps\" is not a Int"),
    ("float64", "float16", "\"dtype\""),
    ("\"x\":[-1,0,1]", "\"x\":[-1,0]", "points is 3, but x has 2 values and y has 3"),
    ("\"x\":[-1,0,1]", "\"x\":[-1,\"0\",1]", "\"x[1]\" is not a Double"),
    ("\"x\":[-1,0,1],", "", "has neither \"x\" and \"y\" nor \"columns\""),
    ("\"w0\":0.5", "\"w0\":1e999", "1e999 is not representable"),
    ("\"w0\":0.5", "\"w0\":NaN", "p.json:2: is not JSON: Invalid value"),
    ("\"y\":[5,2,5]}", "\"y\":[5,2", "is not JSON"),
    (whole, "", "is not JSON"),
    (whole, "garbage", "p.json:1: is not JSON: Invalid value"),
    (whole, "[1, 2]", "p.json: "),
  ])
  func `What is wrong with it is named, with the file`(part: String, replacement: String, says: String) throws
  {
    let file = try TemporaryFile("p.json", containing: Self.whole.replacing(part, with: replacement))
    let error = #expect(throws: Failure.self) { try Problem(contentsOf: file.path) }
    #expect(error?.kind == .badData)
    #expect(error?.message.hasPrefix(file.path + ":") == true)
    #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test func `What cannot be read or written is named`() throws {
    #expect(throws: Failure.badData("/no/such.json: no such file")) {
      try Problem(contentsOf: "/no/such.json")
    }
    #expect(throws: Failure.badData("/tmp: is a directory; a file is needed")) {
      try Problem(contentsOf: "/tmp")
    }
    #expect(throws: Failure.unavailable("/no/such/p.json: cannot be written: No such file or directory")) {
      try Problem().write(to: "/no/such/p.json")
    }
    #expect(throws: Failure.unavailable("/dev/full: cannot be written: No space left on device")) {
      try Problem().write(to: "/dev/full")
    }
  }
}
