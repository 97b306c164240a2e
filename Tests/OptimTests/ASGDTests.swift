import Optim
import Testing

/// Expected values: PyTorch 2.15.0, `torch.optim.ASGD` with the same options on the parameters and gradients of `follow`.
@Suite struct ASGDTests {
  @Test func `the rate falls, the parameters shrink`() {
    expectClose(follow { ASGD($0, lr: 0.1) }, [0.34997837784002594, -1.3749211978815505, 2.1998713153056184])
    expectClose(
      follow { ASGD($0, lr: 0.1, lambd: 0.1) }, [0.32929643908618655, -1.299495577401004, 2.07670138818337])
    expectClose(
      follow { ASGD($0, lr: 0.1, lambd: 0.1, alpha: 0.3) },
      [0.33063192104520406, -1.3029239216325386, 2.0776195124367924])
    expectClose(follow { ASGD($0) }, [0.4849970842709003, -1.262492462110223, 2.019987912990332])
  }

  @Test func `weight decay and the direction`() {
    expectClose(
      follow { ASGD($0, lr: 0.1, weightDecay: 0.3) },
      [0.29773988386424494, -1.1757288989249541, 1.8517702915495182])
    expectClose(
      follow { ASGD($0, lr: 0.1, weightDecay: 0.3, maximize: true) },
      [0.5351834971119992, -0.9065795535156564, 1.4799232323554583])
  }

  @Test func `the average of the parameters begins at t0 and is in the state`() {
    let p = leaf(0.5, -1.25, 2)
    let optimizer = ASGD([p], lr: 0.1, t0: 2)
    var averages: [[Double]] = []
    for gradient in gradients {
      p.grad = tensor(gradient)
      optimizer.step()
      averages.append(optimizer.stateDictionary.states[0]?["ax"]?.toArray() ?? [])
    }
    expectClose(averages[0], [0.3499949977647513, -1.1999874992547557, 1.9749799996271729])
    expectClose(averages[5], [0.2833167502178908, -1.3082696969172631, 2.2165595238882636])
  }
}
