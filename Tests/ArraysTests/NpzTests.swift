import Foundation
import Testing

@testable import Arrays

@Suite("Files of several arrays, .npz")
struct NpzTests {
  /// `numpy.savez_compressed(w=[[1.5, -2], [3, 4.25]], squares=arange(256)**2 % 251 as uint8, flag=True)`:
  /// blocks with the fixed code.
  private static let fixedBlocks = """
    UEsDBC0AAAAIAAAAIQA04jWf//////////8FABQAdy5ucHkBABAAoAAAAAAAAABWAAAAAAAAAJvsF+obEMnIUMZQrZ6S
    WpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgYw+GEPoRkOQCgOBwgt
    6AAAUEsDBC0AAAAIAAAAIQBTm3SR//////////8LABQAc3F1YXJlcy5ucHkBABAAgAEAAAAAAABPAQAAAAAAAJvsF+ob
    EMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkamZjqaOgq1CmQDLgZGFk4B
    SRVDh8CUygkrjzxkVfPMm7rvpbRX9brH8hGTL4iEzrirWbSXP249e8xmwZyTun0fow8ZzOateZt6K+y8/5mAi5H3sj43
    iy6xOpvOPMfmZq3ysQKZo6Xq13pcfm4tNv6wpcqJ5/LCQmfxFwdmlYWYiH29fXjtzPbyzNhgb1dHe3tHV+/g2Mzy9plr
    D9/+KmYSUjbrwAtx58KFl3mcqrZ8MC7e+tOl55p66VGZgmPKtTdt5jCnn7VaItr8Oete5MWAM/7nw26lvq3hnW1wKPpj
    n+7JHMHNMezr4/j3FmnenREqcmFyhPzjddVe0i/3Tc3zVGN9eGTlhMqUQAdDFUkBThZGsNcBUEsDBC0AAAAIAAAAIQCC
    LfjT//////////8IABQAZmxhZy5ucHkBABAAgQAAAAAAAABDAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF6TZKiu
    o6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5Gpo6CrUKFAEuRgBQSwECLQMtAAAACAAAACEANOI1n1YAAACgAAAA
    BQAAAAAAAAAAAAAAgAEAAAAAdy5ucHlQSwECLQMtAAAACAAAACEAU5t0kU8BAACAAQAACwAAAAAAAAAAAAAAgAGNAAAA
    c3F1YXJlcy5ucHlQSwECLQMtAAAACAAAACEAgi3400MAAACBAAAACAAAAAAAAAAAAAAAgAEZAgAAZmxhZy5ucHlQSwUG
    AAAAAAMAAwCiAAAAlgIAAAAA
    """

  /// `numpy.savez_compressed(codes=…)`, 400 small numbers with the sum 2392: a block with a code of its own.
  private static let ownCode = """
    UEsDBC0AAAAIAAAAIQDTVG2b//////////8JABQAY29kZXMubnB5AQAQABACAAAAAAAA1QAAAAAAAACdkL0KwjAURj/T
    NMQSqBSHjtmi0EHByQdwU1wcnKRoxUFUWnVRn8IXNj8OF9TFbPdyODnc52wxnS9buOJmNlWzrs1Ym/tlaApttsf6XJeH
    1bHeVG4/KfdNZffNrjxVdu6NBoOiX+iH/vsl4EJw5Ih4hG4OxtBJM7SgVKoA2ZaJcIiM4RBHMmZJh1jSIpZ0iCUtQmVZ
    kCkvS4Is9jIeZPAyBJnyMhlkwsuiIGOfMhFk7/9A47s0XtF4QeMZjcfP+IzGJzSe03jQeEnjv1xC0EuAXsLFvwBQSwEC
    LQMtAAAACAAAACEA01Rtm9UAAAAQAgAACQAAAAAAAAAAAAAAgAEAAAAAY29kZXMubnB5UEsFBgAAAAABAAEANwAAABAB
    AAAAAA==
    """

  /// Python's `zipfile` at level 0, a = int16 [1, 2]: an uncompressed block.
  private static let storedBlock = """
    UEsDBBQAAAAIAAAAIVidMoU6iQAAAIQAAAAFAAAAYS5ucHkBhAB7/5NOVU1QWQEAdgB7J2Rlc2NyJzogJzxpMicsICdm
    b3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg
    ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAQACAFBLAQIUAxQAAAAIAAAAIVidMoU6iQAAAIQAAAAFAAAAAAAA
    AAAAAACAAQAAAABhLm5weVBLBQYAAAAAAQABADMAAACsAAAAAAA=
    """

