import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.AdamW` with the same options on the parameters and gradients of `follow`.
@Suite struct AdamWTests {
  @Test func `shrinks the parameters by 0.01·lr unless told otherwise`() {
    expectClose(follow { AdamW($0, lr: 0.05) }, [0.311449669952502, -1.12563383758996, 2.0645074266969115])
    expectClose(follow { AdamW($0) }, [0.4962230045697575, -1.2475068909399452, 2.0012896611132516])
  }

  @Test func `weight decay is scaled by the rate`() {
    expectClose(
      follow { AdamW($0, lr: 0.05, weightDecay: 0.3) },
      [0.2782153748351937, -1.0292366349108244, 1.8975528714202023])
    expectClose(
      follow { AdamW($0, lr: 0.05, weightDecay: 0.3, maximize: true) },
      [0.6350928799949468, -1.254034002164527, 1.7556801479003596])
  }

  @Test func `betas, eps and amsgrad are Adam's`() {
    expectClose(
      follow { AdamW($0, lr: 0.05, betas: (0.6, 0.5), eps: 0.1) },
      [0.3539266888832588, -1.1870865210944306, 2.0696548073490266])
    expectClose(
      follow { AdamW($0, lr: 0.05, betas: (0.9, 0.5), amsgrad: true) },
      [0.32059569937845583, -1.1264566240767424, 2.0383110582749926])
  }
}
