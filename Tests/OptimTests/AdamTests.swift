import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.Adam` with the same options on the parameters and gradients of `follow`.
@Suite struct AdamTests {
  @Test func `corrects the bias of both averages`() {
    expectClose(follow { Adam($0, lr: 0.05) }, [0.3126441129136836, -1.1290886383281187, 2.0704825566133818])
    expectClose(follow { Adam($0) }, [0.4962528822582737, -1.2475817727665621, 2.001409651132268])
  }

  @Test func `betas weigh the averages, also below one half, eps is outside the root`() {
    expectClose(
      follow { Adam($0, lr: 0.05, betas: (0.6, 0.8)) },
      [0.3599099610834644, -1.1720773403357991, 2.0909150565698806])
    expectClose(
      follow { Adam($0, lr: 0.05, betas: (0.3, 0.5), eps: 0.1) },
      [0.4059945388119822, -1.218409375340543, 2.085273960057924])
  }

  @Test func `amsgrad never lets the divisor fall`() {
    expectClose(
      follow { Adam($0, lr: 0.05, betas: (0.9, 0.5), amsgrad: true) },
      [0.3217945187689158, -1.1299237476482622, 2.044265904322248])
  }

  @Test func `weight decay enters the averages, or stands apart when decoupled`() {
    expectClose(
      follow { Adam($0, lr: 0.05, weightDecay: 0.3) },
      [0.2961696092456089, -1.0839018011351458, 1.854513026477423])
    expectClose(
      follow { Adam($0, lr: 0.05, weightDecay: 0.3, decoupledWeightDecay: true) },
      [0.2782153748351937, -1.0292366349108244, 1.8975528714202023])
    expectClose(
      follow { Adam($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.6556996099688679, -1.3196175780837833, 1.7296918291979002])
  }

  @Test func `float32 parameters are changed in float32`() {
    expectClose(
      follow(.float32) { Adam($0, lr: 0.05, betas: (0.9, 0.5), weightDecay: 0.1, amsgrad: true) },
      [0.3166978657245636, -1.1173996925354004, 1.972543478012085], 2e-7)
  }
}