  private func decoded(_ base64: String) throws -> [UInt8] {
    [UInt8](try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters)))
  }

  @Test("Compressed files of NumPy are read, in their order")
  func compressed() throws {
    let directory = try TemporaryDirectory()
    let arrays = try Npz.read(try directory.write(decoded(Self.fixedBlocks), to: "a.npz"))
    #expect(arrays.names == ["w", "squares", "flag"])
    #expect(whole(try #require(arrays["w"])) == whole(NDArray([1.5, -2, 3, 4.25], shape: [2, 2])))
    #expect(arrays["squares"]?.toArray(of: UInt8.self) == (0..<256).map { UInt8($0 * $0 % 251) })
    #expect(whole(try #require(arrays["flag"])) == whole(NDArray([true], shape: [])))

    let codes = try Npz.read(try directory.write(decoded(Self.ownCode), to: "b.npz"))["codes"]
    #expect(codes?.toArray(of: Int.self) == (0..<400).map { ($0 * 7919 / 13) % 5 * ($0 % 7) })
    let stored = try Npz.read(try directory.write(decoded(Self.storedBlock), to: "c.npz"))["a"]
    #expect(whole(try #require(stored)) == whole(NDArray([1, 2] as [Int16])))
  }

  @Test("Arrays come back under their names and in their order")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.npz")
    let arrays: NamedArrays = [
      "layer/weight": NDArray([1, 2, 3, 4] as [Float], shape: [2, 2]).strided([2, 2], [1, 2], offset: 0),
      "leer ü": NDArray([] as [Int32], shape: [0, 3]), "bias": NDArray([true, false]),
    ]
    try Npz.write(arrays, to: path)
    let read = try Npz.read(path)
    #expect(read.names == arrays.names)
    for (name, array) in arrays { #expect(whole(try #require(read[name])) == whole(array)) }
    #expect(try Npz.read(path, names: ["bias"]).names == ["bias"])
    try Npz.write(NamedArrays(), to: path)
    #expect(try Npz.read(path).isEmpty)
    #expect(try directory.names == ["a.npz"])
  }

  @Test("Equal arrays give equal files, at any time")
  func reproducible() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] { try Npz.write(["x": NDArray([1, 2])], to: directory.file(name)) }
    #expect(try directory.bytes("a") == directory.bytes("b"))
  }

  @Test("Every truncation is refused")
  func truncated() throws {
    let directory = try TemporaryDirectory()
    for (good, step) in [(try decoded(Self.fixedBlocks), 7), (try decoded(Self.storedBlock), 1)] {
      for count in stride(from: 0, to: good.count, by: step) {
        let path = try directory.write(good[..<count], to: "t.npz")
        expectFileError(.malformed, "truncated") { _ = try Npz.read(path) }
      }
    }
  }

  @Test("A flipped bit in the content is never read as a number")
  func damaged() throws {
    let directory = try TemporaryDirectory()
    let good = try decoded(Self.ownCode)
    // The content lies behind header, name and extra field; of its last byte some bits mean nothing.
    for position in stride(from: 59, to: 59 + 212, by: 3) {
      var bytes = good
      bytes[position] ^= 1 << (position % 8)
      let path = try directory.write(bytes, to: "d.npz")
      expectFileError(.malformed, "codes.npy") { _ = try Npz.read(path) }
    }
  }

  @Test("A damaged directory is refused or leaves the arrays as they were")
  func damagedDirectory() throws {
    let directory = try TemporaryDirectory()
    let good = try decoded(Self.storedBlock)
    for position in (good.count - 22 - 51)..<good.count {
      for bit in 0..<8 {
        var bytes = good
        bytes[position] ^= 1 << bit
        let path = try directory.write(bytes, to: "d.npz")
        switch Result(catching: { () throws(ArrayFileError) in try Npz.read(path) }) {
        case .success(let arrays):
          for (_, array) in arrays { #expect(array.toArray(of: Int.self) == [1, 2]) }
        case .failure(let error): #expect(error.path.hasPrefix(path))
        }
      }
    }
  }

  @Test("A missing name is said, with those that are there")
  func missingName() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.npz")
    try Npz.write(["w": NDArray([1]), "b": NDArray([2])], to: path)
    expectFileError(.malformed, "no array named c; there are b, w") { _ = try Npz.read(path, names: ["c"]) }
  }

  @Test("A failing entry leaves no partial file and keeps the old one")
  func failedWrite() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.npz")
    try Npz.write(["x": NDArray([1])], to: path)
    expectFileError(.unwritable, "a name is empty") { try Npz.write(["": NDArray([1])], to: path) }
    expectFileError(.unwritable, "No space left") { try Npz.write(["x": NDArray([1])], to: "/dev/full") }
    #expect(try directory.names == ["a.npz"])
    #expect(try Npz.read(path).names == ["x"])
  }

  @Test("The checksum is that of the standard's check value, however the bytes are cut")
  func checksum() {
    let check = Array("123456789".utf8)
    for cut in 0...9 {
      var checksum = CRC32()
      check[..<cut].withUnsafeBytes { checksum.update($0) }
      check[cut...].withUnsafeBytes { checksum.update($0) }
      #expect(checksum.value == 0xCBF4_3926)
    }
  }
}
