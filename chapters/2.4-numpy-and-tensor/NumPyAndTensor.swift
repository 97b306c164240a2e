import Lessons

/// 2.4: arrays and tensors, one file per part.
@main
struct NumPyAndTensor: Lesson {
  static let program = "numpy-and-tensor"
  static let number = "2.4"
  static let title = "NumPy and Tensor"
  static let parts: [any LessonPart.Type] = [
    Calling.self, Creating.self, Shapes.self, Selecting.self, Broadcasting.self, Elementwise.self,
    Reductions.self,
    Comparing.self, Matrices.self, Libraries.self,
  ]
}
