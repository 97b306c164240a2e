import Autograd
import Lessons

struct Elementwise: LessonPart {
  static let number = "2.4.6"
  static let title = "Elementwise operations"
  let page: Page

  func play() {
    say("One element in, one element out, and a new tensor for the result.")
    let x = show(tensor([-1.5, -0.5, 0, 2.25]))
    let y = show(tensor([1.0, 2, 4, 8]))
    show(x.abs())
    show(x.neg())
    show(x.sign())
    show(x.ceil())
    show(x.floor())
    show(x.clamp(min: -1, max: 1))

    say("Two operands, or an operand and a number; alpha scales the second one.")
    show(x.add(y))
    show(x.add(y, alpha: 10))
    show(x.add(100))
    show(x.mul(y))
    show(x.pow(2))

    say("Two more with a product or quotient inside: x + value·a·b and x + value·a/b.")
    show(x.addcmul(y, y, value: 0.5))
    show(x.addcdiv(y, tensor([2.0]), value: 10))

    say("Functions. Outside its domain a function gives nan, not an error.")
    show(y.exp())
    show(y.log())
    show(x.sqrt())
    show(x.sigmoid())
    show(x.tanh())
    show(x.softmax(0))
    show(x.softmax(0).sum())

    say("Integers become floats where the result is none:")
    show(tensor([1, 4]).sqrt())
    show(tensor([1, 4]).div(2))

    say("With the underscore the result replaces the operand, and the next line starts from it.")
    let z = show(x.clone())
    show(z.abs_())
    show(z.add_(y, alpha: 0.5))
    show(z.mul_(2))
    show(z.addcmul_(y, y))
    show(z.addcdiv_(y, y))
    show(z.sqrt_())
    show(z.clamp_(max: 4))
    show(z.floor_())
    let s = show(tensor([-0.5, 0.25, 1.5]))
    show(s.neg_())
    show(s.tanh_())
    show(s.sigmoid_())
    show(s.log_())
    show(s.pow_(2))
    show(s.exp_())
    show(s.ceil_())
    show(s.sign_())

    say("An integer tensor has no room for square roots:")
    let squares = show(tensor([1, 4]))
    showError(try squares.applyInPlace(Sqrt()))

    table(
      "Table 2-4. Elementwise",
      [
        "abs": "|x|",
        "add": "input + alpha·other",
        "addcdiv": "input + value·tensor1/tensor2",
        "addcmul": "input + value·tensor1·tensor2",
        "ceil": "the next integer above",
        "floor": "the next integer below",
        "clamp": "limited to [min, max]",
        "exp": "eˣ",
        "log": "ln x",
        "pow": "x to the power of exponent",
        "mul": "x·y",
        "neg": "−x",
        "sigmoid": "1/(1 + e⁻ˣ)",
        "tanh": "the hyperbolic tangent",
        "softmax": "eˣ/Σeˣ along dim",
        "sign": "−1, 0 or 1",
        "sqrt": "√x",
      ])
  }
}
