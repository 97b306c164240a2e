import Arrays
import Testing

@Suite("Printing as PyTorch")
struct TorchPrintingTests {
  private func range(_ count: Int, _ dtype: DType = .float32, shape: Shape? = nil) throws -> NDArray {
    try NDArray((0..<count).map { Double($0) }, shape: shape ?? [count]).converted(to: dtype)
  }

  @Test("Notation, width, padding and dtype suffix are PyTorch's", arguments: printedCases)
  func printed(_ given: PrintedCase) {
    #expect(given.array.torchDescription() == given.torch)
  }

  @Test("What PyTorch would record stands behind the elements, the operation before the request")
  func gradients() {
    let array = NDArray([2.9645] as [Float], shape: [1, 1])
    #expect(array.torchDescription(requiresGrad: true) == "tensor([[2.9645]], requires_grad=True)")
    #expect(array.torchDescription(gradFn: "MulBackward0") == "tensor([[2.9645]], grad_fn=<MulBackward0>)")
    #expect(
      array.torchDescription(requiresGrad: true, gradFn: "MulBackward0")
        == "tensor([[2.9645]], grad_fn=<MulBackward0>)")
  }

  @Test("Long vectors wrap at 80 columns, and a suffix that does not fit moves to a line of its own")
  func wrapping() throws {
    #expect(
      try range(30).torchDescription() == """
        tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
                14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
                28., 29.])
        """)
    #expect(
      try range(14).torchDescription(requiresGrad: true) == """
        tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.],
               requires_grad=True)
        """)
    #expect(
      try range(15).torchDescription(requiresGrad: true) == """
        tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
                14.], requires_grad=True)
        """)
    #expect(
      try range(12, .float64).torchDescription(gradFn: "MulBackward0") == """
        tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11.],
               dtype=torch.float64, grad_fn=<MulBackward0>)
        """)
  }

  @Test("Matrices in a stack are separated by an empty line")
  func stack() throws {
    #expect(
      try range(24, .int64, shape: [2, 3, 4]).torchDescription() == """
        tensor([[[ 0,  1,  2,  3],
                 [ 4,  5,  6,  7],
                 [ 8,  9, 10, 11]],

                [[12, 13, 14, 15],
                 [16, 17, 18, 19],
                 [20, 21, 22, 23]]])
        """)
  }

  @Test("Beyond 1000 elements only the edges are shown, and only they decide the notation")
  func summary() throws {
    #expect(try !range(1000, .int64).torchDescription().contains("..."))
    #expect(
      try range(1001, .int64).torchDescription() == "tensor([   0,    1,    2,  ...,  998,  999, 1000])")
    var values = (0..<2000).map { Double($0) }
    (values[999], values[1000]) = (.nan, 0.5)
    #expect(
      NDArray(values.map { Float($0) }).torchDescription() == """
        tensor([0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 1.9970e+03, 1.9980e+03,
                1.9990e+03])
        """)
    #expect(
      try range(2000, .int64, shape: [2, 1000]).torchDescription() == """
        tensor([[   0,    1,    2,  ...,  997,  998,  999],
                [1000, 1001, 1002,  ..., 1997, 1998, 1999]])
        """)
  }

  @Test("Precision, notation, threshold, edge items and width can be chosen per call")
  func options() throws {
    let array = NDArray([1e-5, 0.5, 123.456, -7] as [Float])
    #expect(
      array.torchDescription(options: .init(precision: 2))
        == "tensor([ 1.00e-05,  5.00e-01,  1.23e+02, -7.00e+00])")
    #expect(
      array.torchDescription(options: .init(precision: 0)) == "tensor([ 1e-05,  5e-01,  1e+02, -7e+00])")
    #expect(
      array.torchDescription(options: .init(scientific: false))
        == "tensor([  0.0000,   0.5000, 123.4560,  -7.0000])")
    #expect(
      array.torchDescription(options: .init(lineWidth: 30))
        == "tensor([ 1.0000e-05,\n         5.0000e-01,\n         1.2346e+02,\n        -7.0000e+00])")
    let nine = try range(9, .int64)
    #expect(
      nine.torchDescription(options: .init(threshold: 5)) == "tensor([0, 1, 2,  ..., 6, 7, 8])")
    #expect(nine.torchDescription(options: .init(threshold: 5, edgeItems: 1)) == "tensor([0,  ..., 8])")
    #expect(
      nine.torchDescription(options: .init(threshold: 5, edgeItems: 0)) == "tensor([...], size=(9,))")
    #expect(
      try range(16, shape: [4, 4]).torchDescription(options: .init(threshold: 5, edgeItems: 1))
        == "tensor([[ 0.,  ...,  3.],\n        ...,\n        [12.,  ..., 15.]])")
  }

  @Test("A view with odd strides prints as its copy does")
  func strided() throws {
    let base = try range(24)
    let view = base.strided([3, 2, 2], [-1, 7, 0], offset: 12)
    #expect(try view.torchDescription() == view.clone().torchDescription())
    #expect(
      view.torchDescription() == """
        tensor([[[12., 12.],
                 [19., 19.]],

                [[11., 11.],
                 [18., 18.]],

                [[10., 10.],
                 [17., 17.]]])
        """)
  }
}
