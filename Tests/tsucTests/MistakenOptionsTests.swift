// The catalogue of mistakes on the command line of a training: one sentence, status 2, and nothing is left behind.
import Foundation
import TestSupport
import Testing

@testable import tsuc

@Suite("The program as a process: mistaken options")
struct MistakenOptionsTests {
  @Test(arguments: [
    (["train", "--sede", "1"], "did you mean --seed?"),
    (["--sede", "1"], "did you mean --seed?"),
    (["train", "a\nb"], "does not understand \"a b\""),
    (["train", "--seed", "-1"], "--seed takes a whole number from 0 to 4294967295"),
    (["train", "--seed", "4294967296"], "--seed takes a whole number from 0 to 4294967295"),
    (["train", "--seed"], "--seed needs a value"),
    (["train", "--seed", "1", "--seed", "1"], "--seed is given twice"),
    (["train", "--threads", "0"], "--threads takes a whole number from 1 to 4096"),
    (["train", "--threads", "10000"], "--threads takes a whole number from 1 to 4096"),
    (["train", "--preset", "digit"], "unknown preset \"digit\"; did you mean digits?"),
    (["train", "extra"], "does not understand \"extra\""),
    (["train", "--count", "0"], "--count takes a whole number from 1"),
    (["train", "--count", "1"], "training needs at least 2 images, but there are 1"),
    (
      ["train", "--count", "100", "--stage-one.batch-size", "101"],
      "--stage-one.batch-size is 101, but there are only 100"
    ),
    (["train", "--classes", "1"], "--classes takes a whole number from 2"),
    (["train", "--classes", "2000"], "--classes is 2000, but there are only 1797 images: choose at most 1797"),
    (["train", "--stage-two.class-count", "2000"], "--stage-two.class-count is 2000, but there are only 1797 images"),
    (["train", "--classes", "3", "--stage-two.class-count", "4"], "--classes is 3, but --stage-two.class-count"),
    (["train", "--clusters", "3"], "unknown option --clusters of \"tsuc train\"; did you mean --classes?"),
    (["train", "--num_classes=3"], "did you mean --classes?"),
    (["train", "--stage-one.batch-size", "5000"], "--stage-one.batch-size is 5000"),
    (["train", "--stage-two.class-count", "300"], "--stage-two.class-count is 300"),
    (["train", "--stage-two.class-count", "1"], "--stage-two.class-count must be at least 2"),
    (["train", "--stage-one.rounds", "-1"], "--stage-one.rounds must be at least 0"),
    (["train", "--checkpoint-minutes", "-1"], "--checkpoint-minutes takes a number from 0"),
    (["train", "--keep", "0"], "--keep takes a whole number from 1"),
    (["train", "--stage-two.epochs", "0"], "--stage-two.epochs must be at least 1"),
    (["train", "--stage-one.learning-rate", "-1"], "--stage-one.learning-rate must be positive"),
    (["train", "--stage-one.learning-rate", "fast"], "--stage-one.learning-rate takes a number"),
    (["train", "--stage-one.bank-temperature", "1e-200"], "--stage-one.bank-temperature takes a number"),
    (["train", "--stage-one.rounds", "9223372036854775807"], "--stage-one.rounds takes a number"),
    (["train", "--stage-one.rounds", "1.5"], "only a whole number"),
    (["train", "--stage-one.learning-rate-schedule", "cosine"], "it takes constant, released"),
    (["train", "--stage-one.views.zoom", "2,1"], "--stage-one.views.zoom does not take"),
    (["train", "--stage-one.views.zoom", "0,100"], "--stage-one.views.zoom must be in"),
    (["train", "--encoder.widths", "4"], "--encoder.widths, --encoder.blocks and --encoder.strides"),
    (["train", "--encoder.widths", "1000000,1000000,1000000"], "thousand million weights"),
    (["train", "--encoder.input-channels", "3"], "the images have 1 channels"),
    (["train", "--encoder.streams", "edges"], "it takes plain, sobel"),
    (["train", "--preset", "paper"], "unknown preset \"paper\"; did you mean"),
    (["train", "--preset", "fashion", "--encoder.stem-stride", "0"], "--encoder.stem-stride must be positive"),
    (
      ["train", "--preset", "paper-cifar10"], "--standardisation.mean must be one number, or one for each of 1 channels"
    ),
    (["train", "--method", "ands"], "unknown method \"ands\"; did you mean and?"),
    (["train", "--method", "joint", "--stage-one.rounds", "0"], "--is-joint needs at least one of --stage-one.rounds"),
    (["train", "--stage-one.views.kind", "colour"], "kind colour needs images of 3 channels, not 1"),
  ])
  func workedExampleOfMistakenOptions(words: [String], expected: String) throws {
    try withTemporaryFolder { parent in
      expectComplaint(try runProgram(words, in: parent), code: 2, containing: expected)
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent) == [])
    }
  }
}
