// The example that the terms of stage 1 share: a bank of four images on a circle, and two views each of two of them.
//
//     m₀ = (1, 0)   m₁ = (0.8, 0.6)   m₂ = (0, 1)   m₃ = (−0.28, −0.96)      views of images 0, 2 | 0, 2
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// A bank, a batch and what they are multiplied to.
package struct SmallBank: Sendable {
  /// M, images × features.
  package let bank: Rows
  /// V, the first views above the second views.
  package let views: Rows
  /// The batch's images, once.
  package let images = [0, 2]
  /// τ, the bank's.
  package let temperature: Double
  /// Image 0 is an anchor with neighbour 1; image 2 stands for itself.
  package let neighbours = [[1], [], [], []]
  /// z = V Mᵀ / τ, computed.
  package let logits: Rows

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    bank = example.rows([[1, 0], [0.8, 0.6], [0, 1], [-0.28, -0.96]])
    views = example.rows([[0.96, 0.28], [0.28, 0.96], [0.936, -0.352], [-0.28, 0.96]])
    let tau = example.constant(0.5)
    temperature = tau
    logits = each(products(views, bank)) { $0 / tau }
  }

  /// The image of every row.
  package var rowImages: [Int] { images + images }
  /// The names of the rows of V, such as "view 1 of image 0".
  var rowNames: [String] { rowImages.enumerated().map { "view \($0 / images.count) of image \($1)" } }
  /// The names of the rows of M, such as "m₀".
  var imageNames: [String] { numbered("m", bank.count) }
  /// The names of the columns of z, such as "j = 0".
  var columns: [String] { bank.indices.map { "j = \($0)" } }

  /// The library's bank.
  var library: MemoryBank<Double> { MemoryBank(rows: Tensor(rows: bank), temperature: temperature) }
  /// The library's neighbourhoods.
  var neighbourhoods: Neighbourhoods {
    Neighbourhoods(imageCount: bank.count, anchors: [0], neighbours: [neighbours[0]])
  }

  /// The inputs and the logits.
  var passages: [Passage] {
    [
      .constants([.init("τ", temperature)]),
      .table(NumberTable("M, the bank", columns: ["x", "y"], names: imageNames, numbers: bank)),
      .table(
        NumberTable(
          "V, the embeddings: first views, then second views", columns: ["x", "y"], names: rowNames, numbers: views)),
      .table(NumberTable("z_aj = ⟨v_a, m_j⟩ / τ", columns: columns, names: rowNames, numbers: logits)),
      .agreement(
        CrossCheck(
          "z", logits.flatMap { $0 }, library.logits(of: Tensor(rows: views)), by: "MemoryBank.logits")),
    ]
  }
}
