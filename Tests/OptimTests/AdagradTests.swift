import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.Adagrad` with the same options on the parameters and gradients of `follow`.
@Suite struct AdagradTests {
  @Test func `each element's rate falls with its squared gradients`() {
    expectClose(
      follow { Adagrad($0, lr: 0.3) }, [0.15895937486363532, -0.8978013190384346, 2.297602469717344])
    expectClose(follow { Adagrad($0) }, [0.4886319791621212, -1.2382600439679476, 2.0099200823239114])
  }

  @Test func `the rate decays, the sum may start above 0`() {
    expectClose(
      follow { Adagrad($0, lr: 0.3, lrDecay: 0.2) },
      [0.13195585532240522, -0.830439459719773, 2.1322132661387037])
    expectClose(
      follow { Adagrad($0, lr: 0.3, initialAccumulatorValue: 2.0) },
      [0.2588165728455397, -1.2277397097205394, 2.293376177126172])
  }

  @Test func `the sum of every group starts where the optimizer's does`() {
    let (p, q) = (leaf(0), leaf(0))
    var own = AdagradRule()
    own.lr = 0.5
    own.initialAccumulatorValue = 0.25
    let optimizer = Adagrad([p], own)
    optimizer.addParamGroup([q]) { $0.initialAccumulatorValue = 5 }
    for parameter in [p, q] { parameter.grad = tensor([1.0], dtype: .float64) }
    optimizer.step()
    expectClose(values(p), [-0.4472135954599579])
    expectClose(values(q), [-0.4472135954599579])
  }

  @Test func `eps, weight decay and the direction`() {
    expectClose(
      follow { Adagrad($0, lr: 0.3, weightDecay: 0.3, eps: 0.1) },
      [0.16478954313346045, -0.8875099334125267, 1.6838998837430048])
    expectClose(
      follow { Adagrad($0, lr: 0.3, weightDecay: 0.3, maximize: true) },
      [0.6611671104301947, -1.537726375567171, 0.9512954755525923])
  }
}
