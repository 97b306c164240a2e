/// A figure as data: what to draw, not how. A `Theme` gives it its looks and a `FigureRenderer` draws it.
public struct Figure: Sendable, Equatable {
  /// The name of its files: letters, digits, `-`, `_` and `.`, not beginning with a dot.
  public var name: String
  /// What the figure shows, set large above it.
  public var title: Label
  /// A line below the title, set smaller.
  public var subtitle: Label
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The scale of colours, where a series is a `Surface`.
  public var color: Axis
  /// Drawn in this order, later ones on top.
  public var series: [Series]
  /// Where the names of the series stand.
  public var legend: Legend
  /// Text, lines and strips besides the data.
  public var annotations: [Annotation]

  /// A figure of these parts.
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
    /// A value on the axis.
    public var value: Double
    /// What stands beside it.
    public var label: Label

    /// A label at a value.
    public init(_ value: Double, _ label: Label) {
      self.value = value
      self.label = label
    }
  }

  /// What the axis measures.
  public var label: Label
  /// The values shown; nil: as the data need.
  public var range: ClosedRange<Double>?
  /// How values are spread.
  public var scale: Scale
  /// The places that bear a label; nil: chosen by gnuplot.
  public var ticks: [Tick]?

  /// An axis; without a range it shows what the data need, without ticks gnuplot chooses them.
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
    /// Character widths to the right.
    public var x: Double
    /// Character heights upward.
    public var y: Double

    /// A shift to the right and upward.
    public init(x: Double = 0, y: Double = 0) {
      self.x = x
      self.y = y
    }
  }
}
