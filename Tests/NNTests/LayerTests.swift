import NN
import Testing

/// Expected values: PyTorch 2.15.0, float64, the same layers and inputs, `tolist()`.
@Suite struct LayerTests {
  private let x = matrix([1, -2, 0.5, 0.25, 3, -1], [2, 3])

  @Test func `a linear layer takes any leading dimensions`() {
    let layer = Linear(3, 2, dtype: .float64)
    Initializer.eye_(layer.weight)
    Initializer.constant_(layer.bias!, 10)
    #expect(values(layer(x)) == [11, 8, 10.25, 13])
    #expect(layer(x.select(0, 0)).shape == [2])
    let batches = layer(x.reshape([2, 1, 3]))
    #expect(batches.shape == [2, 1, 2])
    #expect(values(batches) == [11, 8, 10.25, 13])
    #expect(Linear(3, 2, bias: false).bias == nil)
  }

  @Test func `a bilinear layer combines two inputs`() {
    let layer = Bilinear(3, 2, 2, dtype: .float64, generator: seeded(3))
    let y = layer(x, matrix([1, 2, -1, 0.5], [2, 2]))
    y.sum().backward()
    expectClose(
      values(y), [0.051966118234688094, -1.8229073981199735, -1.2335394254136343, 0.2904241589298827])
    expectClose(
      values(layer.weight.grad), [0.75, 2.125, -5, -2.5, 1.5, 0.5, 0.75, 2.125, -5, -2.5, 1.5, 0.5])
    #expect(layer(x.select(0, 0), tensor([1.0, 2.0] as [Double])).shape == [2])
  }

  @Test func `an embedding looks rows up and gives its padding row no gradient`() {
    let layer = Embedding(
      pretrained: matrix([0, 1, 2, 3, 4, 5, 6, 7], [4, 2]), freeze: false, paddingIndex: 1)
    let y = layer(tensor([[1, 3], [3, 0]]))
    y.sum().backward()
    #expect(y.shape == [2, 2, 2])
    #expect(values(y) == [2, 3, 6, 7, 6, 7, 0, 1])
    #expect(values(layer.weight.grad) == [1, 1, 0, 0, 0, 0, 2, 2])
    #expect(!Embedding(pretrained: matrix([0, 1], [1, 2])).weight.requiresGrad)
  }

  @Test func `identity and flatten`() {
    #expect(Identity()(x) === x)
    #expect(Flatten()(x.reshape([2, 3, 1])).shape == [2, 3])
    #expect(Flatten(startDim: 0, endDim: 1)(x.reshape([2, 3, 1])).shape == [6, 1])
  }

  @Test
  func `the running statistics of a later step are no change that a pass through an earlier one refuses`()
    throws
  {
    let (model, x) = (BatchNorm1d(2), Tensor.ones([3, 2]).cumsum(0))
    let training = model(x) + model(x * 2)
    model.eval()
    let evaluation = model(x)
    model.train()
    _ = model(x)
    try (training + evaluation).sum().differentiate()
    #expect(values(model.bias?.grad) == [9, 9])
    let last = model(x)
    model.runningMean?.add_(1)
    #expect(throws: ArrayError.self) { try last.sum().differentiate() }
  }

  @Test func `evaluation is differentiated with the statistics it used, whatever training makes of them`() {
    let layer = BatchNorm1d(3, dtype: .float64).eval()
    let input = tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3], requiresGrad: true)
    let y = layer(input)
    _ = layer.train()(input)
    y.sum().backward()
    #expect(values(layer.runningVar) != [1, 1, 1])
    expectClose(values(input.grad), [Double](repeating: 1 / (1 + 1e-5).squareRoot(), count: 6))
  }

  @Test func `layer normalisation is over the last dimensions`() {
    let layer = LayerNorm(3, dtype: .float64)
    noGrad {
      _ = layer.weight!.copy_(tensor([1.0, 2, 3] as [Double]))
      _ = layer.bias!.copy_(tensor([0.0, 1, -1] as [Double]))
    }
    expectClose(
      values(layer(x)),
      [
        0.8889983080422503, -1.7939946824185005, 0.5239970995010007, -0.2992522648585641, 3.693270383727077,
        -4.142148781014923,
      ])
    #expect(LayerNorm(3, bias: false).bias == nil)
    #expect(LayerNorm([2, 3], elementwiseAffine: false).parameters.isEmpty)
  }
}

/// Expected values: PyTorch 2.15.0, float64.
@Suite struct BatchNormTests {
  private let x = matrix([1, -2, 0.5, 0.25, 3, -1], [2, 3])

