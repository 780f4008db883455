// How a case of the corpus comes into being: a prompt, and what it is for. Answers, scales and margins are worked out from it.
// Tests    OracleTests/CaseRecipeTests.swift
import Kernels
import Networks

/// A large input that is given by its recipe instead of its bytes: scale · normal() of one random stream, rounded to Float.
public struct GeneratedTensor: Codable, Sendable, Equatable {
  /// The sizes, outermost first.
  public var shape: [Int]
  /// The stream's seed; its purpose is `RandomPurpose.test`.
  public var seed: UInt32
  /// The stream's image.
  public var image: Int
  /// The standard deviation.
  public var scale: Double

  /// A recipe.
  public init(shape: [Int], seed: UInt32, image: Int, scale: Double) {
    self.shape = shape
    self.seed = seed
    self.image = image
    self.scale = scale
  }

  /// The tensor itself.
  public var tensor: Tensor<Float> {
    var stream = RandomStream(seed: seed, purpose: .test, image: image)
    return Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(scale * stream.normal()) })
  }
}

/// One case before it is frozen.
public struct CaseRecipe: Sendable {
  /// The area of the corpus, such as "loss".
  public var area: String
  /// The readable part of the identifier, lower case with hyphens.
  public var slug: String
  /// One line for the list.
  public var summary: String
  /// What mistakes the case is made to catch, each in a few words.
  public var catches: [String]
  /// The question, whose real inputs, also generated ones, are exactly Float values.
  public var prompt: Prompt
  /// The inputs that the files give as recipes.
  public var generated: [String: GeneratedTensor]

  /// A case.
  public init(
    area: String, slug: String, summary: String, catches: [String], prompt: Prompt,
    generated: [String: GeneratedTensor] = [:]
  ) {
    self.area = area
    self.slug = slug
    self.summary = summary
    self.catches = catches
    self.prompt = prompt
    self.generated = generated
  }
}
