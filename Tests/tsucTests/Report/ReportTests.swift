import Files
import Commands
import Evaluation
import Foundation
import Images
import Kernels
import Networks
import Testing
import TwoStage

@testable import tsuc

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a parser of XML found on a page.
private final class Page: NSObject, XMLParserDelegate {
  var ids: Set<String> = []
  var attributes: [(element: String, name: String, value: String)] = []
  var data: [String: (value: String, text: String)] = [:]
  var counts: [String: Int] = [:]
  private var key: String?
  private(set) var error: (any Error)?

  init(_ html: String) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    if !parser.parse() { error = parser.parserError }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes found: [String: String]
  ) {
    counts[name, default: 0] += 1
    for (attribute, value) in found { attributes.append((name, attribute, value)) }
    if name == "section", let id = found["id"] { ids.insert(id) }
    if name == "data", let key = found["data-key"] {
      self.key = key
      data[key] = (found["value"] ?? "", "")
    }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) { if let key { data[key]?.text += text } }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "data" { key = nil }
  }
}

@Suite("The report")
struct ReportTests {
  private static func contents(
    labels: Bool = true, channels: Int = 1, name: String = "<&\"few'>.png", noted: [(name: String, value: Double)] = []
  ) throws -> ReportContents {
    let digits = try ImageSet.load("digits", count: 40)
    let pixels =
      channels == 1
      ? digits.pixels : (0..<40).flatMap { i in (0..<3).flatMap { _ in digits.pixels[64 * i..<64 * (i + 1)] } }
    let images = ImageSet(
      name: name, channels: channels, height: 8, width: 8, pixels: pixels, maximumValue: 16,
      labels: labels ? digits.labels : nil)
    var configuration = Configuration.digits
    configuration.encoder.inputChannels = channels
    let encoder = ImageEncoder<Float>(configuration.encoder, seed: 1)
    let evaluation = RunEvaluation(
      of: images, standardisation: Standardisation(of: images), stageOne: encoder, stageTwo: encoder,
      heads: ClusterHeads(features: 64, classes: 10, heads: 2, seed: 4), answer: HeadAnswer(head: 1), seed: 0)
    let metrics = Metrics(
      evaluation, images: images, configuration: try JSON(of: configuration), seed: 9,
      seconds: .init(stageOne: 1, stageTwo: 2, evaluation: 3, total: 6))
    var history = UntrainedRun.history
    let accuracies = labels ? [("accuracy of head 0", 0.5), ("accuracy of head 1", 0.75)] : []
    history.epochs.append(EpochRecord(stage: 2, round: 0, epoch: 1, values: [("total", -2)] + accuracies + noted))
    return ReportContents(
      metrics: metrics, history: history, images: images, evaluation: evaluation, encoder: encoder,
      standardisation: Standardisation(of: images),
      neighbourhoods: Neighbourhoods(imageCount: 40, anchors: [3, 5, 7], neighbours: [[1, 2], [4, 6], [8, 9]]))
  }

