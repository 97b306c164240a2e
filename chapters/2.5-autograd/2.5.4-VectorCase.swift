import Autograd
import Lessons

struct VectorCase: LessonPart {
  static let number = "2.5.4"
  static let title = "Backward from a vector"
  let page: Page

  func play() {
    say(
      """
      x = (2, 3), and y₁ = x₁² + 3x₂, y₂ = x₂² + 2x₁. y is made first and then filled in; the assignments are
      recorded.
      """)
    let x = show(tensor([[2.0, 3.0]], requiresGrad: true))
    let y = show(Tensor.zeros([1, 2]))
    y[0, 0] = x[0, 0].pow(2) + 3 * x[0, 1]
    y[0, 1] = x[0, 1].pow(2) + 2 * x[0, 0]
    show(y)

    say(
      """
      By hand, the Jacobian J, whose entry in row i and column j is ∂yᵢ/∂xⱼ, is

          2x₁   3          4  3
           2   2x₂    =    2  6

      A vector has no single gradient. backward wants a v, and gives vᵀJ. With v = (1, 1) that is the sum of
      the rows, not the Jacobian:
      """)
    y.backward(gradient: tensor([[1.0, 1.0]]), retainGraph: true)
    show(x.grad)

    say(
      """
      Each row by itself: v = (1, 0) gives the first, v = (0, 1) the second. Gradients add up, so they are
      emptied in between; the first pass has to leave the graph for the second.
      """)
    let J = Tensor.zeros([2, 2])
    x.zeroGrad()
    y.backward(gradient: tensor([[1.0, 0.0]]), retainGraph: true)
    J[0] = x.grad![0]
    x.zeroGrad()
    y.backward(gradient: tensor([[0.0, 1.0]]))
    J[1] = x.grad![0]
    show(J)
  }
}
