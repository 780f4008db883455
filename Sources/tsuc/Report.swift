// report.html: the answer first, then the table, the curves, the clusters and what determines the run.
// Tests    tsucTests/ReportTests.swift

/// A page for one finished run, without scripts; its only other files are the sheets of the clusters.
struct Report {
  let metrics: Metrics
  let table: TextTable
  /// The scores on test images; nil without any.
  var testTable: TextTable?
  let history: History
  /// The picture of each cluster that has images, as a path relative to the page.
  let sheets: [(cluster: Int, images: Int, file: String)]

  /// The page.
  var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <style>
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
    h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
    table { border-collapse: collapse; } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: right; }
    td:first-child, th:first-child { text-align: left; } svg { width: 100%; height: auto; }
    svg text { font-size: 12px; } .title { font-weight: 600; } .tick { text-anchor: end; fill: #666; }
    .grid { stroke: #ddd; } figure { display: inline-block; margin: .5rem 1rem .5rem 0; vertical-align: top; }
    figcaption { font-size: .9rem; color: #555; } img { image-rendering: pixelated; max-width: 100%; }
    </style>
    </head>
    <body>
    <h1>\(escaped(title))</h1>
    <p>\(escaped(context))</p>
    \(metrics.heads == nil ? "<p>There are no labels, so accuracy cannot be reported.</p>" : html(of: table))
    \(testHTML)
    <h2>Clusters</h2>
    <p>The surest images of each cluster.</p>
    \(sheets.map(figure).joined(separator: "\n"))
    <h2>Losses</h2>
    \([1, 2].map { curves(stage: $0) }.joined(separator: "\n"))
    <h2>Every hyper-parameter</h2>
    <table>
    \(metrics.configuration.leaves.map(parameter).joined(separator: "\n"))
    </table>
    </body>
    </html>

    """
  }

  private var title: String {
    let what = "\(metrics.data.count) images of \(metrics.data.name)"
    guard let accuracy = metrics.accuracy else { return "\(what) in \(metrics.clusters) clusters" }
    return "\(percent(accuracy)) % of \(what) are in the right of \(metrics.clusters) clusters"
  }

  private var context: String {
    "Sorted without labels in \(duration(metrics.seconds.total)) with seed \(metrics.seed) by tsuc \(metrics.version). "
      + "The head of the lowest training loss, number \(metrics.chosenHead), counts. Clusters were matched one to one with "
      + "classes on these same images; labels were used for nothing else. SHA-256 of the pixels: \(metrics.data.checksum)."
  }

  /// What is told of images that training did not see.
  private var testHTML: String {
    guard let test = metrics.test, let testTable else { return "" }
    return
      "<p>\(percent(test.accuracy)) % of \(test.data.count) test images of \(escaped(test.data.name)), which training did "
      + "not see; clusters were matched with classes on these images.</p>\n" + html(of: testTable)
  }

  private func html(of table: TextTable) -> String {
    let header = table.header.map { "<th>\(escaped($0))</th>" }.joined()
    let rows = table.rows.map { cells in
      "<tr>" + table.header.indices.map { "<td>\(cells.indices.contains($0) ? escaped(cells[$0]) : "")</td>" }.joined()
        + "</tr>"
    }
    return "<table>\n<tr>\(header)</tr>\n\(rows.joined(separator: "\n"))\n</table>"
  }

  private func figure(_ sheet: (cluster: Int, images: Int, file: String)) -> String {
    "<figure><img src=\"\(escaped(sheet.file))\" alt=\"Images of cluster \(sheet.cluster)\">"
      + "<figcaption>Cluster \(sheet.cluster): \(sheet.images) images</figcaption></figure>"
  }

  private func curves(stage: Int) -> String {
    let names = history.names.filter { $0.hasPrefix("L_") || $0 == "total" }
    return LossCurves(
      title: "Stage \(stage)",
      series: names.map { ($0, history.series($0, stage: stage)) }.filter { !$0.1.isEmpty }
    ).svg
  }

  private func parameter(_ leaf: (path: [String], value: JSONValue)) -> String {
    "<tr><td>\(escaped(leaf.path.map(ConfigurationOptions.kebab).joined(separator: ".")))</td>"
      + "<td>\(escaped(leaf.value.text))</td></tr>"
  }
}
