// report.html: one page with everything in it, no script and no other file, for one finished run.
//
// The page is a function of the run's files and images alone: the same run gives the same bytes but for its times.
// Tests    tsucTests/Report/ReportTests.swift

/// The page of a run.
struct Report {
  let contents: ReportContents

  /// The page; XML as well as HTML.
  var html: String {
    let sections = [
      ("answer", AnswerSection(contents).html), ("clusters", ClusterSection(contents).html),
      ("confusion", ConfusionSection(contents).html), ("embedding", EmbeddingSection(contents).html),
      ("losses", LossSection(contents).html), ("heads", HeadSection(contents).html),
      ("neighbours", NeighbourSection(contents).html), ("views", ViewSection(contents).html),
      ("configuration", ConfigurationSection(contents).html),
    ]
    let colours = max(10, (contents.clusterColours.max() ?? 0) + 1, contents.classNames.count)
    let head =
      element("meta", ["charset": "utf-8"])
      + element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      + element("title", [:], escaped(AnswerSection(contents).title))
      + "\n<style>\n\(Stylesheet.text(colours: colours))\n</style>"
    let body = sections.filter { !$0.1.isEmpty }.map { "\n" + element("section", ["id": $0.0], $0.1) }.joined()
    return "<!DOCTYPE html>\n"
      + element(
        "html", ["lang": "en"],
        "\n" + element("head", [:], head) + "\n" + element("body", [:], element("main", [:], body)) + "\n") + "\n"
  }
}
