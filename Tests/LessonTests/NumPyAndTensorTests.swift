import Foundation
import Testing

@testable import Lessons
@testable import numpy_and_tensor

/// What PyTorch and NumPy give for each step of the lesson: `Goldens/section_2_4.jsonl`, made by the script beside it.
struct GoldenStep: Decodable {
  struct Result: Decodable, Equatable {
    var label: String?
    var text: String
    var type: String?
    var memory: String?
  }

  var part: String
  var swift: String
  var python: String?
  var results: [Result]?
  var refused: String?

  static let all: [GoldenStep] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "Goldens/section_2_4.jsonl")
    do {
      let lines = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").dropFirst()
      return try lines.map { try JSONDecoder().decode(GoldenStep.self, from: Data($0.utf8)) }
    } catch { fatalError("\(path.path): \(error)") }
  }()
}

@Suite(.serialized) struct `2.4, NumPy and Tensor` {
  static let numbers = NumPyAndTensor.parts.map { $0.number }

  private func played(_ number: String) throws -> [Page.Block] {
    try #require(NumPyAndTensor.parts.first { $0.number == number }).played()
  }

  @Test func `The parts are those of the section`() {
    #expect(Self.numbers == (1...10).map { "2.4.\($0)" })
  }

  @Test(arguments: numbers)
  func `Every step gives what PyTorch or NumPy gives, in the same memory`(_ number: String) throws {
    var goldens = GoldenStep.all.filter { $0.part == number }[...]
    for block in try played(number) {
      switch block {
      case .step(let code, let results):
        let next = goldens.popFirst()
        let golden = try #require(next, "no golden for \(code)")
        #expect(code == golden.swift)
        guard let expected = golden.results else { continue }
        // Types are compared where they are a tensor's: Swift's names of other types are not Python's.
        let actual = zip(results, expected).map { shown, golden in
          GoldenStep.Result(
            label: shown.label, text: shown.text, type: golden.type == nil ? nil : shown.type,
            memory: shown.memory)
        }
        #expect(
          actual == expected && results.count == expected.count, "\(code), in Python \(golden.python ?? "")")
      case .refusal(let code, let message):
        let next = goldens.popFirst()
        let golden = try #require(next, "no golden for \(code)")
        #expect(code == golden.swift)
        #expect(golden.refused != nil, "\(code): PyTorch does not refuse it, here: \(message)")
      case .prose, .code, .table, .elsewhere: break
      }
    }
    #expect(goldens.map(\.swift) == [], "steps the lesson does not have")
  }

  @Test func `The book's three lines`() throws {
    let texts = try Calling.played().steps.filter { ["x.add(y)", "x", "x.add_(y)"].contains($0.code) }
    #expect(
      texts.prefix(3).map { $0.results[0].text } == ["tensor([4, 6])", "tensor([1, 2])", "tensor([4, 6])"])
  }

  @Test func `2.4.10 quotes the Python that its results are compared with`() throws {
    let goldens = GoldenStep.all.filter { $0.part == "2.4.10" }
    var next = goldens.startIndex
    for block in try Libraries.played() {
      switch block {
      case .step, .refusal: next += 1
      case .elsewhere(let numpy, let torch):
        #expect(goldens[next].python?.hasSuffix(numpy) == true)
        #expect(goldens[next + 1].python?.hasSuffix(torch) == true)
      case .prose, .code, .table: break
      }
    }
  }

  /// The operations of the book's tables; what is no operation of the table of operations is among the others.
  static let bookTables: [(part: String, operations: [String], others: [String])] = [
    (
      "2.4.2", ["eye", "linspace", "logspace", "ones", "zeros", "ones_like", "zeros_like", "arange"],
      ["Tensor.rand(", "Tensor.randn(", "Tensor(array)", "tensor("]
    ),
    (
      "2.4.3", ["view", "reshape", "unsqueeze", "squeeze"],
      ["size(", "numel(", "item(", "contiguous(", "resize("]
    ),
    ("2.4.4", ["index_select", "nonzero", "masked_select", "gather", "scatter"], []),
    (
      "2.4.6",
      [
        "abs", "add", "addcdiv", "addcmul", "ceil", "floor", "clamp", "exp", "log", "pow", "mul", "neg",
        "sigmoid",
        "tanh", "softmax", "sign", "sqrt",
      ], []
    ),
    ("2.4.7", ["cumprod", "cumsum", "dist", "mean", "median", "std", "var", "norm", "prod", "sum"], []),
    ("2.4.8", ["eq", "equal", "ge", "gt", "le", "lt", "max", "min", "topk"], []),
    ("2.4.9", ["dot", "mm", "bmm", "mv", "t", "svd"], []),
  ]

  @Test(arguments: bookTables)
  func `Every operation of the book's table is in the part's table, and played`(
    _ part: String, _ operations: [String], _ others: [String]
  ) throws {
    let blocks = try played(part)
    let code = blocks.steps.map(\.code).joined(separator: "\n")
    let rows = blocks.flatMap { block -> [Page.Row] in
      if case .table(_, let rows) = block { rows } else { [] }
    }
    for name in operations {
      #expect(rows.contains { $0.code.hasPrefix(name + "(") }, "\(name) is in no table")
      let words = name.split(separator: "_")
      let spelling = words[0] + words.dropFirst().map { $0 == "like" ? "(like" : $0.capitalized }.joined()
      #expect(code.contains(spelling) || code.contains("\(words[0])(like"), "\(name) is not played")
    }
    for spelling in others {
      #expect(rows.contains { $0.code.contains(spelling) }, "\(spelling) is in no table")
      #expect(code.contains(spelling), "\(spelling) is not played")
    }
  }

  @Test func `Every elementwise operation of the table is played in place, too`() throws {
    let code = try Elementwise.played().steps.map(\.code)
    // PyTorch has no softmax_.
    for name in Self.bookTables[3].operations where name != "softmax" {
      #expect(code.contains { $0.contains(".\(name)_(") }, "\(name)_ is not played")
    }
  }
}
