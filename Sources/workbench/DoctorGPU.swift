import Foundation

/// A GPU: the devices the kernel shows, and the tools that speak to them. The workbench needs none.
enum DoctorGPU {
  @Sendable static func examine() async -> [Diagnosis] {
    let part = "GPU"
    let devices = devices()
    if let answer = await DoctorProbe.run(
      "nvidia-smi", ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]),
      answer.succeeded, let line = answer.firstLine
    {
      let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      return [
        .works(
          part, required: false, version: fields.count > 1 ? "driver \(fields[1])" : nil,
          trial: "nvidia-smi answers: \(fields.first ?? line); the workbench does not use it")
      ]
    }
    if let answer = await DoctorProbe.run("rocminfo"), answer.succeeded,
      let name = answer.output.firstMatch(of: /Marketing Name:\s*(\S.*Radeon.*|\S.*Instinct.*)/)
    {
      return [
        .works(
          part, required: false, version: nil,
          trial:
            "rocminfo answers: \(String(name.1).trimmingCharacters(in: .whitespaces)); the workbench does not use it"
        )
      ]
    }
    guard devices.isEmpty else {
      return [
        .fails(
          part, required: false,
          trial:
            "there is \(devices.joined(separator: ", ")), but neither nvidia-smi nor rocminfo finds a processor; none is needed",
          mend: nil)
      ]
    }
    return [
      .missing(
        part, required: false, trial: "no /dev/nvidia*, /dev/kfd or /dev/dri; none is needed", mend: nil)
    ]
  }

  /// The device files of graphics processors.
  private static func devices() -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []
    let graphics = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/dri")) ?? []
    return names.filter { $0.hasPrefix("nvidia") || $0 == "kfd" }.sorted().map { "/dev/\($0)" }
      + graphics.filter { $0.hasPrefix("render") }.sorted().map { "/dev/dri/\($0)" }
  }
}
