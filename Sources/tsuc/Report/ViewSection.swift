// What the network saw: some images, and the two random views of each that both stages began with.
// Tests    tsucTests/Report/ReportTests.swift
import Files
import Images
import TwoStage

/// Rows of views under the images they are of.
struct ViewSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  private static let imageCount = 12
  /// Leaves pixels as they are, 0 to 1.
  private static let pixels = Standardisation(mean: [0], standardDeviation: [1])

  var html: String {
    guard let configuration: Configuration = try? contents.metrics.configuration.decoded() else { return "" }
    let images = contents.images
    let chosen = images.spread(Self.imageCount)
    let (one, two) = (configuration.stageOne, configuration.stageTwo)
    let seed = configuration.seed
    var rows = [("image", chosen.map { images.image($0) })]
    for (stage, views, isClean, epoch) in [
      (1, one.views, one.firstViewIsClean, 0),
      (2, two.views, two.firstViewIsClean, one.rounds * one.epochsPerRound),
    ] {
      for view in 0..<2 {
        rows.append(
          (
            "stage \(stage), view \(view + 1)",
            chosen.map { image in
              view == 0 && isClean
                ? images.image(image)
                : views.batch(
                  of: images, images: [image], seed: seed, epoch: epoch, view: view, standardisedBy: Self.pixels)
            }
          ))
      }
    }
    let body = rows.map { name, pictures in
      let cells = zip(chosen, pictures).map { ImageSheet.Cell(pixels: $0.1, title: "\(name), image \($0.0)") }
      return element(
        "tr", [:], element("th", [:], name) + element("td", [:], contents.sheet([cells], "\(name) of some images").svg))
    }
    return element("h2", [:], "Random views")
      + element(
        "p", [:],
        "What each stage is shown in its first epoch: two random views of an image, which it must embed (stage 1) or "
          + "classify (stage 2) alike.")
      + element("table", ["class": "views"], body.joined())
  }
}
