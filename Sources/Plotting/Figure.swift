/// A figure as data: what to draw, not how. A `Theme` gives it its looks and a `FigureRenderer` draws it.
public struct Figure: Sendable, Equatable {
  /// The name of its files: letters, digits, `-`, `_` and `.`, not beginning with a dot.
  public var name: String
  public var title: Label
  /// A line below the title, set smaller.
  public var subtitle: Label
  public var x: Axis
  public var y: Axis
  /// The scale of colours, where a series is a `Surface`.
  public var color: Axis
  /// Drawn in this order, later ones on top.
  public var series: [Series]
  public var legend: Legend
  public var annotations: [Annotation]

  public init(
    name: String, title: Label, subtitle: Label = "", x: Axis = Axis(), y: Axis = Axis(),
    color: Axis = Axis(),
    series: [Series] = [], legend: Legend = .topRight, annotations: [Annotation] = []
  ) {
    self.name = name
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.color = color
    self.series = series
    self.legend = legend
    self.annotations = annotations
  }
}

/// One axis of a figure.
public struct Axis: Sendable, Equatable {
  /// How values are spread along the axis.
  public enum Scale: Sendable, Equatable {
    case linear
    /// Decimal logarithm; values that are not positive are left out.
    case logarithmic
  }

  /// A labelled place on an axis.
  public struct Tick: Sendable, Equatable {
    public var value: Double
    public var label: Label

    public init(_ value: Double, _ label: Label) {
      self.value = value
      self.label = label
    }
  }

  public var label: Label
  /// The values shown; nil: as the data need.
  public var range: ClosedRange<Double>?
  public var scale: Scale
  /// The places that bear a label; nil: chosen by gnuplot.
  public var ticks: [Tick]?

  public init(
    _ label: Label = "", range: ClosedRange<Double>? = nil, scale: Scale = .linear, ticks: [Tick]? = nil
  ) {
    self.label = label
    self.range = range
    self.scale = scale
    self.ticks = ticks
  }
}

/// Where the legend stands.
public enum Legend: Sendable, Equatable {
  case topLeft, topCenter, topRight
  case bottomLeft, bottomCenter, bottomRight
  /// Right of the plot.
  case right
  /// Below the plot, entries side by side.
  case below
  case hidden
}

/// What stands in the plot besides the data.
public enum Annotation: Sendable, Equatable {
  /// Text beside a place in data coordinates, moved by `offset` (in character widths and heights).
  case text(Label, x: Double, y: Double, alignment: Alignment = .left, offset: Offset = Offset())
  /// A thin dashed line across the plot at a height, with text at its right end, above the line.
  case horizontalLine(y: Double, label: Label = "")
  /// A thin dashed line up the plot, with text at its top, right of the line.
  case verticalLine(x: Double, label: Label = "")
  /// A pale strip across the plot between two heights.
  case strip(ClosedRange<Double>)

  /// The side of the place on which the text begins.
  public enum Alignment: String, Sendable, Equatable {
    case left, center, right
  }

  /// A shift in units of the size of a character.
  public struct Offset: Sendable, Equatable {
    public var x: Double
    public var y: Double

    public init(x: Double = 0, y: Double = 0) {
      self.x = x
      self.y = y
    }
  }
}
