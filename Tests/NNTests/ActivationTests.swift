import NN
import Testing

/// Expected values: PyTorch 2.15.0, float64, each on [−2.5, −0.5, 0, 0.5, 7].
@Suite struct ActivationTests {
  private let cases: [(Layer, [Double])] = [
    (ReLU(), [0, 0, 0, 0.5, 7]),
    (ReLU6(), [0, 0, 0, 0.5, 6]),
    (LeakyReLU(0.2), [-0.5, -0.1, 0, 0.5, 7]),
    (ELU(0.5), [-0.45895750068805063, -0.1967346701436833, 0, 0.5, 7]),
    (SiLU(), [-0.18964545005310887, -0.1887703343990727, 0, 0.3112296656009273, 6.993622641639196]),
    (Hardtanh(-0.3, 2), [-0.3, -0.3, 0, 0.5, 2]),
    (Tanh(), [-0.9866142981514303, -0.4621171572600098, 0, 0.4621171572600098, 0.9999983369439447]),
    (Sigmoid(), [0.07585818002124355, 0.3775406687981454, 0.5, 0.6224593312018546, 0.9990889488055994]),
    (
      LogSigmoid(),
      [
        -2.5788897342925496, -0.9740769841801067, -0.6931471805599453, -0.4740769841801067,
        -0.0009114664537742447,
      ]
    ),
    (Softsign(), [-0.7142857142857143, -0.3333333333333333, 0, 0.3333333333333333, 0.875]),
    (GELU(), [-0.015524163314440398, -0.15426876936299344, 0, 0.34573123063700656, 6.999999999991041]),
    (
      GELU(approximate: .tanh),
      [-0.015084266089998577, -0.15428599017485606, 0, 0.34571400982514394, 6.999999999999997]
    ),
    (
      Softplus(beta: 2, threshold: 10),
      [0.003357674244559034, 0.15663084375911143, 0.34657359027997264, 0.6566308437591114, 7]
    ),
    (
      Softmax(dim: 0),
      [
        7.462472763619065e-05, 0.0005514062988712332, 0.0009091152937470342, 0.0014988777223195304,
        0.996965975957426,
      ]
    ),
    (
      LogSoftmax(dim: 0),
      [-9.503038636024458, -7.503038636024458, -7.003038636024458, -6.503038636024458, -0.003038636024457885]
    ),
  ]

  @Test func `each activation is PyTorch's function`() {
    let x = matrix([-2.5, -0.5, 0, 0.5, 7], [5])
    for (layer, expected) in cases { expectClose(values(layer(x)), expected) }
    #expect(values(x) == [-2.5, -0.5, 0, 0.5, 7])
  }

  @Test func `in place the input takes the values and the history`() {
    for layer in [ReLU(inPlace: true), LeakyReLU(0.2, inPlace: true), ELU(0.5, inPlace: true)] as [Layer] {
      let leaf = matrix([-2, 3], [2]).requiresGrad_()
      let x = leaf * 1
      let y = layer(x)
      #expect(y === x)
      y.sum().backward()
      let slope = values(leaf.grad)
      #expect(slope[0] < 0.3 && slope[1] == 1)
    }
  }
}
