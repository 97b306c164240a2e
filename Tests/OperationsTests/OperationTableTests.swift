import Autograd
import Foundation
import StaticGraph
import Testing

/// Every operation of the table against its samples: the derivative against differences, layouts against each other, eager against graph,
/// and arguments that do not fit. Values are held to the real libraries by the conformance cases.
@Suite("The table of operations")
struct OperationTableTests {
  @Test("Every operation has samples, and samples belong to operations")
  func samplesAreComplete() {
    #expect(OperationTable.names.filter { Sample.all[$0] == nil } == [])
    #expect(Sample.all.keys.filter { OperationTable.entry($0) == nil }.sorted() == [])
  }

  private func call(_ name: String, _ sample: Sample, _ inputs: [Tensor?]) throws(ArrayError) -> [Tensor] {
    var inputs = inputs
    if sample.isSymmetric, let x = inputs[0] { inputs[0] = (x + x.t()) * 0.5 }
    return try OperationTable.call(name, inputs, sample.attributes) { Tensor($0) }
  }

  @Test(
    "The derivative, and the derivative of the derivative, agree with differences",
    arguments: OperationTable.names)
  func derivatives(name: String) throws {
    for (number, sample) in (Sample.all[name] ?? []).enumerated() {
      let check = DerivativeCheck(sample.inputs, constants: sample.constants) { try call(name, sample, $0) }
      let disagreement = try check.disagreement()
      #expect(disagreement == nil, "sample \(number): \(disagreement ?? "")")
    }
  }

  @Test("What has a derivative is recorded, and nothing else", arguments: OperationTable.names)
  func recording(name: String) throws {
    let sample = try #require(Sample.all[name]?.first)
    let check = DerivativeCheck(sample.inputs, constants: sample.constants) { try call(name, sample, $0) }
    #expect(try check.isDifferentiable() != Self.withoutDerivative.contains(name))
  }

  /// The operations whose results are bools, positions, new values, or steps of integers.
  private static let withoutDerivative: Set = [
    "all", "allclose", "any", "arange", "argmax", "argmin", "argsort", "count_nonzero", "eq", "equal", "eye",
    "floor_divide", "full", "ge", "gt", "isclose", "isfinite", "isinf", "isnan", "le", "linspace",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logspace", "lt", "ne",
    "nn.functional.one_hot", "nonzero", "ones", "ones_like", "zeros", "zeros_like",
  ]

  // MARK: Layouts

  /// The results' bits and types, or the message of the refusal.
  private func outcome(_ name: String, _ inputs: [NDArray?], _ sample: Sample) -> [String] {
    do throws(ArrayError) {
      return try OperationTable.call(name, inputs, sample.attributes).map(bits)
    } catch {
      return ["refused"]
    }
  }

  private func bits(_ x: NDArray) -> String {
    "\(x.dtype) \(x.shape) "
      + x.scalars.map { scalar in
        if case .float(let value) = scalar {
          value.isNaN ? "nan" : "\(value.bitPattern)"
        } else {
          "\(scalar)"
        }
      }.joined(separator: " ")
  }

  /// The same elements, every second of a larger memory that begins elsewhere.
  private func spaced(_ x: NDArray) throws -> NDArray {
    var strides = x.shape.contiguousStrides
    for axis in 0..<x.rank { strides[axis] *= 2 }
    let memory = try NDArray(full: [2 * x.count + 3], 9, x.dtype)
    let view = memory.strided(x.shape, strides, offset: 3)
    view.write(from: x)
    return view
  }

  @Test("Inputs with strides and an offset give the bits of contiguous ones", arguments: OperationTable.names)
  func strided(name: String) throws {
    for sample in Sample.all[name] ?? [] where name != "view" {
      let strided = try sample.inputs.map { input in try input.map(spaced) }
      #expect(outcome(name, strided, sample) == outcome(name, sample.inputs, sample))
    }
  }

  @Test(
    "Inputs whose rows share their memory give the bits of written-out ones", arguments: OperationTable.names)
  func broadcast(name: String) throws {
    for sample in Sample.all[name] ?? [] where name != "view" {
      let shared = sample.inputs.map { input -> NDArray? in
        guard let input, input.rank > 0, input.shape[0] > 0, input.dtype.isFloatingPoint else { return input }
        return input.narrow(0, 0, 1).expanded(to: input.shape)
      }
      let written = try shared.map { input in try input?.clone() }
      let (got, wanted) = (outcome(name, shared, sample), outcome(name, written, sample))
      #expect(got == wanted || (Self.followsMemory.contains(name) && close(name, shared, written, sample)))
    }
  }

