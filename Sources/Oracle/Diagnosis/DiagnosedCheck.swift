// The judge with everything that is known of mistakes.
// Tests    OracleTests/CheckerTests.swift, OracleTests/PromptCheckTests.swift

extension Corpus {
  /// As ``Corpus/check(_:profile:area:by:)`` of a folder of answers; what failed is diagnosed unless `diagnoses` is false: every
  /// mutant is asked the same question.
  public func check(
    _ responses: ResponseFolder, profile: Profile? = nil, area: String? = nil, diagnoses: Bool = true
  ) throws(OracleError) -> CheckReport {
    try check(responses, profile: profile, area: area, by: diagnoses ? Diagnostician() : nil)
  }

  /// As ``Corpus/check(_:profile:area:by:)`` of a backend, likewise.
  public func check(
    _ backend: some CorpusBackend, profile: Profile? = nil, area: String? = nil, diagnoses: Bool = true
  ) throws(OracleError) -> CheckReport {
    try check(backend, profile: profile, area: area, by: diagnoses ? Diagnostician() : nil)
  }
}

extension PromptFolder {
  /// As ``PromptFolder/check(_:profile:by:tell:)``; what failed is diagnosed.
  public func check(
    _ responses: ResponseFolder, profile: Profile? = nil, tell: (JudgingPlace) -> Void = { _ in }
  ) throws(OracleError) -> CheckReport {
    try check(responses, profile: profile, by: Diagnostician(), tell: tell)
  }
}
