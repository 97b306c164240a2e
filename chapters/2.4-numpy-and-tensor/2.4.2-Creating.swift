import Autograd
import Lessons

struct Creating: LessonPart {
  static let number = "2.4.2"
  static let title = "Creating tensors"
  let page: Page

  func play() {
    say(
      """
      From data: numbers in nested brackets. Integers make an int64 tensor, one number with a point makes all
      of them float32; anything else is asked for.
      """)
    show(tensor([[1, 2], [3, 4]]))
    show(tensor([1, 2.5]))
    show(tensor([1, 2], dtype: .float64))
    show(tensor([true, false]))

    say(
      """
      tensor(1) is the value 1: no dimension, one integer. PyTorch's torch.Tensor(1), with a capital T, is
      something else: memory for one float32 that nobody has set. Here that has a name that says so; what the
      memory holds is chance, so only its shape is shown.
      """)
    show(tensor(1))
    let unset = Tensor.empty([1])
    show(unset.shape)
    show(unset.dtype)

    say("By shape, or by the shape of another tensor:")
    let x = show(Tensor.ones([2, 3]))
    show(Tensor.zeros([2], dtype: .int64))
    show(Tensor.full([2, 2], 7))
    show(Tensor.eye(2, 3))
    show(Tensor.zeros(like: x))
    show(Tensor.ones(like: x, dtype: .bool))

    say(
      """
      Series. arange stops before its end; linspace and logspace include it, and are told how many numbers to
      make.
      """)
    show(Tensor.arange(5))
    show(Tensor.arange(1, 2, step: 0.25))
    show(Tensor.linspace(1, 10, 4))
    show(Tensor.logspace(1, 3, 3))

    say(
      """
      Random numbers, uniform in [0, 1) and standard normal. From the same seed come PyTorch's own numbers.
      """)
    manualSeed(100)
    show(Tensor.rand([2, 3]))
    show(Tensor.randn([3]))

    say(
      """
      From an array, NumPy's kind: the tensor shares the array's memory, and a change of one is seen in the
      other. A Swift array is copied.
      """)
    let array = show(NDArray([1, 2, 3]))
    let shared = show(Tensor(array))
    array.mul_(10)
    show(shared)
    show(shared.numpy())
    let numbers = [1, 2, 3]
    show(tensor(numbers))

    say("Rows of different lengths make no tensor:")
    let ragged: TensorLiteral = [[1, 2], [3]]
    showError(try ragged.array())

    table(
      "Table 2-1. Creating",
      [
        "eye": "ones on the diagonal",
        "linspace": "evenly spaced, both ends included",
        "logspace": "powers of base, evenly spaced exponents",
        "ones": "ones",
        "zeros": "zeros",
        "full": "one number everywhere",
        "ones_like": "ones, of input's shape and dtype",
        "zeros_like": "zeros, of input's shape and dtype",
        "arange": "start, start + step, … before end",
      ],
      others: [
        "tensor([[1, 2], [3, 4]])": "from data, copied",
        "Tensor.empty([1])": "memory that nobody has set",
        "Tensor.rand([2, 3])": "uniform in [0, 1)",
        "Tensor.randn([3])": "standard normal",
        "Tensor(array)": "from an array, memory shared",
      ])
  }
}
