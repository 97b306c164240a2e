import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.RAdam` with the same options on the parameters and gradients of `follow`.
@Suite struct RAdamTests {
  @Test func `waits with its divisor for five steps and is then rectified`() {
    expectClose(
      follow { RAdam($0, lr: 0.05) }, [0.28360044672349083, -1.1709037748011553, 2.056004429631045])
    expectClose(follow { RAdam($0) }, [0.49567200893446983, -1.2484180754960235, 2.001120088592621])
  }

  @Test func `with small betas the divisor comes early, or never`() {
    expectClose(
      follow { RAdam($0, lr: 0.05, betas: (0.6, 0.8)) },
      [0.33077945944941767, -1.2398688889865273, 2.0931336110428505])
    expectClose(
      follow { RAdam($0, lr: 0.05, betas: (0.6, 0.5)) },
      [0.33077945944941767, -1.2398688889865273, 2.0931336110428505])
    expectClose(
      follow { RAdam($0, lr: 0.05, betas: (0.6, 0.85)) },
      [0.32065831218082397, -1.2176019292067124, 2.0871664874742897])
  }

  @Test func `eps is added to the root`() {
    expectClose(
      follow { RAdam($0, lr: 0.05, betas: (0.6, 0.9), eps: 0.1) },
      [0.3192467316927271, -1.2153967172253843, 2.086310969318095])
  }

  @Test func `weight decay enters the averages, or stands apart when decoupled`() {
    expectClose(
      follow { RAdam($0, lr: 0.05, weightDecay: 0.3) },
      [0.2516629525681574, -1.0805053202505488, 1.9077392513226146])
    expectClose(
      follow { RAdam($0, lr: 0.05, weightDecay: 0.3, decoupledWeightDecay: true) },
      [0.2517718736584795, -1.0676527179371589, 1.88169088239558])
    expectClose(
      follow { RAdam($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.6741758000550584, -1.234271760106051, 1.7957447552425292])
  }
}
