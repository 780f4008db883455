extension Command {
  static let train = Command(name: "train", summary: "", details: "", options: []) { _, _ in }
  static let evaluate = Command(name: "evaluate", summary: "", details: "", options: []) { _, _ in }
  static let predict = Command(name: "predict", summary: "", details: "", options: []) { _, _ in }
  static let embed = Command(name: "embed", summary: "", details: "", options: []) { _, _ in }
}