  @Test func invariantThePageIsXMLWithEverySection() throws {
    let contents = try Self.contents()
    let page = Page(Report(contents: contents).html)
    #expect(page.error == nil)
    #expect(
      page.ids == [
        "answer", "clusters", "confusion", "embedding", "losses", "heads", "neighbours", "views", "configuration",
      ])
    // Both maps show every image, and every image under the pointer.
    #expect(page.counts["i"] == 80)
    #expect((page.counts["circle"] ?? 0) >= 80)
  }

  @Test(arguments: [true, false]) func invariantNothingOutsideThePageIsNeeded(labels: Bool) throws {
    let html = Report(contents: try Self.contents(labels: labels)).html
    for part in ["http:", "https:", "//", "<script", "@import", "<link", "src=", "file:"] {
      // Base64 has slashes of its own.
      let text = html.replacingOccurrences(of: "base64,[A-Za-z0-9+/=]*", with: "", options: .regularExpression)
      #expect(!text.contains(part), "\(part)")
    }
    let page = Page(html)
    let references = page.attributes.filter { ["href", "src", "poster", "srcset", "action"].contains($0.name) }
    #expect(!references.isEmpty)
    for reference in references { #expect(reference.value.hasPrefix("data:image/png;base64,iVBOR")) }
    #expect(html.components(separatedBy: "url(").count == html.components(separatedBy: "url('data:image/png").count)
  }

  @Test func invariantWithoutLabelsThereIsNoScore() throws {
    let html = Report(contents: try Self.contents(labels: false)).html
    let page = Page(html)
    #expect(page.error == nil && page.data.isEmpty)
    #expect(page.ids == ["answer", "clusters", "embedding", "losses", "neighbours", "views", "configuration"])
    #expect(html.contains("There is no accuracy: without labels nobody can say"))
    for word in ["class=\"cell framed\"", "Consistency", "by class", "purity"] {
      #expect(!html.contains(word), "\(word)")
    }
  }

  @Test func invariantTheNumbersAreThoseOfTheMetrics() throws {
    let contents = try Self.contents()
    let page = Page(Report(contents: contents).html)
    let json = try JSONDecoder().decode(JSON.self, from: Data(contents.metrics.json().utf8))
    #expect(page.data.count == 3 + 2 * 3 + 2 * 3 + 3)
    for (key, shown) in page.data {
      var value = json
      for part in key.split(separator: ".").map(String.init) {
        if case .array(let members) = value, let index = Int(part) {
          value = members[index]
        } else {
          value = try #require(value[[part][...]], "\(key)")
        }
      }
      let number: Double = try value.decoded()
      #expect(Double(shown.value) == number && shown.text == percent(number), "\(key)")
    }
  }

  @Test func invariantStrangeNamesAreEscaped() throws {
    let html = Report(contents: try Self.contents(name: "<b>&\"'\u{1}]]>")).html
    #expect(Page(html).error == nil)
    #expect(!html.contains("<b>"))
    #expect(html.contains("&lt;b&gt;&amp;&quot;&#39;\u{FFFD}]]&gt;"))
  }

  @Test func invariantTheSameRunGivesTheSameBytesOnAnyNumberOfThreads() throws {
    let contents = try Self.contents()
    let threads = Parallel.threadCount
    defer { Parallel.threadCount = threads }
    let pages = [1, 2].map { count in
      Parallel.threadCount = count
      return Report(contents: contents).html
    }
    #expect(pages[0] == pages[1])
  }

  @Test func workedExampleOfColourImages() throws {
    let page = Page(Report(contents: try Self.contents(channels: 3)).html)
    #expect(page.error == nil)
    // Byte 25 of a PNG file is its kind of colour: 2 is red, green and blue.
    let picture = try #require(page.attributes.first { $0.element == "image" && $0.name == "href" }?.value)
    let bytes = try #require(Data(base64Encoded: String(picture.dropFirst("data:image/png;base64,".count))))
    #expect(bytes[25] == 2)
  }

  @Test func workedExampleOfTheMatching() throws {
    let contents = try Self.contents()
    let labels = try #require(contents.labels)
    let placed = labels.indices.count { !contents.isMisplaced($0) }
    #expect(Double(placed) / 40 == contents.metrics.accuracy)
    #expect(contents.clusterOrder.map { contents.matching[$0] } == Array(0..<10))
    #expect(contents.clusterColours == contents.matching.map { $0 ?? -1 })
    #expect(contents.images.spread(4) == [0, 10, 20, 30])
    let pixels = contents.images.pixels
    let two = Array(pixels[192..<256]) + Array(pixels[64..<128])
    #expect(contents.images.subset([3, 1]).pixels == two)
    #expect(ClassNames.names(of: "fashion", count: 10)[9] == "Ankle boot")
    #expect(ClassNames.names(of: "digits", count: 2) == ["0", "1"])
  }

  @Test func invariantNeighboursAreReadBackAndMistakesTold() throws {
    let neighbourhoods = Neighbourhoods(imageCount: 9, anchors: [4, 2], neighbours: [[1, 3], [8, 4]])
    let text = NeighbourFile.csv(neighbourhoods)
    #expect(text == "anchor,neighbour\n4,1\n4,3\n2,8\n2,4\n")
    #expect(try NeighbourFile.parse(text, imageCount: 9, path: "n") == neighbourhoods)
    // Names of files hold anything.
    let names = (0..<9).map { "a,\"\($0)\"\n\($0).png" }
    let named = NeighbourFile.csv(neighbourhoods, names: names)
    #expect(named.hasPrefix("anchor,neighbour,anchor_file,neighbour_file\n4,1,\"a,\"\"4\"\"\n4.png\",\"a,"))
    #expect(try NeighbourFile.parse(named, imageCount: 9, path: "n") == neighbourhoods)
    for wrong in ["a,b\n9,1", "a,b\n1", "a,b\n1,2\n3,4\n1,5", "a,b\n1,-1", "a,b\nx,1"] {
      #expect(throws: RunError.self) { _ = try NeighbourFile.parse(wrong, imageCount: 9, path: "n") }
    }
  }

  @Test(arguments: [10, 12]) func workedExampleOfRecordedHeads(clusterCount: Int) throws {
    var configuration = Configuration.digits
    configuration.encoder.widths = [4, 4]
    configuration.encoder.blocks = [1, 1]
    configuration.encoder.strides = [2, 2]
    (configuration.stageOne.rounds, configuration.stageOne.epochsPerRound) = (1, 1)
    (configuration.stageOne.batchSize, configuration.stageTwo.batchSize, configuration.stageTwo.epochs) = (10, 20, 2)
    (configuration.stageOne.neighbourCount, configuration.stageTwo.classCount) = (2, clusterCount)
    let images = try ImageSet.load("digits", count: 20)
    let recording = HeadRecording(images: images, epochs: 2)
    var trainer = try Trainer<Float>(configuration, images: images)
    var counts: [Int?] = []
    while var noted = try trainer.runEpoch() {
      recording.note(on: &noted, trainer)
      counts.append(noted.headAccuracies?.count)
      guard let accuracies = noted.headAccuracies, let stage = trainer.stageTwo, let labels = images.labels
      else { continue }
      let embeddings = stage.encoder.embed(images, standardisedBy: trainer.standardisation)
      let clusters = stage.heads.classes(of: embeddings, head: 3)
      let table = ContingencyTable(predictions: clusters, targets: labels, clusters: clusterCount)
      #expect(accuracies[3] == table.accuracy)
      let manyToOne = clusterCount > 10 ? Optional(table.manyToOneAccuracy) : nil
      #expect(noted.headManyToOneAccuracies.map { $0[3] } == manyToOne)
      let names = EpochRecord(noted).values.map(\.name)
      #expect(names.last == (clusterCount > 10 ? "many-to-one " : "") + "accuracy of head 4")
      #expect(names.contains("accuracy of head 4"))
    }
    #expect(counts == [nil, 5, 5])
  }

  // With more clusters than classes the heads have a second chart.
  @Test func workedExampleOfTheChartsOfHeads() throws {
    let plain = HeadSection(try Self.contents()).html
    #expect(plain.contains("Accuracy, %") && !plain.lowercased().contains("many to one"))
    let over = HeadSection(try Self.contents(noted: [("many-to-one accuracy of head 0", 0.875)])).html
    #expect(over.components(separatedBy: "<figure").count == plain.components(separatedBy: "<figure").count + 1)
    #expect(over.contains("Many to one, %") && over.contains("gives each cluster its most frequent class"))
  }
}
