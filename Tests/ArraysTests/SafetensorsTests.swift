import Arrays
import Testing

@Suite("Files of trained models, .safetensors")
struct SafetensorsTests {
  /// A file with this header and these data.
  private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
  }

  /// What the format's own library writes for w = float32 [[1.5, -2]], n = int64 [7, -1], mask = [true,
  /// false, true].
  private var known: [UInt8] {
    file(
      #"{"__metadata__":{"format":"np"},"n":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"#
        + #""w":{"dtype":"F32","shape":[1,2],"data_offsets":[16,24]},"#
        + #""mask":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]}}      "#,
      [
        7, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 1, 0,
        1,
      ])
  }

  private let arrays: NamedArrays = [
    "w": NDArray([1.5, -2] as [Float], shape: [1, 2]), "mask": NDArray([true, false, true]),
    "n": NDArray([7, -1]),
  ]

  @Test("A file of the format's own library is read")
  func reads() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(known, to: "a.safetensors")
    let read = try Safetensors.read(path)
    #expect(read.names == ["n", "w", "mask"])
    for (name, array) in arrays { #expect(whole(try #require(read[name])) == whole(array)) }
    #expect(try Safetensors.readMetadata(path) == ["format": "np"])
  }

  @Test("A written file has the bytes of the format's own library")
  func writes() throws {
    let directory = try TemporaryDirectory()
    try Safetensors.write(arrays, metadata: ["format": "np"], to: directory.file("a"))
    #expect(try directory.bytes("a") == known)

    let odd: NamedArrays = [
      "b": NDArray([1] as [Float]), "a": NDArray([1] as [Float], shape: []),
      "é\"\n\u{1}": NDArray([] as [Double], shape: [0, 2]),
    ]
    try Safetensors.write(odd, to: directory.file("b"))
    let header =
      #"{"é\"\n\u0001":{"dtype":"F64","shape":[0,2],"data_offsets":[0,0]},"#
      + #""a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}    "#
    #expect(try directory.bytes("b") == file(header, [0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F]))
    #expect(try Safetensors.read(directory.file("b")).names == ["é\"\n\u{1}", "a", "b"])
  }

  @Test("Every dtype comes back as it was")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    var all = NamedArrays()
    for dtype in DType.allCases {
      all[dtype.name] = try NDArray([0, 1, 3], shape: [3, 1]).converted(to: dtype)
    }
    try Safetensors.write(all, to: directory.file("a"))
    let read = try Safetensors.read(directory.file("a"))
    #expect(read.count == DType.allCases.count)
    for (name, array) in all { #expect(whole(try #require(read[name])) == whole(array)) }
  }

  @Test("Every truncation is refused")
  func truncated() throws {
    let directory = try TemporaryDirectory()
    for count in 0..<known.count {
      let path = try directory.write(known[..<count], to: "t")
      #expect(throws: ArrayFileError.self) { _ = try Safetensors.read(path) }
    }
  }

  @Test(
    "Impossible places, sizes and headers are refused",
    arguments: [
      (#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}"#, "begins at byte 8"),
      (#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,4]}}"#, "needs 8 bytes"),
      (#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[8,0]}}"#, "needs 8 bytes"),
      (#"{"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}"#, "ends after"),
      (#"{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}"#, "negative"),
      (
        #"{"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
        "than 64 bits can count"
      ),
      (#"{"a":{"dtype":"F64","shape":[1.5],"data_offsets":[0,8]}}"#, "not JSON with"),
      (#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0]}}"#, "not JSON with"),
      (#"{"a":{"dtype":"F64","shape":[1]}}"#, "not JSON with"), (#"{"a":1}"#, "not JSON with"),
      ("{", "not JSON with"),
      ("[]", "does not begin with {"), ("{}", "the file has 8 for them"),
      (
        #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
        "b begins at byte 0"
      ),
    ])
  func absurd(_ header: String, reason: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(file(header, [0, 0, 0, 0, 0, 0, 0, 0]), to: "x")
    expectFileError(.malformed, reason) { _ = try Safetensors.read(path) }
  }

  @Test("An unknown dtype, too many dimensions and the metadata's name are refused")
  func unsupported() throws {
    let directory = try TemporaryDirectory()
    let half = try directory.write(
      file(#"{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#, [0, 0]), to: "h")
    expectFileError(.unsupported, "h has dtype F16") { _ = try Safetensors.read(half) }
    let deep = try directory.write(
      file(#"{"d":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}"#, [0]), to: "d")
    expectFileError(.unsupported, "9 dimensions") { _ = try Safetensors.read(deep) }
    expectFileError(.unwritable, "cannot be named") {
      try Safetensors.write(["__metadata__": NDArray([1])], to: directory.file("m"))
    }
  }
}
