import Foundation
import Operations
import Testing

/// What happens when memory cannot be had: the throwing entry throws, whatever the operation. The calls run in a process of their own whose
/// address space is limited, as by `ulimit -v`.
@Suite("Memory that cannot be had") struct MemoryLimitTests {
  /// From now on this process can get about `spare` more bytes.
  private static func limitMemory(spare: UInt) {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    let used = (pages?.first.flatMap { UInt($0) } ?? 0) * UInt(sysconf(Int32(_SC_PAGESIZE)))
    var limit = rlimit(rlim_cur: rlim_t(used + spare), rlim_max: rlim_t(used + spare))
    if setrlimit(__rlimit_resource_t(UInt32(RLIMIT_AS.rawValue)), &limit) != 0 { exit(3) }
  }

  /// What a process that was observed left on standard error.
  private func message(_ result: ExitTest.Result?) -> String {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
  }

  /// The sanitizers reserve terabytes of address space for their notes, so that no limit would let the process go on.
  private static var isSanitized: Bool {
    dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
  }

  @Test(
    "Making an array larger than memory throws",
    .disabled(if: isSanitized, "the address space cannot be limited under a sanitizer"))
  func creation() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      Self.limitMemory(spare: 48 << 20)
      func mustThrow(_ what: String, _ body: () throws(ArrayError) -> Void) {
        do throws(ArrayError) {
          try body()
          FileHandle.standardError.write(Data("\(what): did not throw\n".utf8))
        } catch {
          if error.message.contains("bytes of memory cannot be had") { return }
          FileHandle.standardError.write(Data("\(what): \(error.message)\n".utf8))
        }
      }
      func call(_ name: String, _ inputs: [NDArray?], _ attributes: [String: Attribute]) {
        mustThrow(name) { () throws(ArrayError) in _ = try OperationTable.call(name, inputs, attributes) }
      }
      let most = 1 << 31
      for name in ["zeros", "ones"] { call(name, [], ["size": .ints([most])]) }
      call("full", [], ["size": .ints([most]), "fill_value": .int(1)])
      call("arange", [], ["end": .int(most)])
      call("eye", [], ["n": .int(1 << 16)])
      for name in ["linspace", "logspace"] {
        call(name, [], ["start": .int(0), "end": .int(1), "steps": .int(most)])
      }
      let x = NDArray([1.0, 2])
      call("tile", [x], ["dims": .ints([most / 2])])
      call("repeat", [x], ["repeats": .ints([most / 2])])
      let wide = x.unsqueeze(1).expanded(to: [2, most / 2])
      call("clone", [wide], [:])
      call("reshape", [wide], ["shape": .ints([-1])])
      call("cat", [wide, wide], [:])
      call("stack", [wide, wide], [:])
      call("add", [wide, x.unsqueeze(1)], [:])
      call("outer", [wide[0], x], [:])
      call("mm", [x.unsqueeze(1), wide[0].unsqueeze(0)], [:])
      call("where", [NDArray([true]).expanded(to: wide.shape), wide, wide], [:])
      for name in ["exp", "sqrt", "round", "sigmoid", "cumsum", "softmax", "flip", "sort", "argsort"] {
        call(
          name, [wide],
          ["cumsum", "softmax"].contains(name)
            ? ["dim": .int(0)] : name == "flip" ? ["dims": .ints([0])] : [:])
      }
      for name in ["norm", "std", "nonzero"] { call(name, [wide], [:]) }
      call("masked_select", [wide, NDArray([true]).expanded(to: wide.shape)], [:])
      call("gather", [wide, NDArray([0]).expanded(to: wide.shape)], ["dim": .int(0)])
      call("nn.functional.huber_loss", [wide, wide], [:])
      call("nn.functional.one_hot", [NDArray([0])], ["num_classes": .int(most)])
    }
    #expect(message(result) == "")
  }
}
