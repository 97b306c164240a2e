import Foundation

/// Swift: the compiler makes a program, and the program runs.
enum DoctorSwift {
  /// As https://www.swift.org/install/linux/ says.
  private static let mend = """
    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz \
    && tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init
    """

  @Sendable static func examine() async -> [Diagnosis] {
    guard let answer = await DoctorProbe.run("swiftc", ["--version"]), answer.succeeded else {
      return [.missing("Swift", trial: "swiftc is not in PATH or does not start", mend: mend)]
    }
    let version = (answer.output + answer.errors).firstMatch(of: /Swift version ([0-9.]+)/).map {
      String($0.1)
    }
    do {
      return try await DoctorProbe.withFolder { folder in
        let source = folder.appending(path: "main.swift")
        let program = folder.appending(path: "trial").path(percentEncoded: false)
        try Data("import Foundation\nprint(\"\\(6 * 7) \\(exp(0.0))\")\n".utf8).write(to: source)
        let start = ContinuousClock.now
        let compiled = await DoctorProbe.run("swiftc", [source.path(percentEncoded: false), "-o", program])
        guard let compiled, compiled.succeeded else {
          let reason = compiled?.firstLine ?? "it did not end"
          return [
            .fails(
              "Swift", version: version, trial: "cannot compile a program of two lines: \(reason)",
              mend: mend)
          ]
        }
        let answer = await DoctorProbe.run(program)
        guard let answer, answer.output == "42 1.0\n" else {
          return [
            .fails(
              "Swift", version: version,
              trial: "its program answers \(answer?.firstLine ?? "nothing"), not 42 1.0",
              mend: mend)
          ]
        }
        let time = (ContinuousClock.now - start).brief
        return [.works("Swift", version: version, trial: "compiled and ran a program in \(time)")]
      }
    } catch {
      return [
        .fails(
          "Swift", version: version, trial: "no place for a trial: \(error.localizedDescription)", mend: nil)
      ]
    }
  }
}
