import ArgumentParser
import Experiment

/// The command. Each subcommand has a file of its own; a new one is a line below.
@main
struct Workbench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench",
    abstract: "One small regression, solved several ways, and compared step by step.",
    subcommands: [
      Compare.self,
      Diff.self,
      FiguresCommand.self,
      GraphCommand.self,
      Lesson.self,
      Bench.self,
      Doctor.self,
    ])

  static func main() async {
    await CommandLineTool.run(Workbench.self)
  }
}
