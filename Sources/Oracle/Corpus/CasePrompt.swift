// A prompt together with what its case says about it. The stored prompts are the source of the corpus: freezing answers them.
// Tests    OracleTests/CasePromptTests.swift
import Kernels
import Networks

/// A large input that is stored as its recipe: scale · normal() of one random stream, rounded to Float.
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
    return Tensor(shape: shape, values: stream.normals(shape.reduce(1, *), standardDeviation: scale))
  }
}

/// One case without its answers: what is asked, under which identifier, and what for.
public struct CasePrompt: Sendable, Equatable {
  /// The area of the corpus, such as "loss".
  public var area: String
  /// The readable part of the identifier, lower case with hyphens.
  public var slug: String
  /// One line for the list.
  public var summary: String
  /// The mistakes that the case is designed to catch, each in a few words.
  public var catches: [String]
  /// The question; real inputs, generated ones included, are exactly Float values.
  public var prompt: Prompt
  /// The tensors that are asked for, outputs or others on the way to them; empty where all outputs are.
  public var wanted: [String]
  /// The inputs that case.json stores as recipes.
  public var generated: [String: GeneratedTensor]

  /// A prompt with its description.
  public init(
    area: String, slug: String, summary: String, catches: [String], prompt: Prompt,
    generated: [String: GeneratedTensor] = [:], wanted: [String] = []
  ) {
    self.wanted = wanted
    self.area = area
    self.slug = slug
    self.summary = summary
    self.catches = catches
    self.prompt = prompt
    self.generated = generated
  }

  /// A prompt as its files describe it; answers, margins and witnesses of a frozen case are left out.
  init(_ description: CaseDescription, _ prompt: Prompt) {
    self.init(
      area: description.area, slug: String(description.id.dropFirst(description.area.count + 1)),
      summary: description.summary, catches: description.catches, prompt: prompt, generated: description.generated,
      wanted: description.wanted)
  }

  /// "area/slug".
  public var id: String { "\(area)/\(slug)" }
}

extension PromptFolder {
  /// All prompts of the folder; throws if one of them cannot be read.
  public func prompts() throws(OracleError) -> [CasePrompt] {
    guard misnamed.isEmpty else { throw OracleError(PromptFault.text(misnamed)) }
    return try ids.map { id throws(OracleError) in try casePrompt(id) }
  }

  /// One prompt of the folder, with what its case.json says about it.
  public func casePrompt(_ id: String) throws(OracleError) -> CasePrompt {
    let (description, prompt) = try prompt(id)
    return CasePrompt(description, prompt)
  }
}

extension Corpus {
  /// The prompts of all cases, in alphabetical order of their identifiers.
  public func prompts() throws(OracleError) -> [CasePrompt] {
    try manifest.cases.map { id throws(OracleError) in
      let (description, prompt) = try prompt(id)
      return CasePrompt(description, prompt)
    }
  }
}
