import Autograd
import Lessons

struct Reductions: LessonPart {
  static let number = "2.4.7"
  static let title = "Reductions"
  let page: Page

  func play() {
    say(
      """
      A reduction makes one number of many: of all elements, or of those along a dimension, which then is
      gone.
      """)
    let x = show(tensor([[1.0, 2, 3], [4, 5, 9]]))
    show(x.sum())
    show(x.sum(0))
    show(x.sum(1))

    say(
      """
      With keepDim the dimension stays with size 1, so that the result broadcasts against what it was made
      from.
      """)
    show(x.sum(1, keepDim: true))
    show(x / x.sum(1, keepDim: true))

    say(
      """
      Means, products, the middle. Of an even number of elements the median is the lower one of the two in the
      middle.
      """)
    show(x.mean())
    show(x.mean(0))
    show(x.prod())
    show(x.prod(1))
    show(x.median())
    show(x.median(1))

    say("Spread: divided by n − 1 unless another correction is given.")
    show(x.var())
    show(x.std())
    show(x.std([1], keepDim: true))
    show(x.var(correction: 0))

    say("Lengths: √Σx² unless another power is given; dist is the length of a difference.")
    show(x.norm())
    show(x.norm(1))
    show(x.norm(2, [1]))
    show(x.dist(Tensor.ones(like: x)))

    say("Cumulative ones keep every intermediate result, and so the shape.")
    show(x.cumsum(1))
    show(x.cumprod(0))

    say("A mean of integers would have to be rounded, so it has to be asked for as floats:")
    let counts = show(tensor([1, 2]))
    showError(try Tensor.apply(Mean(), counts))
    show(counts.to(.float32).mean())

    table(
      "Table 2-5. Reductions",
      [
        "cumprod": "products so far along dim",
        "cumsum": "sums so far along dim",
        "dist": "(Σ|x − y|ᵖ)^(1/p)",
        "mean": "Σx/n",
        "median": "the middle element",
        "std": "the root of var",
        "var": "Σ(x − mean)²/(n − correction)",
        "norm": "(Σ|x|ᵖ)^(1/p)",
        "prod": "the product",
        "sum": "the sum",
      ])
  }
}
