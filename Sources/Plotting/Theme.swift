/// The looks of figures: sizes, typeface, and inks that can be told apart by colour, by dashes and by marks.
public struct Theme: Sendable, Equatable {
  /// What distinguishes one series from the others.
  public struct Ink: Sendable, Equatable {
    /// `#rrggbb`.
    public var color: String
    /// gnuplot's dash pattern: `solid`, or lengths of dash and gap in line widths.
    public var dashes: String
    /// gnuplot's number of a mark's shape. Filled ones look most alike in all formats.
    public var marker: Int

    /// An ink of these three marks of distinction.
    public init(color: String, dashes: String, marker: Int) {
      self.color = color
      self.dashes = dashes
      self.marker = marker
    }
  }

  /// The width of the drawing area in points; all other sizes refer to it.
  public var width: Double
  /// The height of the drawing area in points.
  public var height: Double
  /// The typeface, as fontconfig and SVG name it.
  public var font: String
  /// The size of text in points; the title is set larger, the subtitle smaller.
  public var fontSize: Double
  /// The width of lines in points.
  public var lineWidth: Double
  /// The size of marks, in gnuplot's unit.
  public var markerSize: Double
  /// How many pixels of a PNG make a point.
  public var pixelsPerPoint: Double
  /// The width of a PDF page in centimetres.
  public var pageWidth: Double
  /// The inks of compared series, in order.
  public var inks: [Ink]
  /// The ink of observations.
  public var data: Ink
  /// The ink of what is known exactly.
  public var exact: Ink
  /// The ink of a figure's one result.
  public var result: Ink
  /// Colours of a surface from its lowest value to its highest, `#rrggbb`: pale enough for every ink to stand out.
  public var surface: [String]

  /// The first seven inks are Okabe and Ito's colours (Color Universal Design, 2008) without their yellow, which is too
  /// pale for lines on white, the others are from Paul Tol's muted scheme (SRON/EPS/TN/09-002) with open marks; the
  /// order keeps neighbours apart in brightness too. Readable from the back of a classroom and at the width of a printed
  /// page.
  public static let standard = Theme(
    width: 960, height: 600, font: "Sans", fontSize: 17, lineWidth: 2.6, markerSize: 1,
    pixelsPerPoint: 2, pageWidth: 16,
    inks: [
      Ink(color: "#0072B2", dashes: "solid", marker: 7),
      Ink(color: "#D55E00", dashes: "(14,5)", marker: 5),
      Ink(color: "#009E73", dashes: "(4,4)", marker: 9),
      Ink(color: "#CC79A7", dashes: "(14,4,3,4)", marker: 15),
      Ink(color: "#E69F00", dashes: "(22,5)", marker: 11),
      Ink(color: "#56B4E9", dashes: "(8,3,2,3,2,3)", marker: 13),
      Ink(color: "#000000", dashes: "(2,3)", marker: 7),
      Ink(color: "#332288", dashes: "(10,3,10,8)", marker: 6),
      Ink(color: "#882255", dashes: "(6,2)", marker: 4),
      Ink(color: "#44AA99", dashes: "(3,7)", marker: 8),
      Ink(color: "#999933", dashes: "(18,3,2,3)", marker: 14),
      Ink(color: "#AA4499", dashes: "(26,8,4,8)", marker: 10),
    ],
    data: Ink(color: "#8A8A8A", dashes: "solid", marker: 7),
    exact: Ink(color: "#000000", dashes: "(6,4)", marker: 13),
    result: Ink(color: "#D55E00", dashes: "solid", marker: 7),
    surface: ["#FFFFFF", "#EEF1F5", "#DCE2E9", "#CAD3DD", "#B8C3D0", "#A5B3C2"])

  /// The ink for a role.
  func ink(_ role: SeriesStyle.Role) -> Ink {
    switch role {
    case .compared(let number): inks.isEmpty ? exact : inks[((number % inks.count) + inks.count) % inks.count]
    case .data: data
    case .exact: exact
    case .result: result
    }
  }
}
