import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.SGD` with the same options on the parameters and gradients of `follow`.
@Suite struct SGDTests {
  @Test func `the plain step is p − lr·g`() {
    expectClose(follow { SGD($0, lr: 0.1) }, [0.35, -1.375, 2.1999999999999997])
  }

  @Test func `weight decay adds the parameter to the gradient, maximising turns it round`() {
    expectClose(
      follow { SGD($0, lr: 0.1, weightDecay: 0.3) },
      [0.29775776760950007, -1.1757940441262502, 1.8518752997155001])
    expectClose(
      follow { SGD($0, lr: 0.1, weightDecay: 0.3, maximize: true) },
      [0.5352142373195, -0.90663596819625, 1.4800127200005])
    expectClose(follow { SGD($0, lr: 0.1, maximize: true) }, [0.65, -1.125, 1.7999999999999998])
  }

  @Test func `momentum keeps a part of the last change, dampening weakens what is added`() {
    expectClose(
      follow { SGD($0, lr: 0.1, momentum: 0.9) }, [-0.47814850000000014, -1.1466879999999997, 2.60911525])
    expectClose(
      follow { SGD($0, lr: 0.1, momentum: 0.9, dampening: 0.4, weightDecay: 0.1) },
      [-0.3989515127800027, -0.9539106482769458, 2.071558723692838])
  }

  @Test func `Nesterov looks ahead`() {
    expectClose(
      follow { SGD($0, lr: 0.1, momentum: 0.9, nesterov: true) },
      [-0.5303336500000002, -1.2820192000000001, 2.748203725])
    expectClose(
      follow { SGD($0, lr: 0.1, momentum: 0.5, weightDecay: 0.1, nesterov: true, maximize: true) },
      [0.7577948933106172, -0.920577438111582, 1.4080835592372734])
  }

  @Test func `float32 parameters are changed in float32`() {
    expectClose(follow(.float32) { SGD($0, lr: 0.1) }, [0.3500000238418579, -1.375, 2.200000047683716], 0)
    expectClose(
      follow(.float32) { SGD($0, lr: 0.1, momentum: 0.9, weightDecay: 0.1) },
      [-0.508217453956604, -0.9583722949028015, 2.2561492919921875], 2e-7)
  }
}