  /// Reductions go through dimensions in the order of memory (see `Reduction`), which differs where rows share it.
  private static let followsMemory: Set = ["mean", "norm", "linalg.vector_norm", "prod", "std", "sum", "var"]

  private func close(_ name: String, _ a: [NDArray?], _ b: [NDArray?], _ sample: Sample) -> Bool {
    let results = [a, b].map { try? OperationTable.call(name, $0, sample.attributes)[0] }
    guard let first = results[0], let second = results[1], first.shape == second.shape else { return false }
    return first.allclose(second, rtol: 1e-14, atol: 0).item()
  }

  // MARK: Graph

  /// How much of the inputs' shapes a graph is told before it runs.
  private enum Knowledge: CaseIterable {
    case shapes, ranks, nothing, allButFirstSizes, allButLastSizes
    case firstRank, otherRanks, otherShapes, firstShape

    /// The shape that the placeholder of an input is given; nil: none.
    func shape(_ input: NDArray, _ position: Int) -> [Int?]? {
      let known: [Int?] = input.shape.map { $0 }
      let open: [Int?] = input.shape.map { _ in nil }
      return switch self {
      case .shapes: known
      case .ranks: open
      case .nothing: nil
      case .allButFirstSizes: Array(open.prefix(1)) + Array(known.dropFirst())
      case .allButLastSizes: Array(known.dropLast()) + Array(open.prefix(1))
      case .firstRank: position == 0 ? open : known
      case .otherRanks: position == 0 ? known : open
      case .otherShapes: position == 0 ? nil : known
      case .firstShape: position == 0 ? known : nil
      }
    }
  }

