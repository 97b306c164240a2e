import Autograd
import Lessons

struct Rules: LessonPart {
  static let number = "2.5.1"
  static let title = "The rules"
  let page: Page

  func play() {
    say(
      """
      Rule 1. A tensor that you make is a leaf. It requires no gradient unless you ask for one, and what is
      calculated from a tensor that requires a gradient requires one, too.
      """)
    let x = show(tensor([1.0, 2.0]))
    let w = show(tensor([3.0, 4.0], requiresGrad: true))
    show((x: x.requiresGrad, w: w.requiresGrad))
    show((x * 2).requiresGrad)
    show((x * w).requiresGrad)
    say("Only what varies continuously has a gradient: integers have none.")
    showError(try tensor([1, 2]).setRequiresGrad(true))

    say(
      """
      Rule 2. A leaf can be told later, in place. A result cannot: whether it requires a gradient follows from
      its operands. (requiresGrad_() stops the program where setRequiresGrad throws the reason.)
      """)
    let later = show(tensor([5.0]))
    show(later.requiresGrad_())
    show(later.requiresGrad_(false))
    showError(try (x * w).setRequiresGrad(false))

    say(
      """
      Rule 3. A result remembers the operation that made it, as its gradFn; a leaf has none. Operations have
      PyTorch's names.
      """)
    let y = show(x * w)
    show((isLeaf: y.isLeaf, gradFn: y.gradFn?.name))
    show((isLeaf: w.isLeaf, gradFn: w.gradFn?.name))
    show(y.sum().gradFn?.name)
    show((y + 1).exp().gradFn?.nextFunctions[0]?.node.name)

    say(
      """
      Rule 4. backward() goes from a result back to the leaves and adds what it finds to their grad. It adds:
      a second pass through a new graph of the same calculation doubles it. So it has to be emptied between
      two steps of training.
      """)
    show(w.grad)
    (x * w).sum().backward()
    show(w.grad)
    (x * w).sum().backward()
    show(w.grad)
    show(x.grad)
    w.zeroGrad()
    show(w.grad)
    say("There is nothing to go back to from a tensor that requires no gradient.")
    showError(try (x * 2).sum().differentiate())

    say(
      """
      Rule 5. A result of one element needs no argument. One of several needs a gradient of its own shape: the
      weight with which each of its elements counts.
      """)
    showError(try (x * w).differentiate())
    let v = show(tensor([1.0, 0.1]))
    (x * w).backward(gradient: v)
    show(w.grad)
    showError(try (x * w).differentiate(gradient: tensor([1.0])))
    w.zeroGrad()
    (x * w).backward(gradient: tensor([1.0]).expand(2))
    show(w.grad)

    say(
      """
      Rule 6. The values that the derivatives need are let go as soon as a pass has used them. Who wants a
      second pass through the same graph says so in the first one. The passes add up.
      """)
    let once = (w * w).sum()
    once.backward()
    showError(try once.differentiate())
    w.zeroGrad()
    let twice = (w * w).sum()
    twice.backward(retainGraph: true)
    show(w.grad)
    twice.backward()
    show(w.grad)
    say("A sum keeps nothing, since its derivative needs nothing. Such a graph can be passed again.")
    w.zeroGrad()
    let total = w.sum()
    total.backward()
    total.backward()
    show(w.grad)

    say(
      """
      Rule 7. The gradient of a result on the way is used and then dropped, unless the result was told to keep
      it.
      """)
    let dropped = w * w
    let kept = w * w
    kept.retainGrad()
    (dropped * kept).sum().backward()
    show(dropped.grad)
    show(kept.grad)
    say("To keep something there has to be a gradient.")
    showError(try (x * 2).retainingGrad())

    say(
      """
      Rule 8. detach() gives the same elements without the history; inside noGrad { } nothing is recorded.
      That is where parameters are updated: elsewhere, a leaf cannot be changed in place.
      """)
    let cut = show((w * 2).detach())
    show((requiresGrad: cut.requiresGrad, isLeaf: cut.isLeaf))
    show(noGrad { (w * 2).requiresGrad })
    showError(try w.applyInPlace(broadcasting: Sub(), x))
    noGrad {
      w.sub_(x)
      w.zeroGrad()
    }
    show(w)
    say("A value that a derivative needs must not change before it was used. The recording notices.")
    let product = (cut * w).sum()
    cut.add_(1)
    showError(try product.differentiate())
  }
}
