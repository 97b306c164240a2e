import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.Adamax` with the same options on the parameters and gradients of `follow`.
@Suite struct AdamaxTests {
  @Test func `divides by the largest recent gradient`() {
    expectClose(
      follow { Adamax($0, lr: 0.05) }, [0.35150350122783114, -1.1353027751241969, 2.022111206082713])
    expectClose(follow { Adamax($0) }, [0.49406014004911325, -1.245412111004968, 2.0008844482433084])
  }

  @Test func `betas weigh, eps is added to the gradient's size`() {
    expectClose(
      follow { Adamax($0, lr: 0.05, betas: (0.5, 0.6)) },
      [0.3224005823202918, -1.2106076137521333, 2.072587899382106])
    expectClose(
      follow { Adamax($0, lr: 0.05, betas: (0.5, 0.6), eps: 0.1) },
      [0.34024052286821105, -1.2234034647855012, 2.073153032596225])
  }

  @Test func `weight decay and the direction`() {
    expectClose(
      follow { Adamax($0, lr: 0.05, weightDecay: 0.3) },
      [0.3406667004102314, -1.1007958988863873, 1.8832479825095192])
    expectClose(
      follow { Adamax($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.6282445085617464, -1.3282028575771885, 1.8078370803363781])
  }
}
