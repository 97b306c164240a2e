import Autograd
import Foundation
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
    // A thread of OpenBLAS that starts only now asks for its memory over and over, and at the end of the process it would be waited for.
    on_exit({ status, _ in _exit(status) }, nil)
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
      for name in ["var", "log_softmax", "logsumexp", "nn.functional.gelu", "nn.functional.softplus"] {
        call(name, [wide], ["log_softmax", "logsumexp"].contains(name) ? ["dim": .int(0)] : [:])
      }
      for name in ["huber_loss", "mse_loss", "kl_div", "binary_cross_entropy_with_logits"] {
        call("nn.functional.\(name)", [wide, wide], ["reduction": .string("none")])
      }
      call("nn.functional.cosine_similarity", [wide, wide], [:])
      call("nn.functional.layer_norm", [wide], ["normalized_shape": .ints([most / 2])])
      call("nn.functional.batch_norm", [wide], ["training": .bool(true)])
      let classes = NDArray([0]).expanded(to: [most / 2])
      let column = NDArray([0.5]).unsqueeze(0).expanded(to: [most / 2, 1])
      let one = NDArray([1.0])
      for (name, attributes) in [
        ("cross_entropy", [:]), ("cross_entropy", ["label_smoothing": .float(0.1)]), ("nll_loss", [:]),
      ] as [(String, [String: Attribute])] {
        call("nn.functional.\(name)", [column, classes], attributes)
        call("nn.functional.\(name)", [column, classes, one], attributes)
      }
      call("nn.functional.cross_entropy", [column, column], ["label_smoothing": .float(0.1)])
      call("nn.functional.cross_entropy", [column, column, one], [:])
      call("nn.functional.one_hot", [NDArray([0])], ["num_classes": .int(most)])
    }
    #expect(message(result) == "")
  }

  @Test(
    "A derivative that does not fit in memory throws, recorded or not",
    .disabled(if: isSanitized, "the address space cannot be limited under a sanitizer"),
    arguments: [false, true])
  func derivatives(createGraph: Bool) async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      [createGraph] in
      let n = 1 << 20
      func leaf(_ value: Double, _ shape: Shape) throws -> Tensor {
        Tensor(try NDArray(full: shape, .float(value), .float64)).requiresGrad_()
      }
      let (x, y) = (try leaf(0.5, [n]), try leaf(0.75, [n]))
      let row = x.reshape(1, n)
      let classes = Tensor.zeros([n / 2], dtype: .int64)
      let logits = x.reshape(n / 2, 2)
      func called(_ name: String, _ inputs: [Tensor], _ attributes: [String: Attribute] = [:]) throws
        -> Tensor
      {
        try OperationTable.call(name, inputs, attributes) { Tensor($0) }[0]
      }
      var losses: [(String, Tensor)] = [
        ("mul", x * y), ("div", x / y), ("pow", x.pow(y)), ("hypot", x.hypot(y)), ("maximum", x.maximum(y)),
        ("where", x.gt(y).where(x, y)), ("lerp", x.lerp(y, y)), ("clamp", x.clamp(min: y, max: y)),
        ("addcdiv", x.addcdiv(x, y)), ("sigmoid", x.sigmoid()), ("gelu", x.gelu()),
        ("softplus", x.softplus()),
        ("softmax", x.softmax(0)), ("log_softmax", row.logSoftmax(1)), ("std", x.std()), ("norm", x.norm(3)),
        ("prod", x.prod()), ("cumprod", x.cumprod(0)), ("logsumexp", x.logsumexp([0])), ("amax", x.amax()),
        ("dot", x.dot(y)), ("mm", x.reshape(n, 1).mm(y.reshape(1, n)[.all, 0..<1])),
        ("dist", x.dist(y, p: 3)),
        ("sort", x.sort().values), ("cat", Tensor.cat([x, y])), ("index_select", x.indexSelect(0, classes)),
      ]
      for name in ["mse_loss", "huber_loss", "smooth_l1_loss", "binary_cross_entropy"] {
        losses.append((name, try called("nn.functional.\(name)", [x, y])))
      }
      losses.append(
        ("layer_norm", try called("nn.functional.layer_norm", [x], ["normalized_shape": .ints([n])])))
      losses.append(("cross_entropy", try called("nn.functional.cross_entropy", [logits, classes])))
      let seeds = losses.map { Tensor(NDArray([0.5]).squeeze(0).expanded(to: $0.1.shape)) }
      Self.limitMemory(spare: 4 << 20)
      // What the pool still has.
      var held: [NDArray] = []
      while let array = try? NDArray(uninitialized: [n / 2], .float64) { held.append(array) }
      for ((name, loss), seed) in zip(losses, seeds) {
        do throws(ArrayError) {
          try loss.differentiate(gradient: seed, createGraph: createGraph)
          FileHandle.standardError.write(Data("\(name): did not throw\n".utf8))
        } catch {
          if error.message.contains("bytes of memory cannot be had") { continue }
          FileHandle.standardError.write(Data("\(name): \(error.message)\n".utf8))
        }
      }
    }
    #expect(message(result) == "")
  }

  @Test(
    "Reading a file that does not fit in memory throws",
    .disabled(if: isSanitized, "the address space cannot be limited under a sanitizer"))
  func reading() async {
    let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
      let path = FileManager.default.temporaryDirectory.path + "/memory-limit-\(UUID().uuidString)"
      defer { unlink(path) }
      func mustThrow(_ what: String, _ body: () throws -> Void) {
        do {
          try body()
          FileHandle.standardError.write(Data("\(what): did not throw\n".utf8))
        } catch {
          if "\(error)".contains("cannot be had") { return }
          FileHandle.standardError.write(Data("\(what): \(error)\n".utf8))
        }
      }
      // A header is followed by a gap, which takes no room on the disk.
      try Npy.write(NDArray(full: [1 << 10], 1, .float64), to: path)
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)).prefix(128))
      bytes.replace(Array("(1024,), }   ".utf8), with: Array("(134217728,)}".utf8))
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      truncate(path, 128 + 134_217_728 * 8)
      let archive = Self.archive(repetitions: 1 << 20)
      Self.limitMemory(spare: 48 << 20)
      mustThrow(".npy") { _ = try Npy.read(path) }
      try Data(archive).write(to: URL(fileURLWithPath: path))
      mustThrow(".npz") { _ = try Npz.read(path) }
    }
    #expect(message(result) == "")
  }

  /// A ZIP file whose only entry is 1 + 258·repetitions zeros, compressed (RFC 1951: one block with the fixed code, of one literal and copies
  /// of the greatest length from the distance 1).
  private static func archive(repetitions: Int) -> [UInt8] {
    var data: [UInt8] = []
    var (bits, count) = (0, 0)
    func put(_ text: String) {
      for bit in text.utf8 {
        bits |= (bit == UInt8(ascii: "1") ? 1 : 0) << count
        count += 1
        if count == 8 {
          data.append(UInt8(bits))
          (bits, count) = (0, 0)
        }
      }
    }
    put("110" + "00110000")
    for _ in 0..<repetitions { put("11000101" + "00000") }
    put("0000000" + "0000000")
    func field(_ value: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(value >> (8 * $0) & 255) } }
    let common =
      field(20, 2) + field(0, 2) + field(8, 2) + field(0, 8) + field(data.count, 4)
      + field(1 + 258 * repetitions, 4) + field(5, 2) + field(0, 2)
    let local = field(0x0403_4B50, 4) + common + Array("a.npy".utf8)
    let directory =
      field(0x0201_4B50, 4) + field(20, 2) + common + field(0, 10) + field(0, 4) + Array("a.npy".utf8)
    return local + data + directory + field(0x0605_4B50, 4) + field(0, 4) + field(1, 2) + field(1, 2)
      + field(directory.count, 4) + field(local.count + data.count, 4) + field(0, 2)
  }
}
