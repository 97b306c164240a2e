import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.NAdam` with the same options on the parameters and gradients of `follow`.
@Suite struct NAdamTests {
  @Test func `looks ahead with a momentum that grows`() {
    expectClose(
      follow { NAdam($0, lr: 0.05) }, [0.4282001238583548, -1.1965826728977853, 2.0720952161612147])
    expectClose(
      follow { NAdam($0, lr: 0.05, momentumDecay: 1.0) },
      [0.42100830445997867, -1.1894506285034885, 2.068401251049351])
    expectClose(follow { NAdam($0) }, [0.4971280049543342, -1.2478633069159113, 2.0028838086464487])
  }

  @Test func `betas weigh the averages, eps is outside the root`() {
    expectClose(
      follow { NAdam($0, lr: 0.05, betas: (0.6, 0.8)) },
      [0.42424014328599136, -1.199926422240303, 2.092321867947377])
    expectClose(
      follow { NAdam($0, lr: 0.05, betas: (0.3, 0.5), eps: 0.1) },
      [0.4324919689806436, -1.2207416698541627, 2.076795392016925])
  }

  @Test func `weight decay enters the averages, or stands apart when decoupled`() {
    expectClose(
      follow { NAdam($0, lr: 0.05, weightDecay: 0.3) },
      [0.41034237274694907, -1.1654697139769428, 1.9107346453129181])
    expectClose(
      follow { NAdam($0, lr: 0.05, weightDecay: 0.3, decoupledWeightDecay: true) },
      [0.39075794861852325, -1.0949043521125237, 1.8974718990724269])
    expectClose(
      follow { NAdam($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.543243321546395, -1.2839292801423714, 1.7663767302826472])
  }
}
