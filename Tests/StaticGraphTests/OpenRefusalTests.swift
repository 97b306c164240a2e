import StaticGraph
import Testing

/// What is refused while the graph is built though some sizes are open: each known size is held to what it has to be, alone.
/// The refusals are PyTorch's for arrays whose open sizes fit.
@Suite struct `Open sizes beside known ones that cannot fit` {
  private let graph = Graph()

  private func value(_ shape: [Int?], _ dtype: DType = .float64) -> Symbol {
    graph.placeholder(dtype, shape: shape)
  }

  private func refusal(
    _ name: String, _ inputs: [Symbol?], _ attributes: [String: Attribute] = [:]
  ) -> String? {
    buildError { () throws(ArrayError) in
      try OperationTable.call(name, inputs, attributes) { [graph] in graph.constant($0) }
    }
  }

  @Test func `are refused by products`() {
    let refusals = [
      refusal("bmm", [value([nil, 2, 3]), value([nil, 4, 5])]),
      refusal("bmm", [value([2, nil, 3]), value([4, 3, nil])]),
      refusal("linalg.lstsq", [value([nil, 3, 2]), value([nil, 4, 1])]),
      refusal("addmm", [value([4]), value([nil, 2]), value([2, 3])]),
      refusal("nn.functional.linear", [value([nil, 2]), value([3, 2]), value([4])]),
      refusal("matmul", [value([nil, 3]), value([4])]),
    ]
    #expect(refusals.allSatisfy { $0 != nil })
    #expect(refusals[0]?.hasPrefix("bmm: Expected size for first two dimensions of batch2 tensor") == true)
    #expect(value([nil, 2, 3]).bmm(value([4, 3, nil])).staticType.description == "float64[4, 2, ?]")
  }

  @Test func `are refused by losses`() {
    let loss = "nn.functional.cross_entropy"
    let refusals = [
      refusal(loss, [value([nil, 3, 4]), value([nil, 5], .int64)]),
      refusal(loss, [value([2, nil]), value([3], .int64)]),
      refusal(loss, [value([nil, 3]), value([nil], .int64), value([4])]),
      refusal("nn.functional.binary_cross_entropy", [value([nil, 3]), value([nil, 4])]),
      refusal("nn.functional.binary_cross_entropy", [value([nil, 3]), value([nil, 3]), value([4])]),
      refusal("nn.functional.binary_cross_entropy_with_logits", [value([nil, 3]), value([2, 4])]),
    ]
    #expect(refusals.allSatisfy { $0 != nil })
  }

  @Test func `are refused by normalizations, by scatter, and by what sums to a shape`() {
    let index = value([nil, 4], .int64)
    let refusals = [
      refusal("nn.functional.layer_norm", [value([nil, 4])], ["normalized_shape": .ints([3])]),
      refusal("nn.functional.layer_norm", [value([nil, 3]), value([4])], ["normalized_shape": .ints([3])]),
      refusal("scatter_add", [value([nil, 3]), index, value([nil, 4])], ["dim": .int(0)]),
      buildError { () throws(ArrayError) in try Symbol.apply(SumTo([4]), value([nil, 3])) },
    ]
    #expect(refusals.allSatisfy { $0 != nil })
  }
}
