import NN
import Testing

/// Expected values: PyTorch 2.15.0, `torch.manual_seed(11)`, the function of `torch.nn.init` on `torch.empty(2, 3)` (float32 unless
/// stated), `tolist()`; then `torch.rand(1)`, which shows that as much was drawn.
@Suite struct InitializerTests {
  private func filled(
    _ shape: Shape = [2, 3], dtype: DType = .float32, _ fill: (Tensor, TorchGenerator) -> Void
  ) -> (values: [Double], next: Double) {
    let generator = seeded(11)
    let weight = Tensor.zeros(shape, dtype: dtype)
    fill(weight, generator)
    return (values(weight), Double(generator.rand(count: 1)[0]))
  }

  @Test func `uniform and normal numbers are PyTorch's`() {
    var (numbers, next) = filled { Initializer.uniform_($0, -1, 2, generator: $1) }
    #expect(
      numbers == [
        -0.5528748631477356, 0.4596593976020813, 1.956984519958496, -0.4947957396507263, 0.7518302798271179,
        1.0807974338531494,
      ])
    #expect(next == 0.5830848813056946)
    (numbers, next) = filled { Initializer.normal_($0, mean: 1, std: 2, generator: $1) }
    #expect(
      numbers == [
        2.4752588272094727, 4.891858100891113, -0.3990832269191742, -1.6045947074890137, -0.02652440406382084,
        0.46076086163520813,
      ])
    #expect(next == 0.2718876004219055)
  }

  @Test func `Xavier's range follows both numbers of connections and the gain`() {
    expectClose(
      filled { Initializer.xavierUniform_($0, gain: 2, generator: $1) }.values,
      [
        -1.5378222465515137, -0.058921221643686295, 2.1280622482299805, -1.4529922008514404,
        0.36782169342041016, 0.8483090400695801,
      ], 1e-7)
    expectClose(
      filled { Initializer.xavierNormal_($0, generator: $1) }.values,
      [
        0.466517835855484, 1.2307136058807373, -0.44242894649505615, -0.8236451745033264, -0.3246155083179474,
        -0.17052239179611206,
      ], 1e-7)
  }

  @Test func `gain, slope, mode and nonlinearity decide for every initialiser that has them`() {
    expectClose(
      filled { Initializer.xavierNormal_($0, gain: 2, generator: $1) }.values,
      [
        0.933035671710968, 2.4614272117614746, -0.8848578929901123, -1.6472903490066528, -0.6492310166358948,
        -0.3410447835922241,
      ], 1e-7)
    expectClose(
      filled { Initializer.kaimingNormal_($0, a: 0.3, mode: .fanOut, generator: $1) }.values,
      [
        0.7065208554267883, 1.8638620376586914, -0.6700393557548523, -1.2473746538162231,
        -0.49161604046821594,
        -0.2582487165927887,
      ], 1e-7)
    for (nonlinearity, first) in [
      (Initializer.Nonlinearity.linear, -0.7019165754318237), (.sigmoid, -0.7019165754318237),
      (.tanh, -1.1698609590530396), (.relu, -0.9926599264144897), (.selu, -0.5264374017715454),
    ] {
      let numbers = filled {
        Initializer.kaimingUniform_($0, a: 5, nonlinearity: nonlinearity, generator: $1)
      }.values
      expectClose([numbers[0]], [first], 1e-7)
    }
    #expect(Initializer.Nonlinearity.leakyRelu(0.3).gain == 1.3545709229571927)
  }

  @Test func `numbers are drawn in the tensor's dtype, uniform in [0, 1) unless told otherwise`() {
    expectClose(
      filled { Initializer.uniform_($0, generator: $1) }.values,
      [
        0.14904171228408813, 0.4865531325340271, 0.985661506652832, 0.16840142011642456, 0.5839434266090393,
        0.6935991644859314,
      ], 0)
    expectClose(
      filled(dtype: .float64) { Initializer.normal_($0, mean: 1, std: 2, generator: $1) }.values,
      [
        2.4752589035238852, 4.891858304992538, -0.3990832191338265, -1.6045947598470693,
        -0.02652440329353567, 0.4607608670557083,
      ])
    expectClose(
      filled(dtype: .float64) { Initializer.uniform_($0, -1, 2, generator: $1) }.values,
      [
        -0.42299880746815466, 1.655877110558011, 1.0146425163015675, 0.9940384763950729,
        0.7309433534266768, -0.535893117361943,
      ], 1e-15)
  }

  @Test func `later dimensions multiply the connections`() {
    expectClose(
      Array(
        filled([4, 2, 2], dtype: .float64) { Initializer.xavierUniform_($0, generator: $1) }.values[..<4]),
      [-0.4351058105252191, 0.5448856953959216, 0.24260480877583118, 0.23289197121735075])
  }

  @Test func `Kaiming's range follows the mode and the nonlinearity`() {
    expectClose(
      filled { Initializer.kaimingUniform_($0, a: 0.3, mode: .fanOut, generator: $1) }.values,
      [
        -1.1644822359085083, -0.044616807252168655, 1.6114284992218018, -1.100246548652649,
        0.27852490544319153, 0.6423634886741638,
      ], 1e-7)
    expectClose(
      filled { Initializer.kaimingNormal_($0, nonlinearity: .relu, generator: $1) }.values,
      [
        0.6022719144821167, 1.5888445377349854, -0.5711733102798462, -1.0633213520050049, -0.4190768301486969,
        -0.22014348745346069,
      ], 1e-7)
  }

  @Test func `a truncated normal draws anew what lies outside`() {
    var (numbers, next) = filled { Initializer.truncNormal_($0, -1, 1, generator: $1) }
    #expect(
      numbers == [
        0.7376294732093811, 0.4839252829551697, -0.6995416283607483, -0.9568334221839905, -0.5132622122764587,
        -0.26961955428123474,
      ])
    #expect(next == 0.8394666910171509)
    (numbers, next) = filled([2, 5], dtype: .float64) { Initializer.truncNormal_($0, generator: $1) }
    expectClose(
      numbers,
      [
        0.7376294517619426, 1.945929152496269, -0.6995416095669132, -1.3022973799235347, -0.5132622016467678,
        -0.26961956647214586, 0.2461846678351276, 0.48392529622643854, 0.4504177998469279,
        -0.9568334238175672,
      ])
    #expect(next == 0.8709032535552979)
  }

  @Test func `a truncated normal far from its mean accepts uniform candidates by their density`() {
    var (numbers, next) = filled {
      Initializer.truncNormal_($0, mean: 0.5, std: 2, 2, 3, generator: $1)
    }
    #expect(
      numbers == [
        2.1490416526794434, 2.486553192138672, 2.985661506652832, 2.1684014797210693, 2.5839433670043945,
        2.7599971294403076,
      ])
    #expect(next == 0.8394666910171509)
    (numbers, next) = filled(dtype: .float64) { Initializer.truncNormal_($0, 1.5, 2.5, generator: $1) }
    expectClose(
      numbers,
      [
        1.6923337308439486, 2.385292370186004, 1.5973914798909252, 1.5200632441092692, 1.519691363958934,
        1.6547022942126857,
      ])
    #expect(next == 0.588371753692627)
  }

  @Test func `orthogonal rows or columns are PyTorch's up to rounding`() {
    expectClose(
      filled { Initializer.orthogonal_($0, generator: $1) }.values,
      [
        0.3359776735305786, 0.8863375782966614, -0.31862929463386536, -0.8774102926254272, 0.1715327501296997,
        -0.448026567697525,
      ], 1e-6)
    let weight = Tensor.zeros([3, 2])
    Initializer.orthogonal_(weight, gain: 2, generator: seeded(11))
    expectClose(
      values(weight),
      [
        1.295436143875122, 1.1951082944869995, -1.2285457849502563, 0.08521798998117447, -0.9013990163803101,
        1.601391315460205,
      ], 1e-6)
    expectClose(values(weight.t().mm(weight)), [4, 0, 0, 4], 1e-6)
  }

  @Test func `constants, ones, zeros and the identity`() {
    let weight = Tensor.zeros([2, 3], dtype: .float64)
    Initializer.constant_(weight, 2.5)
    #expect(values(weight) == Array(repeating: 2.5, count: 6))
    Initializer.ones_(weight)
    #expect(values(weight) == Array(repeating: 1, count: 6))
    Initializer.eye_(weight)
    #expect(values(weight) == [1, 0, 0, 0, 1, 0])
    Initializer.eye_(weight.t())
    #expect(values(weight) == [1, 0, 0, 0, 1, 0])
    Initializer.zeros_(weight)
    #expect(values(weight) == Array(repeating: 0, count: 6))
  }

  @Test func `filling is not recorded, but seen by a backward pass that needs the old values`() {
    for fill in [{ Initializer.ones_($0) }, { Initializer.uniform_($0, generator: seeded(1)) }]
      as [(Tensor) -> Void]
    {
      let weight = matrix([1, 2], [1, 2]).requiresGrad_()
      let loss = (weight * weight).sum()
      fill(weight)
      #expect(weight.isLeaf)
      #expect(throws: ArrayError.self) { try loss.differentiate() }
    }
  }

  @Test func `a vector has no numbers of connections and no diagonal`() async {
    await #expect(processExitsWith: .failure) { Initializer.xavierUniform_(Tensor.zeros([3])) }
    await #expect(processExitsWith: .failure) { Initializer.eye_(Tensor.zeros([3])) }
  }
}