  @Test(
    "A session gives the bits of the eager calculation, first and second gradients too, or says which shapes it has to know",
    arguments: OperationTable.names)
  func eagerEqualsGraph(name: String) throws {
    for sample in Sample.all[name] ?? [] {
      let leaves = sample.leaves(sample.inputs)
      let eager = try OperationTable.call(name, leaves, sample.attributes) { Tensor($0) }
      let recorded = eager.indices.filter { eager[$0].requiresGrad }
      let sources = leaves.indices.filter { leaves[$0]?.requiresGrad == true }
      let seeds = recorded.map { NDArray.full(eager[$0].shape, 0.75, dtype: eager[$0].dtype) }
      let inputs = sources.compactMap { leaves[$0] }
      let gradients =
        recorded.isEmpty
        ? []
        : try gradients(
          outputs: recorded.map { eager[$0] }, inputs: inputs, gradOutputs: seeds.map { Tensor($0) },
          createGraph: true, allowUnused: true)
      let derived = gradients.indices.filter { gradients[$0]?.requiresGrad == true }
      let secondSeeds = derived.map { NDArray.full(inputs[$0].shape, 1.25, dtype: inputs[$0].dtype) }
      let seconds =
        derived.isEmpty
        ? []
        : try Autograd.gradients(
          outputs: derived.map { gradients[$0]! }, inputs: inputs,
          gradOutputs: secondSeeds.map { Tensor($0) }, allowUnused: true)

      for knowledge in Knowledge.allCases {
        let graph = Graph()
        let symbols = sample.inputs.enumerated().map { position, input in
          input.map { input in
            knowledge.shape(input, position).map { graph.placeholder(input.dtype, shape: $0) }
              ?? graph.placeholder(input.dtype)
          }
        }
        do {
          let results = try OperationTable.call(name, symbols, sample.attributes) { graph.constant($0) }
          for (result, array) in zip(results, eager.map(\.array)) {
            #expect(
              result.staticType.admits(array.type), "\(knowledge): \(result.staticType) for \(array.type)")
          }
          var feeds = Feeds()
          for (symbol, input) in zip(symbols, sample.inputs) { if let symbol { feeds[symbol] = input } }
          let session = Session(graph)
          let values = try session.run(results, feeding: feeds)
          #expect(values.map(bits) == eager.map { bits($0.array) }, "\(knowledge)")

          if recorded.isEmpty { continue }
          let found = graph.gradientsWhereConnected(
            of: recorded.map { results[$0] }, withRespectTo: sources.compactMap { symbols[$0] },
            seeds: seeds.map { graph.constant($0) })
          #expect(found.map { $0 == nil } == gradients.map { $0 == nil }, "\(knowledge)")
          let fetched = try session.run(found.compactMap { $0 }, feeding: feeds)
          #expect(fetched.map(bits) == gradients.compactMap { $0.map { bits($0.array) } }, "\(knowledge)")

          if derived.isEmpty { continue }
          let foundSeconds = graph.gradientsWhereConnected(
            of: derived.compactMap { found[$0] }, withRespectTo: sources.compactMap { symbols[$0] },
            seeds: secondSeeds.map { graph.constant($0) })
          #expect(foundSeconds.map { $0 == nil } == seconds.map { $0 == nil }, "\(knowledge)")
          let fetchedSeconds = try session.run(foundSeconds.compactMap { $0 }, feeding: feeds)
          #expect(
            fetchedSeconds.map(bits) == seconds.compactMap { $0.map { bits($0.array) } }, "\(knowledge)")
        } catch {
          let says = ["not known yet", "of open shape"].contains { "\(error)".contains($0) }
          #expect(knowledge != .shapes && says, "\(knowledge): \(error)")
        }
      }
    }
  }

  @Test("Native code gives the bits of the eager calculation", arguments: [DType.float64, .float32])
  func nativeEqualsEager(dtype: DType) throws {
    let cache = FileManager.default.temporaryDirectory.appending(path: "table-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: cache) }
    for name in OperationTable.names {
      for sample in Sample.all[name] ?? [] {
        let inputs = try sample.inputs.map { input in
          try input.map { $0.dtype.isFloatingPoint ? try $0.converted(to: dtype) : $0 }
        }
        let eager = try OperationTable.call(name, sample.leaves(inputs), sample.attributes) { Tensor($0) }
        // A graph for each, so that nothing else decides how its kernel is written.
        let graph = Graph()
        var feeds = Feeds()
        let symbols = inputs.map { input in
          input.map { input in
            let symbol = graph.placeholder(input.dtype, shape: input.shape.map { $0 })
            feeds[symbol] = input
            return symbol
          }
        }
        let results = try OperationTable.call(name, symbols, sample.attributes) { graph.constant($0) }
        let session = Session(graph, compile: .native(cache: cache.path))
        #expect(try session.run(results, feeding: feeds).map(bits) == eager.map { bits($0.array) }, "\(name)")
      }
    }
  }

  // MARK: Errors

  @Test("Arguments that do not fit are refused, naming the operation", arguments: OperationTable.names)
  func misfits(name: String) throws {
    let sample = try #require(Sample.all[name]?.first)
    let parameters = try #require(OperationTable.entry(name)).signature.parameters
    func refused(_ inputs: [NDArray?], _ attributes: [String: Attribute]) -> Bool {
      do throws(ArrayError) {
        _ = try OperationTable.call(name, inputs, attributes)
        return false
      } catch {
        return error.message.contains(name.split(separator: ".").last ?? "")
      }
    }
    var unknown = sample.attributes
    unknown["colour"] = .int(1)
    #expect(refused(sample.inputs, unknown))
    if parameters.contains(where: { $0.kind == "T" || $0.kind == "T*" }) {
      #expect(refused([], sample.attributes))
    }
    if !parameters.contains(where: { $0.kind == "T*" }) {
      let count = parameters.count(where: \.isTensor)
      #expect(refused([NDArray?](repeating: NDArray([1.0]), count: count + 1), sample.attributes))
    }
    for parameter in parameters where parameter.kind == "int" || parameter.kind == "bool" {
      var wrong = sample.attributes
      wrong[parameter.name] = .string("many")
      #expect(refused(sample.inputs, wrong), "\(parameter.name)")
    }
  }
}

extension Sample {
  /// These inputs as tensors; those that the operation has a derivative by require a gradient.
  fileprivate func leaves(_ inputs: [NDArray?]) -> [Tensor?] {
    inputs.enumerated().map { position, input in
      input.map { Tensor($0, requiresGrad: $0.dtype.isFloatingPoint && !constants.contains(position)) }
    }
  }
}
