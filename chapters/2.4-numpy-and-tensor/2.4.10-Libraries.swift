import Autograd
import Lessons

struct Libraries: LessonPart {
  static let number = "2.4.10"
  static let title = "NumPy, PyTorch and this library"
  let page: Page

  func play() throws {
    say(
      """
      NDArray is NumPy's array, Tensor is PyTorch's: an array that can remember how it was made. Both have the
      same operations, under PyTorch's names; each prints as its model does. The numbers without a type
      differ: NumPy makes float64 of them, PyTorch float32.
      """)
    elsewhere(numpy: "np.array([[1, 2], [3, 4]])", torch: "torch.tensor([[1, 2], [3, 4]])")
    let a = show(NDArray([1, 2, 3, 4], shape: [2, 2]))
    let t = show(tensor([[1, 2], [3, 4]]))

    say("Types have one name each: NumPy's, which are PyTorch's as well. float16 is not among them.")
    show(DType.allCases)
    elsewhere(numpy: "a.astype(np.float64)", torch: "t.type(torch.float64)")
    show(a.to(.float64))
    show(t.to(.float64))

    say("Construction:")
    elsewhere(numpy: "np.zeros((2, 3))", torch: "torch.zeros(2, 3)")
    show(NDArray.zeros([2, 3], dtype: .float64))
    show(Tensor.zeros([2, 3]))
    elsewhere(numpy: "np.ones(3)", torch: "torch.ones(3)")
    show(NDArray.ones([3], dtype: .float64))
    show(Tensor.ones([3]))
    elsewhere(numpy: "np.eye(2)", torch: "torch.eye(2)")
    show(NDArray.eye(2, dtype: .float64))
    show(Tensor.eye(2))
    elsewhere(numpy: "np.arange(0, 10, 2)", torch: "torch.arange(0, 10, 2)")
    show(NDArray.arange(0, 10, step: 2))
    show(Tensor.arange(0, 10, step: 2))
    elsewhere(numpy: "np.linspace(1, 10, 4)", torch: "torch.linspace(1, 10, 4)")
    show(NDArray.linspace(1, 10, 4, dtype: .float64))
    show(Tensor.linspace(1, 10, 4))
    elsewhere(numpy: "np.concatenate((a, a))", torch: "torch.cat((t, t))")
    show(NDArray.cat([a, a]))
    show(Tensor.cat([t, t]))
    elsewhere(numpy: "np.stack((a, a)).shape", torch: "torch.stack((t, t)).size()")
    show(NDArray.stack([a, a]).shape)
    show(Tensor.stack([t, t]).size())

    say("Shape, and copies:")
    elsewhere(numpy: "a.shape", torch: "t.size()")
    show(a.shape)
    show(t.size())
    elsewhere(numpy: "a.ndim", torch: "t.dim()")
    show(a.rank)
    show(t.dim())
    elsewhere(numpy: "a.reshape(4)", torch: "t.view(4)")
    show(a.reshape(4))
    show(t.view(4))
    elsewhere(numpy: "a.T", torch: "t.t()")
    show(a.t())
    show(t.t())
    elsewhere(numpy: "a.copy()", torch: "t.clone()")
    show(try a.clone())
    show(t.clone())

    say("Calculation. NumPy's dot is a matrix product for matrices; PyTorch keeps the two apart.")
    elsewhere(numpy: "a.dot(a)", torch: "t.mm(t)")
    show(a.mm(a))
    show(t.mm(t))
    elsewhere(numpy: "np.power(a, 2)", torch: "torch.pow(t, 2)")
    show(a.pow(2))
    show(t.pow(2))
    elsewhere(numpy: "np.less(a, 3)", torch: "torch.lt(t, 3)")
    show(a.lt(3))
    show(t.lt(3))
    elsewhere(numpy: "np.greater_equal(a, 3)", torch: "torch.ge(t, 3)")
    show(a.ge(3))
    show(t.ge(3))
    elsewhere(numpy: "np.not_equal(a, 3)", torch: "torch.ne(t, 3)")
    show(a.ne(3))
    show(t.ne(3))

    say(
      """
      Random numbers. Each library has its own stream; from one seed each gives its own numbers, and so it is
      here.
      """)
    var stream = NumPyRandomState(seed: 100)
    manualSeed(100)
    elsewhere(numpy: "np.random.rand(3)", torch: "torch.rand(3)")
    show(NDArray(stream.randomSample(count: 3)))
    show(Tensor.rand([3]))
    elsewhere(numpy: "np.random.randn(3)", torch: "torch.randn(3)")
    show(NDArray(stream.standardNormal(count: 3)))
    show(Tensor.randn([3]))

    say("And between the two, without a copy:")
    elsewhere(numpy: "t.numpy()", torch: "torch.from_numpy(a)")
    show(t.numpy())
    show(Tensor(a))
  }
}