  @Test func `training normalises by the batch, keeps running statistics and differentiates`() {
    let layer = BatchNorm1d(3, dtype: .float64)
    noGrad {
      _ = layer.weight!.copy_(tensor([1.0, 2, 3] as [Double]))
      _ = layer.bias!.copy_(tensor([0.0, 1, -1] as [Double]))
    }
    let input = x.detach().requiresGrad_()
    let y = layer(input)
    (y * matrix([1, 2, 3, -1, 0.5, 2], [2, 3])).sum().backward()
    expectClose(
      values(y),
      [
        0.9999644463406283, -0.99999840000192, 1.9999733336888834, -0.9999644463406284, 2.99999840000192,
        -3.9999733336888834,
      ])
    expectClose(
      values(input.grad),
      [
        0.00018960940426746665, 9.599976961028146e-07, 3.5554607428522675e-05, -0.00018960940426746665,
        -9.599976961028146e-07, -3.5554607428522675e-05,
      ])
    expectClose(values(layer.weight!.grad), [1.9999288926812566, -1.49999880000144, 0.9999911112296278])
    expectClose(values(layer.bias!.grad), [0, 2.5, 5])
    expectClose(values(layer.runningMean), [0.0625, 0.05, -0.025])
    expectClose(values(layer.runningVar), [0.928125, 2.15, 1.0125])
    #expect(layer.batchesTracked?.item(as: Int.self) == 1)

    _ = layer(x * 2)
    layer.eval()
    expectClose(
      values(layer(x)),
      [
        0.8409841407809291, -0.6290474949311764, 0.4720623465467856, 0.07061698892053603, 3.168266013066904,
        -3.384869565802871,
      ])
    expectClose(values(layer.runningVar), [0.9478125, 6.935, 1.36125])
    #expect(layer.batchesTracked?.item(as: Int.self) == 2)
  }

  @Test func `without momentum all batches count alike`() {
    let layer = BatchNorm1d(3, momentum: nil, dtype: .float64)
    _ = layer(x)
    _ = layer(x * 3)
    expectClose(values(layer.runningMean), [1.25, 1, -0.5])
    expectClose(values(layer.runningVar), [1.40625, 62.5, 5.625])
  }

  @Test func `without running statistics evaluation uses the batch, too`() {
    let layer = BatchNorm1d(2, affine: false, trackRunningStats: false, dtype: .float64)
    let cubes = Tensor(NDArray((0..<12).map { Double($0) * Double($0).squareRoot() }, shape: [2, 2, 3]))
    let expected = [
      -1.1044640223426145, -0.9934124664146295, -0.7903627893106333, -1.2039114344997595, -0.9745534947094717,
      -0.7143980531880108, 0.527653860651655, 0.9522395755029879, 1.408345841913235, 0.579668243771111,
      0.9578166588488134, 1.3553780797773172,
    ]
    expectClose(values(layer(cubes)), expected)
    expectClose(values(layer.eval()(cubes)), expected)
    #expect(layer.parameters.isEmpty && layer.buffers.isEmpty)
  }

  @Test func `an input of another rank is refused`() async {
    await #expect(processExitsWith: .failure) { _ = BatchNorm1d(3)(Tensor.zeros([3])) }
  }
}

/// Expected values: PyTorch 2.15.0 on x86-64 from other makers than Intel (there MKL draws), `torch.manual_seed(7)`.
@Suite struct DropoutTests {
  @Test func `the same elements fall as in PyTorch`() {
    let x = Tensor(NDArray((1...40).map { Float($0) }))
    let kept = [
      1, 2, 4, 7, 8, 11, 12, 13, 14, 15, 17, 19, 23, 24, 29, 31, 32, 33, 35, 36, 37, 38, 40,
    ]
    let scale = 1 / Float(0.7)
    let expected = (1...40).map { kept.contains($0) ? Double(Float($0) * scale) : 0 }
    #expect(values(Dropout(0.3, generator: seeded(7))(x)) == expected)
  }

  @Test func `the gradient passes where the value did`() {
    let x = Tensor.ones([10], dtype: .float64).requiresGrad_()
    let y = Dropout(0.6, generator: seeded(7))(x)
    y.sum().backward()
    #expect(values(y) == [2.5, 2.5, 0, 0, 0, 0, 2.5, 0, 0, 0])
    #expect(values(x.grad) == values(y))
  }

  @Test func `in evaluation, or with p = 0, the input passes and nothing is drawn`() {
    let generator = seeded(7)
    let x = Tensor.ones([10])
    #expect(Dropout(0.5, generator: generator).eval()(x) === x)
    #expect(Dropout(0, generator: generator)(x) === x)
    #expect(generator.rand(count: 1) == seeded(7).rand(count: 1))
  }

  @Test func `with p = 1 all falls; in place the input itself changes`() {
    #expect(values(Dropout(1)(Tensor.ones([3]))) == [0, 0, 0])
    let x = Tensor.ones([3])
    #expect(Dropout(1, inPlace: true)(x) === x)
    #expect(values(x) == [0, 0, 0])
  }

  @Test func `a probability outside 0...1 is refused in PyTorch's words`() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Dropout(1.5)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("dropout probability has to be between 0 and 1, but got 1.5"))
  }
}
