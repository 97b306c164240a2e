import Autograd
import Lessons

struct ScalarCase: LessonPart {
  static let number = "2.5.3"
  static let title = "Backward from a scalar"
  let page: Page

  func play() {
    say(
      """
      z = wx + b with x = 2. We learn w and b, so they require a gradient; x does not. (The book draws w and b
      at random; here they are 3 and 4.)
      """)
    let x = show(tensor([2.0]))
    let w = show(tensor([3.0], requiresGrad: true))
    let b = show(tensor([4.0], requiresGrad: true))
    let y = show(w * x)
    let z = show(y + b)

    say("Whether each requires a gradient, is a leaf, and which operation made it:")
    show((x: x.requiresGrad, w: w.requiresGrad, b: b.requiresGrad))
    show((y: y.requiresGrad, z: z.requiresGrad))
    show((x: x.isLeaf, w: w.isLeaf, b: b.isLeaf, y: y.isLeaf, z: z.isLeaf))
    show((x: x.gradFn?.name, w: w.gradFn?.name, b: b.gradFn?.name))
    show((y: y.gradFn?.name, z: z.gradFn?.name))

    say(
      """
      Backward from z. By hand: ∂z/∂w = x = 2 and ∂z/∂b = 1. Of x none was asked for, and y is no leaf: theirs
      is none, which is not zero.
      """)
    z.backward()
    show(w.grad)
    show(b.grad)
    show(x.grad)
    show(y.grad)
  }
}
