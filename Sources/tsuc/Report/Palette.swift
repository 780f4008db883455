// The colours of the report, as variables of the style sheet: for light and dark pages, ten told apart by colour-blind
// readers, then hues around the circle. Nothing is told by colour alone: clusters and lines also carry their names.
// Source   Paul Tol, "Colour schemes" (SRON technical note, 2021): "muted" with black for ten on white; on black, its
//          "light" scheme with one violet added.
// Tests    tsucTests/Report/LineChartTests.swift

/// Colours by number.
enum Palette {
  /// The first ten on a light page.
  static let light = [
    "#332288", "#cc6677", "#117733", "#ddaa33", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499", "#333333",
  ]
  /// The first ten on a dark page.
  static let dark = [
    "#77aadd", "#ee8866", "#44bb99", "#eedd88", "#99ddff", "#ffaabb", "#66ddcc", "#bbcc33", "#cc99ee", "#dddddd",
  ]

  /// The colour of a number: one of ten, then hues that turn by the golden angle with alternating lightness.
  static func colour(_ number: Int, isDark: Bool) -> String {
    let ten = isDark ? dark : light
    if number < ten.count { return ten[number] }
    let hue = Double(number) * 137.508
    let lightness = (isDark ? 65 : 35) + (number % 2 == 0 ? 0 : 12)
    return "hsl(\(Int(hue - 360 * (hue / 360).rounded(.down))) 60% \(lightness)%)"
  }

  /// The definitions of --c0, --c1, ….
  static func variables(count: Int, isDark: Bool) -> String {
    (0..<count).map { "--c\($0): \(colour($0, isDark: isDark));" }.joined(separator: " ")
  }

  /// The rules that give the classes .c0, .c1, … (lines and their names) and .k0, … (filled shapes) their colours.
  static func rules(count: Int) -> String {
    (0..<count).map {
      ".c\($0) { stroke: var(--c\($0)); } .k\($0) { fill: var(--c\($0)); stroke: none; } "
        + "text.c\($0) { fill: color-mix(in oklab, var(--c\($0)) 60%, var(--ink)); stroke: none; } "
        + "#by-label:checked ~ .maps .l\($0) { fill: var(--c\($0)); }"
    }.joined(separator: "\n")
  }
}
