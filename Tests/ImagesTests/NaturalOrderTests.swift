import Testing

@testable import Images

@Suite("Natural order of names")
struct NaturalOrderTests {
  @Test(arguments: [
    ["img1", "img2", "img10", "img11", "img100"],
    ["a.png", "a2.png", "a10.png"],
    // Digits stand where digits stand in ASCII: after "-" and ".", before letters.
    ["a-1", "a.b", "a1", "a1b", "a2", "aa"],
    ["1/10.png", "2/9.png", "10/1.png"],
    // Equal as numbers: by their bytes.
    ["007", "07", "7", "8"],
    // More digits than any integer type holds.
    ["9", "99999999999999999999999999999998", "99999999999999999999999999999999", "100000000000000000000000000000000"],
    ["", "0", "B", "a"],
  ]) func examples(_ names: [String]) {
    #expect(NaturalOrder.sorted(names.reversed()) == names)
    #expect(NaturalOrder.sorted(names) == names)
  }

  /// "é" is one scalar or two; both are the same letter, before "f", and each has its place.
  @Test func canonicallyEqualNamesHaveOneOrder() {
    let names = ["e\u{301}.png", "\u{E9}.png", "f.png"]
    let bytes = NaturalOrder.sorted(names.reversed()).map { Array($0.utf8) }
    #expect(bytes == names.map { Array($0.utf8) })
    #expect(
      NaturalOrder.sorted(["\u{E9}1", "e\u{301}0"]).map { Array($0.utf8) }
        == ["e\u{301}0", "\u{E9}1"].map { Array($0.utf8) })
  }

  @Test func everyOrderOfTheInputGivesTheSame() {
    let names = (0..<40).flatMap { ["img\($0)", "img0\($0)", "\($0)/img.png"] }
    let sorted = NaturalOrder.sorted(names)
    // 120 names: a step without a factor in common visits each once.
    for step in [7, 11, 37, 119] {
      #expect(NaturalOrder.sorted(names.indices.map { names[$0 * step % names.count] }) == sorted)
    }
    #expect(sorted.firstIndex(of: "img9")! < sorted.firstIndex(of: "img10")!)
  }
}
