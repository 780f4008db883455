// Every constant of the run under its name on the command line.
// Tests    tsucTests/Report/ReportTests.swift

/// Tables of hyper-parameters, one for each part of the configuration.
struct ConfigurationSection {
  private let contents: ReportContents

  init(_ contents: ReportContents) { self.contents = contents }

  var html: String {
    var (groups, tables): ([String], [String: String]) = ([], [:])
    for (path, value) in contents.metrics.configuration.leaves {
      let names = path.map(ConfigurationOptions.kebab)
      let group = names.count > 1 ? names[0] : "run"
      if tables[group] == nil { groups.append(group) }
      let name = names.count > 1 ? names.dropFirst().joined(separator: ".") : names.joined()
      tables[group, default: ""] += element(
        "tr", [:], element("td", [:], escaped(name)) + element("td", [:], escaped(value.text)))
    }
    let columns = groups.map { group in
      element(
        "div", [:], element("h3", [:], escaped(group)) + element("table", [:], tables[group] ?? ""))
    }
    return element("h2", [:], "Every constant")
      + element(
        "p", [:], "Set by --PART.NAME, such as --stage-one.rounds; what they mean stands in Configuration.swift.")
      + element("div", ["class": "constants"], columns.joined())
  }
}
