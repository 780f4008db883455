import Commands
import Images
import Testing
import TwoStage

@testable import tsuc

@Suite("Origins of constants")
struct ConstantOriginTests {
  private static func colours() -> ImageSet {
    ImageSet(
      name: "colours", channels: 3, height: 8, width: 8, pixels: (0..<200 * 192).map { UInt8($0 % 251) },
      labels: (0..<200).map { $0 % 7 })
  }

  private func origins(_ words: [String]) throws -> [String: String] {
    let arguments = try Arguments(words, for: .train)
    let layers = try TrainingChoice(arguments).layers(arguments, for: Self.colours())
    let constants = try ConstantOrigin.constants(layers) {
      arguments[ConfigurationOptions.name(of: $0)] != nil ? .commandLine : nil
    }
    return Dictionary(
      uniqueKeysWithValues: constants.map {
        ($0.path.joined(separator: "."), $0.origin.text(path: $0.path, value: $0.value))
      })
  }

  @Test func workedExampleOfEveryOrigin() throws {
    let found = try origins([
      "--preset", "paper-cifar10", "--method", "npid", "--released", "--stage-two.epochs", "300", "--seed", "4",
    ])
    #expect(found["stageOne.batchSize"] == "released program")
    #expect(found["stageOne.epochsPerRound"] == "paper")
    #expect(found["stageTwo.learningRate"] == "supplement")
    #expect(found["stageTwo.classCount"] == "the data")
    #expect(found["stageOne.rounds"] == "the method npid")
    #expect(found["stageTwo.headAxis"] == "released program, as asked for")
    // Given, though it changes nothing.
    #expect(found["stageTwo.epochs"] == "the command line")
    #expect(found["seed"] == "the command line, or 0")
  }

  @Test func workedExampleOfARecipe() throws {
    let found = try origins(["--stage-two.views.kind", "grey"])
    // No preset is named, and the images have three channels.
    #expect(found["stageTwo.learningRate"] == "this project's recipe colour")
    #expect(found["stageOne.learningRate"] == "released program: the supplement tells stage 2's alone")
    #expect(found["stageTwo.views.kind"] == "the command line")
    #expect(found["stageTwo.views.zoom"] == "the default of this kind of views")
    #expect(!found.values.contains("unknown"))
  }

  @Test func workedExampleOfAKindOfViews() throws {
    let arguments = try Arguments(
      ["--preset", "paper-cifar10", "--stage-one.views.kind", "grey", "--stage-one.views.zoom", "0.5,2"], for: .train)
    let configuration = try TrainingChoice(arguments).configuration(arguments, for: Self.colours())
    var zoomed = Augmentation()
    zoomed.zoom = 0.5...2
    #expect(configuration.stageOne.views == .grey(zoomed))
    #expect(configuration.stageTwo.views == .colour(ColourAugmentation()))
    #expect(configuration.standardisation == .cifar10)
  }

  @Test func workedExampleOfRandAugment() throws {
    let words = ["--preset", "paper-cifar10", "--stage-two.views.kind", "randAugment"]
    func views(_ more: [String], cutout: String = "3") throws -> RandomViews {
      let arguments = try Arguments(words + ["--stage-two.views.cutout-side", cutout] + more, for: .train)
      return try TrainingChoice(arguments).configuration(arguments, for: Self.colours()).stageTwo.views
    }
    var ruc = RandAugmentation(.ruc)
    ruc.cutoutSide = 3
    #expect(try views([]) == .randAugment(ruc))
    (ruc.operationCount, ruc.magnitude) = (5, 9)
    #expect(
      try views(["--stage-two.views.operation-count", "5", "--stage-two.views.magnitude", "9"]) == .randAugment(ruc))
    // Another program's numbers, not only its name.
    var scan = RandAugmentation(.scan)
    scan.cutoutSide = 3
    #expect(try views(["--stage-two.views.variant", "scan"]) == .randAugment(scan))
    let found = try origins(words)
    #expect(found["stageTwo.views.kind"] == "the command line")
    #expect(found["stageTwo.views.operationCount"] == "the default of this kind of views")
    #expect(found["stageOne.views.kind"] == "released program")
    // The images are of 8 x 8 pixels; and a constant of another kind is not passed by.
    let large = #expect(throws: UsageError.self) { try views([], cutout: "8") }
    #expect(large?.message.hasPrefix("--stage-two.views.cutout-side must be below 8, the images' shorter side") == true)
    let other = #expect(throws: UsageError.self) { try views(["--stage-two.views.hue", "0,0.1"]) }
    #expect(
      other?.message
        == "option --stage-two.views.hue is no constant of this run: it belongs to another kind of stage-two.views")
  }

  @Test func workedExampleOfCoarseLabels() throws {
    #expect(try TrainingChoice(Arguments(["--preset", "paper-cifar20"], for: .train)).data.labelling == .coarse)
    let fine = try Arguments(["--preset", "paper-cifar20", "--labelling", "fine"], for: .train)
    #expect(try TrainingChoice(fine).data.labelling == .fine)
    #expect(try TrainingChoice(Arguments(["--preset", "paper-cifar100"], for: .train)).data.labelling == nil)
  }
}
