import Lessons

/// 2.5: tensors that remember where they come from, one file per part.
@main
struct AutogradRules: Lesson {
  static let program = "autograd-rules"
  static let number = "2.5"
  static let title = "Tensor and autograd"
  static let parts: [any LessonPart.Type] = [
    Rules.self, GraphPictures.self, ScalarCase.self, VectorCase.self,
  ]
}
