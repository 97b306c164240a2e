import Foundation

extension GraphDrawing {
  /// Several drawings as one file: `{"format": "workbench-graph-1", "drawings": [...]}`.
  private struct Document: Codable {
    var format: String
    var drawings: [GraphDrawing]
  }

  private static let format = "workbench-graph-1"

  /// Drawings as JSON with sorted keys.
  public static func json(_ drawings: [GraphDrawing]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode(Document(format: format, drawings: drawings))
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Reads what `json(_:)` wrote. Throws a `DrawingFileError` that says what is wrong: not JSON, another format, an arrow or a frame
  /// that leads nowhere.
  public static func drawings(json: Data) throws(DrawingFileError) -> [GraphDrawing] {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: json)
    } catch {
      throw DrawingFileError(reason: "is not a graph in the form \(format)")
    }
    guard document.format == format else {
      throw DrawingFileError(reason: "has the format \"\(document.format)\"; \"\(format)\" is needed")
    }
    for drawing in document.drawings { try drawing.check() }
    return document.drawings
  }

  /// Refuses arrows and frames that lead nowhere.
  func check() throws(DrawingFileError) {
    for edge in edges where !nodes.indices.contains(edge.from) || !nodes.indices.contains(edge.to) {
      throw DrawingFileError(
        reason: "has an arrow from node \(edge.from) to node \(edge.to); there are \(nodes.count) nodes")
    }
    for node in nodes {
      if let cluster = node.cluster, !clusters.indices.contains(cluster) {
        throw DrawingFileError(reason: "has a node in frame \(cluster); there are \(clusters.count) frames")
      }
    }
    for (position, cluster) in clusters.enumerated() {
      if let parent = cluster.parent, !(0..<position).contains(parent) {
        throw DrawingFileError(
          reason: "has a frame \(position) inside frame \(parent), which is no earlier one")
      }
    }
  }
}

/// Why a file holds no drawings.
public struct DrawingFileError: Error, Equatable, Sendable {
  /// What follows the file's name.
  public var reason: String

  /// An error with this reason.
  public init(reason: String) { self.reason = reason }
}
