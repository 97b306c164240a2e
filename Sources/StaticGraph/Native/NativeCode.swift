/// Compiled code for the fused kernels of a program, loaded.
struct NativeCode {
  /// A kernel's function for part of its run, by the number of its step.
  private(set) var kernels: [Int: (kernel: NativeKernel, function: TileKernel.NativeFunction)] = [:]
  /// One function for all kernels at the end of the program.
  private(set) var ending: (steps: [Int], function: EndingFunction)?
  private let library: NativeLibrary

  /// Compiled code for whole runs of several kernels.
  typealias EndingFunction = @convention(c) (UnsafePointer<UnsafeRawPointer>) -> Void

  /// The code for a program, or nil when there is none; `report` says why.
  init?(
    _ program: Program, _ layouts: Layouts, _ settings: Compilation.Native, _ report: inout CompilationReport
  ) {
    let source = NativeSource(program, layouts)
    if source.kernels.isEmpty { return nil }
    do throws(NativeCompiler.Failure) {
      library = try NativeCompiler(settings).library(source.text, &report)
    } catch {
      report.note(error.message)
      return nil
    }
    for (number, kernel) in source.kernels {
      if let function = library.function(kernel.rangeName, as: TileKernel.NativeFunction.self) {
        kernels[number] = (kernel, function)
      } else {
        report.note("native code: the compiled file has no '\(kernel.rangeName)'; it is interpreted")
      }
    }
    if let function = library.function(NativeSource.endingName, as: EndingFunction.self) {
      ending = (source.ending, function)
    }
  }
}
