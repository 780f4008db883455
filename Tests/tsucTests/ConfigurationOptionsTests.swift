import Files
import Commands
import Testing

@testable import tsuc

@Suite("Options from a configuration")
struct ConfigurationOptionsTests {
  private enum Axis: String, Codable { case classes, features }
  private struct Crop: Codable, Equatable {
    var area: ClosedRange<Double>
    var ratio: ClosedRange<Double>
  }
  private struct Stage: Codable, Equatable {
    var learningRate = 0.03
    var epochs = 6
    var isNesterov = true
    var axis = Axis.classes
    var widths = [16, 32]
    var zoom = 0.5...2.0
    var crop: Crop?
  }
  private struct Whole: Codable, Equatable {
    var stageOne = Stage()
    var seed = 1.0
  }

  private static let cropped: Whole = {
    var whole = Whole()
    whole.stageOne.crop = Crop(area: 0.5...1, ratio: 0.75...1.25)
    return whole
  }()

  private func changed(_ words: [String]) throws -> Whole {
    let known = ConfigurationOptions(
      [try JSON(of: Whole()), try JSON(of: Self.cropped)], choices: ["axis": ["classes", "features"]])
    let command = Command(name: "t", summary: "", details: "", options: [], hyperParameters: known.options) { _, _ in }
    return try known.apply(try Arguments(words, for: command), to: Whole())
  }

  private func message(_ words: [String]) -> String? {
    do {
      _ = try changed(words)
      return nil
    } catch {
      return (error as? UsageError)?.message
    }
  }

  @Test func workedExampleOfNames() throws {
    #expect(ConfigurationOptions.kebab("learningRate") == "learning-rate")
    let options = ConfigurationOptions([try JSON(of: Self.cropped)]).options
    #expect(
      options.map(\.name) == [
        "seed", "stage-one.axis", "stage-one.crop.area", "stage-one.crop.ratio", "stage-one.epochs",
        "stage-one.is-nesterov", "stage-one.learning-rate", "stage-one.widths", "stage-one.zoom",
      ])
    #expect(options.map(\.help).contains("default 0.5,2") || options.map(\.help).contains("default 0.5,2.0"))
  }

  @Test func workedExampleOfChanges() throws {
    var expected = Whole()
    expected.stageOne.learningRate = 1
    expected.stageOne.epochs = 2
    expected.stageOne.isNesterov = false
    expected.stageOne.axis = .features
    expected.stageOne.widths = [8]
    expected.stageOne.zoom = 0.9...1.1
    expected.seed = 0.25
    let words = [
      "--stage-one.learning-rate", "1", "--stage-one.epochs=2", "--stage-one.is-nesterov", "false",
      "--stage-one.axis", "features", "--stage-one.widths", "8", "--stage-one.zoom", "0.9,1.1", "--seed", "0.25",
    ]
    #expect(try changed(words) == expected)
    #expect(try changed([]) == Whole())
  }

  @Test func workedExampleOfAnOptionalPart() throws {
    let words = ["--stage-one.crop.area", "0.2,1", "--stage-one.crop.ratio", "1,1"]
    #expect(try changed(words).stageOne.crop == Crop(area: 0.2...1, ratio: 1...1))
  }

  @Test(arguments: [
    (
      ["--stage-one.epochs", "2.5"],
      "option --stage-one.epochs does not take \"2.5\", only a whole number; its default is 6"
    ),
    (
      ["--stage-one.epochs", "many"],
      "option --stage-one.epochs takes a number (0, or 1e-30 to 1e6 in size), not \"many\""
    ),
    (
      ["--stage-one.learning-rate", "inf"],
      "option --stage-one.learning-rate takes a number (0, or 1e-30 to 1e6 in size), not \"inf\""
    ),
    (
      ["--stage-one.learning-rate", "nan"],
      "option --stage-one.learning-rate takes a number (0, or 1e-30 to 1e6 in size), not \"nan\""
    ),
    (["--stage-one.is-nesterov", "1"], "option --stage-one.is-nesterov takes true or false, not \"1\""),
    (["--stage-one.axis", "both"], "option --stage-one.axis does not take \"both\"; it takes classes, features"),
    (["--stage-one.zoom", "2,1"], "option --stage-one.zoom does not take \"2,1\"; its default is 0.5,2"),
    (["--stage-one.zoom", "1"], "option --stage-one.zoom does not take \"1\"; its default is 0.5,2"),
    (
      ["--stage-one.widths", "1,,2"], "option --stage-one.widths takes a number (0, or 1e-30 to 1e6 in size), not \"\""
    ),
    (
      ["--stage-one.crop.area", "0.2,1"],
      "option --stage-one.crop.area does not take \"0.2,1\" without ratio beside it; its default is none"
    ),
  ])
  func workedExampleOfMistakes(words: [String], expected: String) {
    #expect(message(words) == expected)
  }
}
