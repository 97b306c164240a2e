import Optim
import Testing

/// Expected values: PyTorch 2.15.0.
@Suite struct CombinedScheduleTests {
  @Test func `a sequence enters each schedule from its own beginning`() {
    expectClose(
      rates(7) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 2), ExponentialLR(optimizer, gamma: 0.9),
          ], milestones: [3])
      }, [0.05, 0.05, 0.5, 0.5, 0.45, 0.405, 0.3645, 0.32805])
    expectClose(
      rates(8) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            LinearLR(optimizer, startFactor: 0.5, totalIters: 2), CosineAnnealingLR(optimizer, tMax: 4),
            StepLR(optimizer, stepSize: 1, gamma: 0.5),
          ], milestones: [2, 5])
      }, [0.25, 0.375, 0.5, 0.42677669529663687, 0.25, 0.5, 0.25, 0.125, 0.0625])
    expectClose(
      rates(7) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 2), PolynomialLR(optimizer, totalIters: 4),
          ], milestones: [2])
      }, [0.05, 0.05, 0.5, 0.375, 0.25, 0.125, 0, 0])
  }

  @Test func `warm restarts can come before another schedule, or follow a warm-up`() {
    expectClose(
      rates(4) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [CosineAnnealingWarmRestarts(optimizer, t0: 4), ExponentialLR(optimizer, gamma: 0.5)],
          milestones: [2])
      }, [0.5, 0.42677669529663687, 0.5, 0.25, 0.125])
    expectClose(
      rates(8) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            LinearLR(optimizer, startFactor: 0.5, totalIters: 2),
            CosineAnnealingWarmRestarts(optimizer, t0: 2),
          ], milestones: [2])
      }, [0.25, 0.375, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.5])
  }

  @Test func `a sequence may begin behind its first milestones, and hold others`() {
    expectClose(
      rates(3) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ConstantLR(optimizer, factor: 0.1, totalIters: 9), ExponentialLR(optimizer, gamma: 0.5),
          ], milestones: [0])
      }, [0.5, 0.25, 0.125, 0.0625])
    expectClose(
      rates(6) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            ChainedScheduler([StepLR(optimizer, stepSize: 2), ExponentialLR(optimizer, gamma: 0.5)]),
            ConstantLR(optimizer, factor: 0.1, totalIters: 9),
          ], milestones: [3])
      }, [0.25, 0.125, 0.00625, 0.05, 0.05, 0.05, 0.05])
    expectClose(
      rates(6) { optimizer in
        SequentialLR(
          optimizer,
          schedulers: [
            SequentialLR(
              optimizer,
              schedulers: [
                ConstantLR(optimizer, factor: 0.1, totalIters: 9), StepLR(optimizer, stepSize: 2),
              ], milestones: [2]),
            ExponentialLR(optimizer, gamma: 0.5),
          ], milestones: [4])
      }, [0.05, 0.5, 0.5, 0.05, 0.5, 0.25, 0.125])
  }

  @Test func `schedules made of others take no epoch, and none of them can be entered at a milestone`() {
    let optimizer = SGD([leaf(0)], lr: 0.5)
    let chain = ChainedScheduler([ExponentialLR(optimizer, gamma: 0.5)])
    let sequence = SequentialLR(
      optimizer, schedulers: [ExponentialLR(optimizer, gamma: 0.5), chain], milestones: [1])
    for schedule in [chain, sequence] as [LRScheduler] {
      #expect(
        message { () throws(ArrayError) in try schedule.advance(to: 3) }?
          .contains("step() takes 1 positional argument but 2 were given") == true)
    }
    #expect(
      message { () throws(ArrayError) in try sequence.advance() }?
        .contains("a schedule that is made of others cannot be entered at a milestone") == true)
  }

  @Test func `chained schedules act in their order`() {
    expectClose(
      rates(4) { optimizer in
        ChainedScheduler([
          CosineAnnealingLR(optimizer, tMax: 4, etaMin: 0.1), ExponentialLR(optimizer, gamma: 0.5),
        ])
      }, [0.5, 0.22071067811865475, 0.08535533905932738, 0.04785533905932738, 0.05])
    expectClose(
      rates(4) { optimizer in
        ChainedScheduler([
          ExponentialLR(optimizer, gamma: 0.5), CosineAnnealingLR(optimizer, tMax: 4, etaMin: 0.1),
        ])
      }, [0.5, 0.22803300858899106, 0.10821067811865476, 0.08655776503073437, 0.1])
  }

  @Test func `chained schedules multiply`() {
    expectClose(
      rates(5) { optimizer in
        ChainedScheduler([
          ConstantLR(optimizer, factor: 0.1, totalIters: 2), ExponentialLR(optimizer, gamma: 0.9),
        ])
      }, [0.05, 0.045, 0.405, 0.3645, 0.32805, 0.295245])
  }
}
