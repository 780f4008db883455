// k-means, votes, the choice of a model and the schedule of a run, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension KMeansSeedsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "candidates", "(clusters − 1) × trials", "of each seed after the first: the points that were drawn for it"
      ) { line in
        line.note(["points"])
        let seeding = try Self.seeding(line.prompt)
        let candidates = seeding.drawn().candidates
        return .integers(candidates.flatMap { $0 }, [candidates.count, seeding.trials])
      },
      .output(
        "seeds", "a first point below n; then of its candidates the one that leaves the smallest Σ d²",
        reads: ["candidates"]),
    ]
  }
}

extension KMeansOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "start-seeds", "restarts × clusters", "the points that each start begins with, as of k-means-seeds"
      ) {
        line in
        guard !line.holds("centroids") else { return nil }
        let seeds = try Self.seedings(line.prompt).map { $0.drawn().seeds }
        return .integers(seeds.flatMap { $0 }, [seeds.count, seeds.first?.count ?? 0])
      },
      DefinitionLine("first-assignments", "points", "the nearest of the centroids that the best start begins with") {
        line in
        line.note(["points", "centroids", "start-seeds"])
        let best = try Self.best(Self.starts(line.prompt).map(\.found))
        let first = try Self.starts(line.prompt, trace: { $0.maximumIterations = 1 })[best].found
        return .integers(first.assignments, [first.assignments.count])
      },
      .output(
        "assignments", "the nearest centroid of each point at the end, of the start of smallest inertia",
        reads: ["first-assignments"]),
      .output("centroids", "the mean of the points of each cluster", reads: ["assignments"]),
      .output("inertia", "Σ ‖x_i − centroid‖²", reads: ["assignments", "centroids"]),
      .output("iterations", "those until no point changes its cluster", reads: ["first-assignments"]),
    ]
  }
}

extension ModelSelectionOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .output("epoch", "argmin losses, the first among equals", reads: ["losses"]),
      .output("head", "argmin of head_losses in that epoch, the first among equals", reads: ["head_losses", "epoch"]),
    ]
  }
}

extension TopAccuracyOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "ranks", "rows", "how many classes stand before the target: a higher score, or an equal one of a lower class"
      ) {
        line in
        let (scores, targets) = (try line.matrix("scores"), try line.integers("targets"))
        let ranks = targets.enumerated().map { a, target in
          let row = scores.row(a).map(\.value)
          return row.indices.count { row[$0] > row[target] || row[$0] == row[target] && $0 < target }
        }
        return .integers(ranks, [ranks.count])
      },
      .output("hits", "1 where rank < k, else 0", reads: ["ranks"]),
      .output("matched", "Σ hits", reads: ["hits"]),
      .output("accuracy", "matched / n", reads: ["matched"]),
    ]
  }
}

extension VoteScoresOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("products", "queries × images", "q·f_j with every row f_j") { line in
        let (queries, features) = (try line.matrix("queries"), try line.matrix("features"))
        return .matrix(queries.multiplied(byTransposed: features), terms: queries.columns)
      },
      .output(
        "neighbours", "the k largest of each row, the largest first, ties to the lower j; not i where leavesOut",
        reads: ["products"]),
      .output("similarities", "q·f_j of the neighbours", reads: ["products", "neighbours"]),
      .output(
        "scores", "score_c = Σ exp((s_j − max s) / σ) over neighbours of class c", reads: ["similarities", "labels"]),
      .output("predictions", "argmax_c score_c, ties to the lower class", reads: ["scores"]),
    ]
  }
}

extension NeighbourSimilaritiesOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .output(
        "neighbours", "the k rows j ≠ i of largest m_i·m_j of each query i, the largest first, ties to the lower j",
        reads: ["rows", "queries"]),
      .output("similarities", "s_ij = m_i·m_j of the neighbours", reads: ["rows", "queries", "neighbours"]),
    ]
  }
}

extension RunScheduleOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .output("stages", "1 for R · E epochs, then 2", reads: []),
      .output("rounds", "⌊t / E⌋ of epoch t of the run; 0 in stage 2", reads: []),
      .output("epochs", "t mod E, the epoch in the round; t − R · E in stage 2", reads: []),
      .output("streamEpochs", "the key's epoch: t, which no round and no stage restarts", reads: []),
      .output("rates", "as of learning-rate, by the epoch in the round or in stage 2", reads: ["epochs"]),
      .output("weights", "as of entropy-weight, by the epoch in the round; 0 in stage 2", reads: ["epochs"]),
    ]
  }
}
