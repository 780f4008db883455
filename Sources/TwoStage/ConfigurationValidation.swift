// One sentence for every constant that is out of range or does not fit the images.
//
// Tests    ConfigurationTests.swift
import Images
import Networks

/// What is wrong with a configuration.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence: which constant, its range, its value, and what to do where that is not obvious.
  public let description: String
}

extension Configuration {
  /// Throws the first thing that is wrong with training on `count` images of `channels` channels.
  ///
  /// - Parameters:
  ///   - count: The number of images.
  ///   - channels: Of each image.
  ///   - size: Of each image; nil leaves out what depends on it.
  /// - Throws: A sentence that names the constant, what it should be and what it is.
  public func validate(count: Int, channels: Int, size: ImageSize? = nil) throws(ConfigurationError) {
    try check(count >= 2, "training needs at least 2 images, but there are \(count)")
    try check(
      channels == encoder.inputChannels,
      "the images have \(channels) channels, but encoder.inputChannels is \(encoder.inputChannels)")
    if let problem = standardisation?.problem(channels: channels) {
      throw ConfigurationError(description: "standardisation.\(problem)")
    }
    try validateEncoder()
    try validateStageOne(count)
    try validateStageTwo(count)
    if isJoint { try validateJoint() }
    for (name, views) in [("stageOne", stageOne.views), ("stageTwo", stageTwo.views)] {
      if let problem = views.problem(channels: channels, size: size) {
        throw ConfigurationError(description: "\(name).views.\(problem)")
      }
    }
  }

  private func validateEncoder() throws(ConfigurationError) {
    let stages = encoder.widths.count
    try check(!encoder.streams.isEmpty, "encoder.streams must name at least one stream, plain or sobel")
    try check(
      stages > 0 && encoder.blocks.count == stages && encoder.strides.count == stages,
      "encoder.widths, encoder.blocks and encoder.strides must be equally long and not empty, not \(stages), "
        + "\(encoder.blocks.count) and \(encoder.strides.count) long")
    for (name, values) in [
      ("widths", encoder.widths), ("blocks", encoder.blocks), ("strides", encoder.strides),
      ("stemStride", [encoder.stemStride]), ("embeddingSize", [encoder.embeddingSize]),
    ] {
      for value in values { try check(value > 0, "encoder.\(name) must be positive, not \(value)") }
    }
  }

  private func validateStageOne(_ count: Int) throws(ConfigurationError) {
    let stage = stageOne
    try check(stage.rounds >= 0, "stageOne.rounds must be at least 0, not \(stage.rounds)")
    try atLeastOne("stageOne.epochsPerRound", stage.epochsPerRound)
    if stage.rounds > 0 { try validateBatch("stageOne", stage.batchSize, count) }
    try validate("stageOne.optimiser", stage.optimiser)
    try positive("stageOne.learningRate", stage.learningRate)
    try positive("stageOne.bankTemperature", stage.bankTemperature)
    try check(
      (0...1).contains(stage.bankMomentum), "stageOne.bankMomentum must be 0 to 1, not \(stage.bankMomentum)")
    try positive("stageOne.anchorRate", stage.anchorRate)
    try check(
      (1..<count).contains(stage.neighbourCount),
      "stageOne.neighbourCount must be 1 to \(count - 1), the other images, not \(stage.neighbourCount)")
    try notNegative("stageOne.entropyWeightStep", stage.entropyWeightStep)
    try notNegative("stageOne.neighbourhoodWeight", stage.neighbourhoodWeight)
    try notNegative("stageOne.augmentationWeight", stage.augmentationWeight)
    try check(
      stage.neighbourhoodWeight > 0 || stage.entropyWeightStep == 0 && stage.augmentationWeight > 0,
      "stageOne.neighbourhoodWeight of 0 needs a stageOne.entropyWeightStep of 0 and a stageOne.augmentationWeight above 0"
    )
    try check((1...2).contains(stage.viewCount), "stageOne.viewCount must be 1 or 2, not \(stage.viewCount)")
    try check(
      stage.viewCount == 2 || stage.augmentationWeight == 0,
      "stageOne.viewCount of 1 needs a stageOne.augmentationWeight of 0, not \(stage.augmentationWeight)")
    try validate("stageOne.augmentationLoss", stage.augmentationLoss)
  }

