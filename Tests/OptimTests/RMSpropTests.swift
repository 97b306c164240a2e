import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.RMSprop` with the same options on the parameters and gradients of `follow`.
@Suite struct RMSpropTests {
  @Test func `divides by the root of the mean square`() {
    expectClose(
      follow { RMSprop($0, lr: 0.05) }, [-0.06716050183524241, -0.664563010491343, 2.496756499979387])
    expectClose(
      follow { RMSprop($0, lr: 0.05, alpha: 0.5, eps: 0.1) },
      [0.42103698274286666, -1.2063792314480983, 2.0778051777074755])
  }

  @Test func `centred takes the mean gradient off`() {
    expectClose(
      follow { RMSprop($0, lr: 0.05, alpha: 0.7, eps: 0.01, centered: true) },
      [0.35349007071523975, -1.0750044956087403, 2.128118908002977])
  }

  @Test func `momentum adds the last change`() {
    expectClose(
      follow { RMSprop($0, lr: 0.05, momentum: 0.8) },
      [-2.0068770819041246, 1.6381663200242302, 3.0977810376125148])
    expectClose(
      follow { RMSprop($0, lr: 0.05, alpha: 0.7, eps: 0.01, momentum: 0.8, centered: true) },
      [-0.12148888381274624, -0.46297134832922354, 2.2804346544241154])
  }

  @Test func `weight decay and the direction`() {
    expectClose(
      follow { RMSprop($0, lr: 0.05, weightDecay: 0.3) },
      [-0.004813101762113692, -0.6487285720005679, 1.5085662242655293])
    expectClose(
      follow { RMSprop($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.6937763336188278, -1.6873554150802945, 0.35237798275797433])
  }
}
