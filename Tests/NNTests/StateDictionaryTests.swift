import Foundation
import NN
import Testing

/// Expected texts: PyTorch 2.15.0, `load_state_dict` of the same dictionaries.
@Suite struct StateDictionaryTests {
  private let model = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))

  private func message(_ dictionary: NamedArrays, strict: Bool) -> String {
    do throws(ArrayError) {
      try model.restore(dictionary, strict: strict)
      return ""
    } catch {
      return error.message
    }
  }

  @Test func `names are in PyTorch's order and persistent buffers are among them`() {
    let names = Sequential(BatchNorm1d(2), Linear(2, 1)).stateDictionary.names
    #expect(
      names == [
        "0.weight", "0.bias", "0.running_mean", "0.running_var", "0.num_batches_tracked", "1.weight",
        "1.bias",
      ])
    let list = ModuleList()
    list.register(buffer: "scratch", Tensor.ones([1]), persistent: false)
    #expect(list.stateDictionary.isEmpty && list.buffers.count == 1)
  }

  @Test func `a dictionary of another model carries its values over, converted`() {
    let source = Sequential(Linear(2, 3, dtype: .float64), ReLU(), Linear(3, 1, dtype: .float64))
    #expect(model.loadStateDictionary(source.stateDictionary) == IncompatibleKeys())
    for (mine, other) in zip(model.parameters, source.parameters) {
      #expect(values(mine) == values(other).map { Double(Float($0)) })
      #expect(mine.dtype == .float32 && mine.isLeaf && mine.requiresGrad)
    }
  }

  @Test func `the arrays are the module's own memory`() {
    let weight = model.stateDictionary["0.weight"]
    Initializer.constant_(model.parameters[0], 3)
    #expect(weight?.toArray(of: Double.self) == Array(repeating: 3, count: 6))
  }

  @Test func `unexpected names are listed module by module, each one's own in the dictionary's order`() {
    let model = Sequential(Linear(1, 1), Sequential(Linear(1, 1)))
    let one = NDArray([Float(1)])
    var dictionary: NamedArrays = ["1.0.z": one, "0.q": one, "b": one]
    for (name, array) in model.stateDictionary { dictionary[name] = array }
    for name in ["1.a", "2.weight", "0.weight.x"] { dictionary[name] = one }
    #expect(
      model.loadStateDictionary(dictionary, strict: false).unexpectedKeys
        == ["b", "2.weight", "0.q", "0.weight.x", "1.a", "1.0.z"])
  }

  @Test
  func `missing, unexpected and unfit entries are refused together in PyTorch's words, and nothing changes`()
  {
    let before = model.parameters.map { values($0) }
    let dictionary: NamedArrays = [
      "0.weight": NDArray([Float(0), 0], shape: [1, 2]), "foo": NDArray([Float(0)]),
      "bar": NDArray([Float(0)]), "2.bias": NDArray([Float(9)]),
    ]
    #expect(
      message(dictionary, strict: true)
        == "Error(s) in loading state_dict for Sequential:\n\tMissing key(s) in state_dict: \"0.bias\", \"2.weight\". \n\tUnexpected key(s) in state_dict: \"foo\", \"bar\". \n\tsize mismatch for 0.weight: copying a param with shape torch.Size([1, 2]) from checkpoint, the shape in current model is torch.Size([3, 2])."
    )
    #expect(
      message(dictionary, strict: false)
        == "Error(s) in loading state_dict for Sequential:\n\tsize mismatch for 0.weight: copying a param with shape torch.Size([1, 2]) from checkpoint, the shape in current model is torch.Size([3, 2])."
    )
    #expect(model.parameters.map { values($0) } == before)
  }

  @Test func `when not strict the names that do not meet are returned and the others loaded`() {
    let keys = model.loadStateDictionary(["2.bias": NDArray([Float(9)]), "foo": NDArray([1])], strict: false)
    #expect(keys.missingKeys == ["0.weight", "0.bias", "2.weight"])
    #expect(keys.unexpectedKeys == ["foo"])
    #expect(values(model.parameters[3]) == [9])
  }

  @Test(arguments: ["model.npz", "model.safetensors"])
  func `a file brings the state back to the bit`(_ name: String) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())-\(name)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let source = Sequential(Linear(2, 3), BatchNorm1d(3), Linear(3, 1))
    _ = source(matrix([1, 2, 3, 4], [2, 2]).to(.float32))
    try source.save(to: path)
    let copy = Sequential(Linear(2, 3), BatchNorm1d(3), Linear(3, 1))
    try copy.load(from: path)
    for (a, b) in zip(source.stateDictionary, copy.stateDictionary) {
      #expect(a.name == b.name && a.array.dtype == b.array.dtype)
      #expect(a.array.toArray(of: Double.self) == b.array.toArray(of: Double.self))
    }
    #expect(throws: ArrayFileError.self) { try Linear(2, 3).load(from: path) }
    let keys = try Linear(2, 3).load(from: path, strict: false)
    #expect(
      keys.missingKeys == ["weight", "bias"]
        && keys.unexpectedKeys.sorted() == source.stateDictionary.names.sorted())
  }

  @Test func `one element may stand for a scalar`() {
    let norm = BatchNorm1d(1)
    var dictionary = norm.stateDictionary
    dictionary["num_batches_tracked"] = NDArray([5])
    #expect(norm.loadStateDictionary(dictionary) == IncompatibleKeys())
    #expect(norm.stateDictionary["num_batches_tracked"]?.item(as: Int.self) == 5)
  }

  @Test func `loading is seen by a backward pass that needs the old values`() {
    let layer = Linear(1, 1)
    let loss = (layer.weight * layer.weight).sum()
    layer.loadStateDictionary(Linear(1, 1).stateDictionary)
    #expect(throws: ArrayError.self) { try loss.differentiate() }
  }

  @Test func `a name without a known ending is refused`() {
    #expect(throws: ArrayFileError.self) { try model.save(to: "/tmp/model.pt") }
  }
}
