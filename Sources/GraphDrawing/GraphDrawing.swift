/// A graph of variables and operations as it is drawn: what it shows, without coordinates.
///
/// One language for every graph of the workbench: circles are variables, boxes are operations, an arrow leads from what is read to
/// what is made. Recorded and static graphs fill it; `dot`, `text` and `json` are three ways to see it. Nothing here knows what
/// flows along the arrows.
public struct GraphDrawing: Codable, Sendable, Equatable {
  /// A word for file names: letters, digits, `-`, `_`, `.`.
  public var name: String
  /// One line above the graph.
  public var title: String
  /// Smaller, below the title, in lines; empty for none.
  public var subtitle: String
  /// Circles and boxes; what belongs together refers to them by their position in this list.
  public var nodes: [Node]
  /// The arrows.
  public var edges: [Edge]
  /// Frames around nodes.
  public var clusters: [Cluster]
  /// Which way the arrows go.
  public var direction: Direction
  /// The step the picture is about: what flows back in it stands out, and what comes later is not seen but keeps its place, so that the
  /// pictures of one pass lie over one another. Nil for everything alike.
  public var step: Int?

  /// A drawing without nodes.
  public init(
    name: String, title: String, subtitle: String = "", direction: Direction = .automatic, step: Int? = nil
  ) {
    self.name = name
    self.title = title
    self.subtitle = subtitle
    self.direction = direction
    self.step = step
    nodes = []
    edges = []
    clusters = []
  }

  /// Which way the arrows go.
  public enum Direction: String, Codable, Sendable, CaseIterable {
    /// To the right in a small graph, downward in a larger one.
    case automatic
    case right, down
  }

  /// Whether what flows in this step (nil: not known when) has flowed by the step the picture is about.
  public func hasFlowed(in step: Int?) -> Bool {
    guard let step, let last = self.step else { return true }
    return step <= last
  }
}

// MARK: Nodes

extension GraphDrawing {
  /// A circle or a box.
  public struct Node: Codable, Sendable, Equatable {
    /// What it is; decides its looks.
    public var role: Role
    /// How it is called: `w`, `mul`.
    public var title: String
    /// What is known of it, in the order shown.
    public var facts: [Fact]
    /// What flowed back to a variable; nil where nothing did, which is not zero.
    public var flow: Flow?
    /// The frame it is in, by position.
    public var cluster: Int?

    /// A node of this role and title.
    public init(_ role: Role, _ title: String, facts: [Fact] = [], flow: Flow? = nil, cluster: Int? = nil) {
      self.role = role
      self.title = title
      self.facts = facts
      self.flow = flow
      self.cluster = cluster
    }

    /// The value of the fact of that name.
    public func fact(_ name: Fact.Name) -> String? { facts.first { $0.name == name }?.value }
  }

  /// What a node is.
  public enum Role: String, Codable, Sendable, CaseIterable {
    /// A variable that nothing made and that is learned.
    case leaf
    /// A variable that is given: data, constants.
    case data
    /// A variable that an operation made.
    case inner
    /// The variable that everything else leads to.
    case root
    /// What makes variables of variables.
    case operation

    /// Whether it is drawn as a circle.
    public var isVariable: Bool { self != .operation }
  }

  /// One thing known of a node.
  public struct Fact: Codable, Sendable, Equatable {
    /// What it says.
    public enum Name: String, Codable, Sendable {
      /// dtype and shape.
      case type
      /// The elements, in short.
      case value
      /// The name of what calculates the derivative.
      case derivative
      /// A parameter of an operation: `dim=1`.
      case parameter
      /// The name of an operation's node, where its title is what it does.
      case label
      /// What a result is for, the same words in every graph of a step: see `Purpose`.
      case purpose
      /// That an operation is not one of the recording's own, and why: what it calculates is not known, only what comes of it.
      case unrecorded
      /// The elements' bits by name: equal names, equal bits. Not shown.
      case bits
      /// Anything else.
      case note
    }
    public var name: Name
    public var value: String

    /// A fact.
    public init(_ name: Name, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What came back to a variable against the arrows.
  public struct Flow: Codable, Sendable, Equatable {
    /// Its name: `∂z/∂w`.
    public var name: String
    /// It, in short.
    public var value: String
    /// When it was complete, counted from 1; nil where that is not known.
    public var step: Int?

    /// What came back.
    public init(_ name: String, _ value: String, step: Int? = nil) {
      self.name = name
      self.value = value
      self.step = step
    }
  }
}

extension GraphDrawing {
  /// What the results of a training step are for, by which the results of two graphs find each other.
  public enum Purpose {
    /// What is made small.
    public static let loss = "loss"
    /// The gradient of what is learned under that name.
    public static func gradient(of name: String) -> String { "gradient of \(name)" }
    /// What is learned under that name, after the step.
    public static func update(of name: String) -> String { "next \(name)" }
  }
}

// MARK: Edges and clusters

extension GraphDrawing {
  /// An arrow.
  public struct Edge: Codable, Sendable, Equatable {
    /// What it means.
    public enum Kind: String, Codable, Sendable {
      /// `to` reads `from`, or `from` makes `to`.
      case data
      /// `to` waits for `from`.
      case control
      /// Something flows back, from what was made to what was read.
      case back
    }
    /// The node it leaves, by position.
    public var from: Int
    /// The node it leads to, by position.
    public var to: Int
    public var kind: Kind
    /// Which argument of the operation `to` this is, or which result of `from`; nil where there is only one.
    public var port: Int?
    /// When something flows along it, counted from 1.
    public var step: Int?

    /// An arrow.
    public init(_ from: Int, _ to: Int, kind: Kind = .data, port: Int? = nil, step: Int? = nil) {
      self.from = from
      self.to = to
      self.kind = kind
      self.port = port
      self.step = step
    }
  }

  /// A frame around nodes.
  public struct Cluster: Codable, Sendable, Equatable {
    /// What is written on the frame.
    public var title: String
    /// The frame around this one, by position: an earlier one.
    public var parent: Int?

    /// A frame.
    public init(_ title: String, parent: Int? = nil) {
      self.title = title
      self.parent = parent
    }
  }

  /// Adds a node and returns its position.
  @discardableResult public mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// The position of the frame inside frames that these titles lead to, from the outermost; made where it is not there yet. Nil for no titles.
  public mutating func frame(_ titles: some Sequence<String>) -> Int? {
    var parent: Int?
    for title in titles {
      let wanted = Cluster(title, parent: parent)
      if let known = clusters.firstIndex(of: wanted) {
        parent = known
      } else {
        clusters.append(wanted)
        parent = clusters.count - 1
      }
    }
    return parent
  }
}
