import Foundation

extension Problem {
  /// Up to this many points stand in the JSON itself; more go to a file of columns beside it.
  static let mostPointsInline = 10_000

  /// What `PROBLEM.json` holds; `chapters/CONTRACT.md` describes each key.
  private struct Document: Codable {
    var format: String
    var fingerprint: String
    var dtype: Precision
    var loss: Loss
    /// Absent for plain gradient descent.
    var optimizer: OptimizerChoice?
    var learningRate: Double
    var steps: Int
    var w0: Double
    var b0: Double
    var points: Int
    var x: [Double]?
    var y: [Double]?
    var columns: String?
    var recipe: Recipe?
  }

  /// Writes the problem to `path`, and, above 10 000 points, its data to `path` with `.columns` appended.
  /// Throws an unavailable failure if it cannot be written.
  public func write(to path: String) throws(Failure) {
    var document = Document(
      format: "workbench-problem-1", fingerprint: fingerprint.description, dtype: dtype, loss: loss,
      optimizer: optimizer == .gradientDescent ? nil : optimizer, learningRate: learningRate, steps: steps,
      w0: w0, b0: b0, points: points, recipe: recipe)
    if points <= Problem.mostPointsInline {
      document.x = x
      document.y = y
    } else {
      document.columns = URL(fileURLWithPath: path).lastPathComponent + ".columns"
      try Files.write(columnBytes, to: path + ".columns")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      try Files.write(try encoder.encode(document) + Data("\n".utf8), to: path)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unavailable("\(path): cannot be written: \(error)")
    }
  }

  /// Reads a problem. Throws a bad-data failure that names the file and what in it is wrong.
  public init(contentsOf path: String) throws(Failure) {
    let document = try Problem.document(at: path)
    guard document.format == "workbench-problem-1" else {
      throw .badData("\(path): format is \"\(document.format)\"; \"workbench-problem-1\" is needed")
    }
    let (x, y) = try Problem.columns(of: document, at: path)
    do {
      try self.init(
        x: x, y: y, w0: document.w0, b0: document.b0, learningRate: document.learningRate,
        steps: document.steps,
        loss: document.loss, optimizer: document.optimizer ?? .gradientDescent, dtype: document.dtype,
        recipe: document.recipe)
    } catch {
      throw .badData("\(path): \(error.message)")
    }
    guard document.fingerprint == fingerprint.description else {
      throw .badData(
        "\(path): its fingerprint is \(document.fingerprint), but its contents have \(fingerprint); it was altered"
      )
    }
  }

  private static func document(at path: String) throws(Failure) -> Document {
    let data = try Files.read(path)
    do {
      return try JSONDecoder().decode(Document.self, from: data)
    } catch DecodingError.keyNotFound(let key, _) {
      throw .badData("\(path): the key \"\(key.stringValue)\" is missing")
    } catch DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(
      let type, let context)
    {
      throw .badData("\(path): \"\(keyPath(context))\" is not a \(type)")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw .badData("\(path): \"\(keyPath(context))\": \(context.debugDescription)")
    } catch DecodingError.dataCorrupted {
      throw .badData(whyNoJSON(data, path))
    } catch {
      throw .badData("\(path): is not a problem: \(error.localizedDescription)")
    }
  }

  /// What is wrong with data that the decoder refuses as a whole, with the line if the parser says where.
  private static func whyNoJSON(_ data: Data, _ path: String) -> String {
    do {
      _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
      return "\(path): a number in it is not whole where a whole one is needed, or too large"
    } catch {
      let words =
        (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String ?? error.localizedDescription
      let reason = words.hasSuffix(".") ? String(words.dropLast()) : words
      guard let place = reason.firstMatch(of: /character (\d+)/), let offset = Int(place.1) else {
        return "\(path): is not JSON: \(reason)"
      }
      let line = data.prefix(offset).count { $0 == UInt8(ascii: "\n") } + 1
      return "\(path):\(line): is not JSON: \(reason)"
    }
  }

  private static func keyPath(_ context: DecodingError.Context) -> String {
    context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined()
  }

  private static func columns(of document: Document, at path: String) throws(Failure) -> ([Double], [Double])
  {
    let n = document.points
    if let x = document.x, let y = document.y {
      guard x.count == n, y.count == n else {
        throw .badData("\(path): points is \(n), but x has \(x.count) values and y has \(y.count)")
      }
      return (x, y)
    }
    guard let name = document.columns else {
      throw .badData("\(path): has neither \"x\" and \"y\" nor \"columns\"")
    }
    let columnsPath = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(name).path
    let bytes = try Files.read(columnsPath)
    guard n > 0, bytes.count / 16 == n, bytes.count % 16 == 0 else {
      throw .badData("\(columnsPath): has \(bytes.count) bytes; \(n) points need \(16 * max(n, 0))")
    }
    return bytes.withUnsafeBytes { raw in
      func column(from start: Int) -> [Double] {
        (start..<start + n).map { index in
          Double(
            bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
        }
      }
      return (column(from: 0), column(from: n))
    }
  }

  /// The n values of x, then the n of y, as little-endian float64.
  private var columnBytes: Data {
    var bytes = Data(capacity: 16 * points)
    for column in [x, y] {
      column.map(\.bitPattern.littleEndian).withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }
}
