import NN
import Testing

/// Expected values: PyTorch 2.15.0, `torch.manual_seed(100)`, then the layer, `tolist()`.
@Suite struct FreshParameterTests {
  @Test func `a linear layer holds PyTorch's very weights, its bias drawn after them`() {
    let layer = Linear(3, 2, generator: seeded(100))
    #expect(
      values(layer.weight) == [
        -0x1.cb2c5ep-2, 0x1.757504p-2, -0x1.18bff8p-2, -0x1.310372p-6, 0x1.a16682p-3, 0x1.2c3a4ap-2,
      ])
    #expect(values(layer.bias) == [-0x1.18990ep-2, -0x1.0e46b8p-1])
    #expect(layer.weight.requiresGrad && layer.bias?.requiresGrad == true && layer.weight.isLeaf)
  }

  /// In a process of its own, since the default generator is everybody's.
  @Test func `manualSeed seeds the default generator`() async {
    await #expect(processExitsWith: .success) {
      manualSeed(100)
      let layer = Linear(3, 2)
      if values(layer.bias) != [-0x1.18990ep-2, -0x1.0e46b8p-1] { fatalError("\(values(layer.bias))") }
    }
  }

  @Test func `in float64 too`() {
    let layer = Linear(2, 2, dtype: .float64, generator: seeded(100))
    expectClose(
      values(layer.weight),
      [0.5562309570051326, -0.5649839583966187, -0.12440972399302927, -0.5635295640125114], 1e-15)
    expectClose(values(layer.bias), [0.23225554060654985, 0.6697115255334435], 1e-15)
  }

  @Test func `layers draw one after the other from one stream`() {
    let generator = seeded(100)
    let model = Sequential(
      Linear(2, 3, generator: generator), ReLU(), Linear(3, 1, generator: generator))
    #expect(
      model.parameters.map { values($0) } == [
        [
          -0.5491896271705627, 0.4466696083545685, -0.3357880711555481, -0.022800518199801445,
          0.24961377680301666, 0.3590843081474304,
        ], [-0.33560624718666077, -0.6465223431587219, -0.4129098057746887],
        [-0.4410523474216461, -0.4368293583393097, 0.27204611897468567], [0.24452562630176544],
      ])
  }

  @Test func `a bilinear layer`() {
    let layer = Bilinear(2, 3, 2, generator: seeded(100))
    #expect(
      values(layer.weight) == [
        -0.5491896271705627, 0.4466696083545685, -0.3357880711555481, -0.022800518199801445,
        0.24961377680301666, 0.3590843081474304, -0.33560624718666077, -0.6465223431587219,
        -0.4129098057746887, -0.5401765704154968, -0.5350044965744019, 0.3331871032714844,
      ])
    #expect(values(layer.bias) == [0.29948151111602783, 0.40670040249824524])
  }

  @Test func `an embedding, and its padding row of zeros`() {
    #expect(
      values(Embedding(4, 3, generator: seeded(100)).weight) == [
        0x1.714fc8p-2, -0x1.24c884p-2, -0x1.93450cp-2, 0x1.f18970p-3, -0x1.62217cp+0, -0x1.281eacp+1,
        -0x1.44ced2p-2, -0x1.bb6a72p-1, 0x1.bf8968p+0, -0x1.1a7bb6p-2, -0x1.f3732cp-1, 0x1.ea7becp-2,
      ])
    let padded = Embedding(4, 5, paddingIndex: 1, generator: seeded(100))
    #expect(
      values(padded.weight) == [
        0.12684927880764008, 1.3563978672027588, 0.5632230639457703, -0.1039285808801651,
        0.029301270842552185,
        0, 0, 0, 0, 0, 1.6426481008529663, 0.21079416573047638, 0.6262521743774414, -1.773555874824524,
        -0.22050046920776367, 2.7466750144958496, -1.0479826927185059, 1.1239410638809204,
        0.17507582902908325,
        1.1397935152053833,
      ])
    #expect(padded.weight.isLeaf && padded.weight.requiresGrad)
  }
}
