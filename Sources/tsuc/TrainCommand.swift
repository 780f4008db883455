extension Command {
  static let train = Command(
    name: "train", summary: "train both stages on images and write a run folder", details: "",
    options: [.data, .labels, .count, .threads]
  ) { _, _ in throw RunError("not yet") }
}
