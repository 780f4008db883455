// The judge with everything that is known of mistakes.
// Tests    OracleTests/CheckerTests.swift, OracleTests/PromptCheckTests.swift

extension Corpus {
  /// Judges a folder of answers; what failed is diagnosed unless `diagnoses` is false: every mutant is asked the same question.
  ///
  /// Only the cases of an area are judged, and of a pattern in which * stands for any letters, where these are given.
  public func check(
    _ responses: ResponseFolder, profile: Profile? = nil, area: String? = nil, only: String? = nil,
    diagnoses: Bool = true
  ) throws(OracleError) -> CheckReport {
    try check(responses, profile: profile, area: area, only: only, by: diagnoses ? Diagnostician() : nil)
  }

  /// Asks a backend and judges its answers, likewise.
  public func check(
    _ backend: some CorpusBackend, profile: Profile? = nil, area: String? = nil, only: String? = nil,
    diagnoses: Bool = true
  ) throws(OracleError) -> CheckReport {
    try check(backend, profile: profile, area: area, only: only, by: diagnoses ? Diagnostician() : nil)
  }
}

extension PromptFolder {
  /// The verdicts on a folder of answers to these prompts; what failed is diagnosed.
  package func check(
    _ responses: ResponseFolder, profile: Profile? = nil, tell: (JudgingProgress) -> Void = { _ in }
  ) throws(OracleError) -> CheckReport {
    try check(responses, profile: profile, by: Diagnostician(), tell: tell)
  }
}
