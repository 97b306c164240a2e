import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.Adadelta` with the same options on the parameters and gradients of `follow`.
@Suite struct AdadeltaTests {
  @Test func `needs no rate`() {
    expectClose(follow { Adadelta($0) }, [0.49662146876985197, -1.2503918193182388, 2.0071679320758404])
    expectClose(
      follow { Adadelta($0, lr: 0.5) }, [0.498310734384926, -1.2501959096591193, 2.0035839660379207])
  }

  @Test func `rho weighs the averages, eps starts the changes`() {
    expectClose(
      follow { Adadelta($0, rho: 0.5) }, [0.4982370532449634, -1.250547563407536, 2.00268784680928])
    expectClose(
      follow { Adadelta($0, rho: 0.3, eps: 0.01) },
      [0.3247332098835001, -1.3413292348732222, 2.190132395365587])
  }

  @Test func `weight decay and the direction`() {
    expectClose(
      follow { Adadelta($0, eps: 0.01, weightDecay: 0.3) },
      [0.16661684638681074, -1.0420165540879291, 1.5974090989068865])
    expectClose(
      follow { Adadelta($0, eps: 0.01, weightDecay: 0.3, maximize: true) },
      [0.5216099679135091, -0.8662619447765496, 0.5878580305276919])
  }
}
