import Autograd
import Lessons

struct Matrices: LessonPart {
  static let number = "2.4.9"
  static let title = "Matrices"
  let page: Page

  func play() {
    say("dot is for two vectors of one length, and for nothing else.")
    let u = show(tensor([1, 2]))
    let v = show(tensor([3, 4]))
    show(u.dot(v))

    say("Matrix with matrix, matrix with vector:")
    let a = show(tensor([[1, 2], [3, 4], [5, 6]]))
    let b = show(tensor([[1, 0, 2], [0, 1, 3]]))
    show(a.mm(b))
    show(a.mv(u))
    showError(try Tensor.apply(Dot(), a, b))
    showError(try Tensor.apply(MM(), a, a))

    say("A batch of matrices: pair by pair. Unlike matmul, bmm does not broadcast.")
    let batch = show(Tensor.stack([a, a + 10]))
    show(batch.bmm(Tensor.stack([b, b])).shape)

    say(
      """
      t transposes by exchanging the strides. The memory stays as it is, so a transpose is not contiguous: its
      rows do not lie one after the other. What needs them so, as view does, asks for contiguous() first.
      """)
    let t = show(a.t())
    show(a.stride())
    show(t.stride())
    show(t.isContiguous)
    show(t.contiguous())

    say(
      """
      The singular value decomposition: a = U·diag(S)·Vᵀ, with orthonormal columns in U and V and the singular
      values falling.
      """)
    let m = show(tensor([[2.0, 0], [0, 3], [0, 0]]))
    let parts = show(m.svd())
    show((parts.u * parts.s).mm(parts.v.t()))

    table(
      "Table 2-7. Matrices",
      [
        "dot": "Σxᵢyᵢ of two vectors",
        "mm": "matrix times matrix",
        "bmm": "the same for each of a batch",
        "mv": "matrix times vector",
        "t": "transpose, a view",
        "svd": "U, S and V",
      ])
  }
}
