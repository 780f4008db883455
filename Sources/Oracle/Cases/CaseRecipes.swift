// The cases of the corpus, area by area.
// Tests    OracleTests/FrozenCorpusTests.swift

/// Every case of the corpus.
public enum CaseRecipes {
  /// All recipes, area by area.
  public static func all() throws(OracleError) -> [CaseRecipe] { try drawn.get() }

  /// Drawn once in a process: searching for inputs with margins takes seconds.
  private static let drawn = Result { () throws(OracleError) in try draw() }

  /// All recipes made anew: always the same.
  static func draw() throws(OracleError) -> [CaseRecipe] {
    []
      + OptimiserCases.all() + RandomCases.all() + (try EvaluationCases.all())
      + AugmentationCases.all() + (try ViewParameterCases.all())
      + (try NetworkCases.all())
      + (try LayerCases.all())
      + BankLossCases.all() + BatchLossCases.all() + StageLossCases.all()
      + (try MemoryCases.all()) + (try NeighbourCases.all()) + (try HeadCases.all())
      + EdgeLossCases.all() + EdgeBankCases.all()
      + (try StepCases.all())
      + (try KMeansCases.all()) + (try VoteCases.all()) + (try InitialCases.all())
      + (try GreyViewCases.all()) + (try RandAugmentCases.all())
  }
}