  private func validateStageTwo(_ count: Int) throws(ConfigurationError) {
    let stage = stageTwo
    try atLeastOne("stageTwo.epochs", stage.epochs)
    try validateBatch("stageTwo", stage.batchSize, count)
    try validate("stageTwo.optimiser", stage.optimiser)
    try positive("stageTwo.learningRate", stage.learningRate)
    try check(stage.classCount >= 2, "stageTwo.classCount must be at least 2, not \(stage.classCount)")
    try check(
      stage.classCount <= count,
      "stageTwo.classCount is \(stage.classCount), but there are only \(count) images: choose at most \(count)")
    try check(
      stage.classCount <= stage.batchSize,
      "stageTwo.classCount is \(stage.classCount), but a batch of stageTwo.batchSize \(stage.batchSize) images cannot "
        + "show so many classes: enlarge the batch")
    try atLeastOne("stageTwo.headCount", stage.headCount)
    try positive("stageTwo.headTemperature", stage.headTemperature)
    try notNegative("stageTwo.marginalEntropyWeight", stage.marginalEntropyWeight)
    try notNegative("stageTwo.consistencyWeight", stage.consistencyWeight)
    try validate("stageTwo.consistencyLoss", stage.consistencyLoss)
  }

  private func validateJoint() throws(ConfigurationError) {
    try check(stageOne.rounds > 0, "isJoint needs at least one of stageOne.rounds, not \(stageOne.rounds)")
    try check(stageOne.viewCount == 2, "isJoint needs a stageOne.viewCount of 2, not \(stageOne.viewCount)")
    try check(
      stageTwo.classCount <= stageOne.batchSize,
      "stageTwo.classCount is \(stageTwo.classCount), but a batch of stageOne.batchSize \(stageOne.batchSize) images, "
        + "with which isJoint trains, cannot show so many classes: enlarge the batch")
  }

  private func validate(_ name: String, _ optimiser: OptimiserConfiguration) throws(ConfigurationError) {
    try check(
      (0..<1).contains(optimiser.momentum),
      "\(name).momentum must be at least 0 and below 1, not \(optimiser.momentum)")
    try check(!optimiser.nesterov || optimiser.momentum > 0, "\(name).nesterov needs a \(name).momentum above 0")
    try notNegative("\(name).weightDecay", optimiser.weightDecay)
  }

  private func validateBatch(_ stage: String, _ size: Int, _ count: Int) throws(ConfigurationError) {
    try check(size >= 2, "\(stage).batchSize must be at least 2, not \(size)")
    try check(
      size <= count,
      "\(stage).batchSize is \(size), but there are only \(count) images: choose at most \(count)")
  }

  private func validate(_ name: String, _ loss: BatchLossConfiguration) throws(ConfigurationError) {
    try positive("\(name).temperature", loss.temperature)
    try check(
      loss.negativeWeight >= 1 && loss.negativeWeight.isFinite,
      "\(name).negativeWeight must be at least 1, not \(loss.negativeWeight)")
    try check(
      loss.denominator == .released || loss.negativeWeight == 1,
      "\(name).negativeWeight must be 1 with the paper's denominator, not \(loss.negativeWeight)")
  }

  private func atLeastOne(_ name: String, _ value: Int) throws(ConfigurationError) {
    try check(value >= 1, "\(name) must be at least 1, not \(value)")
  }

  private func positive(_ name: String, _ value: Double) throws(ConfigurationError) {
    try check(value > 0 && value.isFinite, "\(name) must be positive, not \(value)")
  }

  private func notNegative(_ name: String, _ value: Double) throws(ConfigurationError) {
    try check(value >= 0 && value.isFinite, "\(name) must be at least 0, not \(value)")
  }

  private func check(_ condition: Bool, _ message: @autoclosure () -> String) throws(ConfigurationError) {
    if !condition { throw ConfigurationError(description: message()) }
  }
}
