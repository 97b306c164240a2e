import Arrays
import Testing

/// One array with what PyTorch 2.15 and NumPy 2.4 print for it.
struct PrintedCase: Sendable, CustomTestStringConvertible {
  let array: NDArray
  let torch: String
  let repr: String
  let str: String

  init(_ values: [Double], _ shape: Shape, _ dtype: DType, torch: String, repr: String, str: String) {
    array = checked { () throws(ArrayError) in try NDArray(values, shape: shape).converted(to: dtype) }
    (self.torch, self.repr, self.str) = (torch, repr, str)
  }

  var testDescription: String { repr.split(separator: "\n").joined(separator: " ") }
}

/// Arrays around every decision the two libraries make, printed by the libraries themselves.
let printedCases: [PrintedCase] = [
  PrintedCase(
    [1.0, 2.5], [2], .float32,
    torch: "tensor([1.0000, 2.5000])",
    repr: "array([1. , 2.5], dtype=float32)", str: "[1.  2.5]"),
  PrintedCase(
    [1.0, 2.0, 3.0], [3], .float32,
    torch: "tensor([1., 2., 3.])",
    repr: "array([1., 2., 3.], dtype=float32)", str: "[1. 2. 3.]"),
  PrintedCase(
    [0.0001, 1.0], [2], .float32,
    torch: "tensor([1.0000e-04, 1.0000e+00])",
    repr: "array([1.e-04, 1.e+00], dtype=float32)", str: "[1.e-04 1.e+00]"),
  PrintedCase(
    [0.0001, 1.0], [2], .float64,
    torch: "tensor([1.0000e-04, 1.0000e+00], dtype=torch.float64)",
    repr: "array([1.e-04, 1.e+00])", str: "[1.e-04 1.e+00]"),
  PrintedCase(
    [0.001, 1.0, 1.0], [3], .float32,
    torch: "tensor([0.0010, 1.0000, 1.0000])",
    repr: "array([0.001, 1.   , 1.   ], dtype=float32)", str: "[0.001 1.    1.   ]"),
  PrintedCase(
    [100000000.0], [1], .float64,
    torch: "tensor([100000000.], dtype=torch.float64)",
    repr: "array([1.e+08])", str: "[1.e+08]"),
  PrintedCase(
    [100000001.0], [1], .float64,
    torch: "tensor([1.0000e+08], dtype=torch.float64)",
    repr: "array([1.00000001e+08])", str: "[1.00000001e+08]"),
  PrintedCase(
    [1000000.0], [1], .float32,
    torch: "tensor([1000000.])",
    repr: "array([1.e+06], dtype=float32)", str: "[1.e+06]"),
  PrintedCase(
    [123456.0], [1], .float32,
    torch: "tensor([123456.])",
    repr: "array([123456.], dtype=float32)", str: "[123456.]"),
  PrintedCase(
    [.nan, 1.0, -.infinity], [3], .float64,
    torch: "tensor([nan, 1., -inf], dtype=torch.float64)",
    repr: "array([ nan,   1., -inf])", str: "[ nan   1. -inf]"),
  PrintedCase(
    [.nan, 0.5, .infinity], [3], .float64,
    torch: "tensor([   nan, 0.5000,    inf], dtype=torch.float64)",
    repr: "array([nan, 0.5, inf])", str: "[nan 0.5 inf]"),
  PrintedCase(
    [0.0, -0.0], [2], .float64,
    torch: "tensor([0., -0.], dtype=torch.float64)",
    repr: "array([ 0., -0.])", str: "[ 0. -0.]"),
  PrintedCase(
    [-0.0, 0.5], [2], .float64,
    torch: "tensor([-0.0000, 0.5000], dtype=torch.float64)",
    repr: "array([-0. ,  0.5])", str: "[-0.   0.5]"),
  PrintedCase(
    [.nan, .nan], [2], .float64,
    torch: "tensor([nan, nan], dtype=torch.float64)",
    repr: "array([nan, nan])", str: "[nan nan]"),
  PrintedCase(
    [1e-300, 1e+300], [2], .float64,
    torch: "tensor([1.0000e-300, 1.0000e+300], dtype=torch.float64)",
    repr: "array([1.e-300, 1.e+300])", str: "[1.e-300 1.e+300]"),
  PrintedCase(
    [.leastNonzeroMagnitude], [1], .float64,
    torch: "tensor([4.9407e-324], dtype=torch.float64)",
    repr: "array([5.e-324])", str: "[5.e-324]"),
  PrintedCase(
    [0.3333333333333333, 0.6666666666666666], [2], .float64,
    torch: "tensor([0.3333, 0.6667], dtype=torch.float64)",
    repr: "array([0.33333333, 0.66666667])", str: "[0.33333333 0.66666667]"),
  PrintedCase(
    [0.3333333333333333], [1], .float32,
    torch: "tensor([0.3333])",
    repr: "array([0.33333334], dtype=float32)", str: "[0.33333334]"),
  PrintedCase(
    [2.00005, 1.00015], [2], .float64,
    torch: "tensor([2.0000, 1.0002], dtype=torch.float64)",
    repr: "array([2.00005, 1.00015])", str: "[2.00005 1.00015]"),
  PrintedCase(
    [0.5, 1.5, 1000.25, -7.125], [2, 2], .float64,
    torch: "tensor([[ 5.0000e-01,  1.5000e+00],\n"
      + "        [ 1.0002e+03, -7.1250e+00]], dtype=torch.float64)",
    repr: "array([[ 5.00000e-01,  1.50000e+00],\n" + "       [ 1.00025e+03, -7.12500e+00]])",
    str: "[[ 5.00000e-01  1.50000e+00]\n" + " [ 1.00025e+03 -7.12500e+00]]"),
  PrintedCase(
    [], [0], .float64,
    torch: "tensor([], dtype=torch.float64)",
    repr: "array([], dtype=float64)", str: "[]"),
  PrintedCase(
    [], [0, 3], .float32,
    torch: "tensor([], size=(0, 3))",
    repr: "array([], shape=(0, 3), dtype=float32)", str: "[]"),
  PrintedCase(
    [], [2, 0], .int64,
    torch: "tensor([], size=(2, 0), dtype=torch.int64)",
    repr: "array([], shape=(2, 0), dtype=int64)", str: "[]"),
  PrintedCase(
    [], [0], .bool,
    torch: "tensor([], dtype=torch.bool)",
    repr: "array([], dtype=bool)", str: "[]"),
  PrintedCase(
    [7.0], [], .int64,
    torch: "tensor(7)",
    repr: "array(7)", str: "7"),
  PrintedCase(
    [3.0], [], .float32,
    torch: "tensor(3.)",
    repr: "array(3., dtype=float32)", str: "3.0"),
  PrintedCase(
    [0.3333333333333333], [], .float64,
    torch: "tensor(0.3333, dtype=torch.float64)",
    repr: "array(0.33333333)", str: "0.3333333333333333"),
  PrintedCase(
    [1e+16], [], .float64,
    torch: "tensor(1.0000e+16, dtype=torch.float64)",
    repr: "array(1.e+16)", str: "1e+16"),
  PrintedCase(
    [1000000.0], [], .float32,
    torch: "tensor(1000000.)",
    repr: "array(1.e+06, dtype=float32)", str: "1e+06"),
  PrintedCase(
    [1.0], [], .bool,
    torch: "tensor(True)",
    repr: "array(True)", str: "True"),
  PrintedCase(
    [-1.0, 20.0, -300.0], [3], .int64,
    torch: "tensor([  -1,   20, -300])",
    repr: "array([  -1,   20, -300])", str: "[  -1   20 -300]"),
  PrintedCase(
    [1.0, 2.0], [2], .int32,
    torch: "tensor([1, 2], dtype=torch.int32)",
    repr: "array([1, 2], dtype=int32)", str: "[1 2]"),
  PrintedCase(
    [0.0, 255.0], [2], .uint8,
    torch: "tensor([  0, 255], dtype=torch.uint8)",
    repr: "array([  0, 255], dtype=uint8)", str: "[  0 255]"),
  PrintedCase(
    [-128.0, 127.0], [1, 2], .int8,
    torch: "tensor([[-128,  127]], dtype=torch.int8)",
    repr: "array([[-128,  127]], dtype=int8)", str: "[[-128  127]]"),
  PrintedCase(
    [1.0], [1], .int16,
    torch: "tensor([1], dtype=torch.int16)",
    repr: "array([1], dtype=int16)", str: "[1]"),
  PrintedCase(
    [1.0, 0.0], [2], .bool,
    torch: "tensor([ True, False])",
    repr: "array([ True, False])", str: "[ True False]"),
]
