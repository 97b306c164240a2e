import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.Rprop` with the same options on the parameters and gradients of `follow`.
@Suite struct RpropTests {
  @Test func `steps grow while the sign stays, shrink when it changes`() {
    expectClose(follow { Rprop($0, lr: 0.1) }, [0.14800000000000002, -1.0443999999999998, 2.01])
    expectClose(follow { Rprop($0) }, [0.4648, -1.22944, 2.001])
  }

  @Test func `etas are the factors`() {
    expectClose(
      follow { Rprop($0, lr: 0.1, etas: (0.3, 1.5)) },
      [0.13749999999999998, -0.9437499999999999, 1.9749999999999999])
  }

  @Test func `steps stay within bounds`() {
    expectClose(
      follow { Rprop($0, lr: 0.1, stepSizes: (0.08, 0.11)) },
      [0.11400000000000002, -1.1059999999999999, 2.076])
  }

  @Test func `the direction`() {
    expectClose(follow { Rprop($0, lr: 0.1, maximize: true) }, [0.852, -1.4556, 1.9900000000000002])
  }
}
