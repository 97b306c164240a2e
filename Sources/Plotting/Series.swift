/// One set of data in a figure and the form it is drawn in.
public struct Series: Sendable, Equatable {
  /// The forms data can take. Columns of one series are of equal length. Values that are not finite are gaps.
  public enum Shape: Sendable, Equatable {
    /// A mark at each point.
    case points(x: [Double], y: [Double])
    /// Straight lines from point to point, with a mark at some of the points.
    case line(x: [Double], y: [Double], markers: Markers = .none)
    /// A horizontal line from each point to the next one's x, then a jump.
    case steps(x: [Double], y: [Double])
    /// The area between two curves.
    case band(x: [Double], lower: [Double], upper: [Double])
    /// Values over a grid, as colours and contour lines.
    case surface(Surface)
  }

  /// Which points of a line bear a mark.
  public enum Markers: Sendable, Equatable {
    case none
    case all
    /// The points with these indices: lines that coincide stay distinguishable when their marks stand at different
    /// points.
    case rows([Int])
  }

  /// The text in the legend; nil: no entry.
  public var title: Label?
  /// The data and their form.
  public var shape: Shape
  /// The looks, in terms of the theme.
  public var style: SeriesStyle

  /// A series with its text in the legend.
  public init(_ title: Label? = nil, _ shape: Shape, style: SeriesStyle = SeriesStyle()) {
    self.title = title
    self.shape = shape
    self.style = style
  }
}

/// How one series is drawn, in terms of the theme.
public struct SeriesStyle: Sendable, Equatable {
  /// What the series is, from which the theme chooses colour, dashes and mark.
  public enum Role: Sendable, Equatable {
    /// One of several things compared, each with its own colour, dashes and mark; numbers beyond the theme's inks begin again.
    case compared(Int)
    /// Observations: grey dots.
    case data
    /// What is known exactly: black, dashed, a filled diamond.
    case exact
    /// The one result the figure is about: strong colour, solid.
    case result
  }

  /// What the series is.
  public var role: Role
  /// A factor on the theme's line width.
  public var width: Double
  /// A factor on the theme's size of marks.
  public var markerSize: Double
  /// A white rim, which keeps a line visible over colours.
  public var rim: Bool

  /// A style; the factors are relative to the theme.
  public init(_ role: Role = .compared(0), width: Double = 1, markerSize: Double = 1, rim: Bool = false) {
    self.role = role
    self.width = width
    self.markerSize = markerSize
    self.rim = rim
  }
}

/// Values over an evenly spaced grid.
public struct Surface: Sendable, Equatable {
  /// The columns' x, evenly spaced, ascending, at least two.
  public var x: [Double]
  /// The rows' y, evenly spaced, ascending, at least two.
  public var y: [Double]
  /// `values[row][column]` is the value at `(x[column], y[row])`.
  public var values: [[Double]]
  /// The values at which contour lines are drawn.
  public var levels: [Double]

  /// A surface; sizes and spacing are checked when it is drawn.
  public init(x: [Double], y: [Double], values: [[Double]], levels: [Double]) {
    self.x = x
    self.y = y
    self.values = values
    self.levels = levels
  }
}
