import ComposeFiles
import Testing
import TextFiles

/// No file makes reading hang, run out of stack or fill the memory.
@Suite(.timeLimit(.minutes(10))) struct ComposeBoundTests {
  @Test func `aliases that multiply are refused`() {
    var text = "x-0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      text += "x-\(level): &a\(level) [\(Array(repeating: alias, count: 8).joined(separator: ", "))]\n"
    }
    text += service("image: a\nlabels: *a9")
    #expect(ComposeTexts(text).problems().first?.contains("probably a mistake") == true)
  }

  @Test func `aliases in keys are refused before they are compared`() {
    var text = "x-0: &a0 [x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = "*a\(level - 1)"
      text += "x-\(level): &a\(level) {? [\(Array(repeating: alias, count: 8).joined(separator: ", "))] : 1, b: 2}\n"
    }
    #expect(ComposeTexts(text + service("image: a")).problems().first?.contains("anchors and aliases") == true)
  }

  @Test func `an ordinary file uses its anchors as often as it likes`() throws {
    var text = "x-common: &common {restart: always}\nservices:\n"
    for number in 0..<300 { text += "  s\(number): {<<: *common, image: a}\n" }
    let project = try ComposeTexts(text).load()
    #expect(project.services.count == 300)
    #expect(project.services.allSatisfy { $0.restart?.value == "always" })
  }

  /// Comments, quotes and texts may look like aliases, keys and brackets.
  @Test(
    arguments: [
      "# Each takes *common: see ${THIS}: and [that]: ? or *other", "x-note: '? *common : [*b]: {*c}: d'",
      "x-text: |\n  ? [*a, *b] : {*c: *d}", "volumes: {'a': {driver_opts: {o: \"${DATA:-/a}:/b ? *c\"}}}",
    ])
  func `sixty merges are accepted in an ordinary file`(line: String) throws {
    var text = "\(line)\nx-0: &a0 {restart: always}\n"
    for number in 1...20 { text += "x-\(number): &a\(number) {<<: *a\(number - 1), restart: never}\n" }
    text += "services:\n"
    for number in 0..<60 { text += "  s\(number): {<<: *a\(number % 20), image: a, volumes: [\"${A:-/x}:/y\"]}\n" }
    #expect(try ComposeTexts(text).load().services.count == 60)
  }

  @Test func `lists that nest through aliases are refused`() {
    var text = "x-0: &a0 \(String(repeating: "[", count: 900))\(String(repeating: "]", count: 900))\n"
    for level in 1...900 {
      text +=
        "x-\(level): &a\(level) \(String(repeating: "[", count: 500))*a\(level - 1)\(String(repeating: "]", count: 500))\n"
    }
    #expect(!ComposeTexts(text + service("image: a")).problems().isEmpty)
  }

  @Test func `lists may nest as deep as a thread's stack allows`() {
    let opened = String(repeating: "[", count: 990)
    let closed = String(repeating: "]", count: 990)
    var text = "x-0: &a0 \(opened)\(closed)\n"
    for level in 1...14 { text += "x-\(level): &a\(level) \(opened)*a\(level - 1)\(closed)\n" }
    let problems = ComposeTexts(text + service("image: a\nlabels: *a14")).problems()
    #expect(problems.count == 1)
    #expect(
      problems.first?.hasSuffix("maps and lists nest deeper than 64 levels here; this is probably a mistake") == true)
  }

  @Test(arguments: [20, 60])
  func `merge keys that nest are bounded`(depth: Int) {
    var text = "x-0: &a0 {a: 1}\n"
    for level in 1...depth { text += "x-\(level): &a\(level) {<<: [*a\(level - 1), *a\(level - 1)]}\n" }
    text += service("<<: *a\(depth)\nimage: a")
    #expect(ComposeTexts(text).problems().first?.contains("probably a mistake") == true)
  }

  @Test func `variables that multiply are refused`() {
    var environment = "A0=\(String(repeating: "x", count: 1000))\n"
    for level in 1...9 { environment += "A\(level)=\(String(repeating: "$A\(level - 1)", count: 10))\n" }
    let problems = ComposeTexts(["c.yaml": service("image: $A9"), ".env": environment]).problems()
    #expect(problems.first?.hasPrefix(".env:5: its variables make it longer than 1 MiB") == true, "\(problems)")
    let many = (0..<2000).map { "A\($0): $V" }.joined(separator: "\n  ")
    let filled = ComposeTexts(
      service("environment:\n  " + many), environment: ["V": String(repeating: "x", count: 100_000)]
    ).problems()
    #expect(filled.first?.contains("more than 16 MiB") == true, "\(filled)")
  }

  @Test func `defaults that nest are bounded`() {
    let text = String(repeating: "${U:-", count: 10_000) + String(repeating: "}", count: 10_000)
    #expect(ComposeTexts(service("image: '\(text)'")).problems().first?.contains("deeper than 32 levels") == true)
  }

  @Test func `circular and endless extends and includes are refused`() {
    let ring = "services: {a: {extends: b}, b: {extends: c}, c: {extends: a}}"
    #expect(ComposeTexts(ring).problems().allSatisfy { $0.contains("extends itself") })
    #expect(!ComposeTexts(ring).problems().isEmpty)
    let chain = (0..<100).map { "s\($0): {extends: s\($0 + 1)}" } + ["s100: {image: a}"]
    #expect(
      ComposeTexts("services: {\(chain.joined(separator: ", "))}").problems().first?.contains("deeper than 32") == true)
    var files = ["c.yaml": "include: [i0.yaml]\nservices: {s: {image: a}}"]
    for number in 0..<100 {
      files["i\(number).yaml"] = "include: [i\(number + 1).yaml]\nservices: {s\(number): {image: a}}"
    }
    #expect(ComposeTexts(files).problems().first?.contains("deeper than 32") == true)
    #expect(
      ComposeTexts(["c.yaml": "include: [d.yaml]\nservices: {s: {image: a}}", "d.yaml": "include: [c.yaml]"]).problems()
        .first?.contains("includes itself") == true)
  }

  @Test func `thousands of files are refused`() {
    let paths = (0..<5000).map { "f\($0).yaml" }
    var files = ["c.yaml": "include: [\(paths.joined(separator: ", "))]\nservices: {s: {image: a}}"]
    for path in paths { files[path] = "services: {}" }
    #expect(ComposeTexts(files).problems().last?.contains("more than 1000 files") == true)
    // Each file includes two that include two.
    var tree = ["c.yaml": "include: [a0.yaml, a0.yaml]\nservices: {s: {image: a}}"]
    for level in 0..<30 { tree["a\(level).yaml"] = "include: [a\(level + 1).yaml, a\(level + 1).yaml]\nservices: {}" }
    #expect(ComposeTexts(tree).problems().last?.contains("more than 1000 files") == true)
  }

  @Test func `an ordinary env file serves many services, and a huge one few`() throws {
    let text = "services:\n" + (0..<500).map { "  s\($0): {env_file: v.env}\n" }.joined()
    #expect(try ComposeTexts(["c.yaml": text, "v.env": "A=1"]).load().services.count == 500)
    let huge = [UInt8](repeating: 0xFF, count: 1 << 20)
    let error = #expect(throws: PolicyFileError.self) {
      try ComposeProject.load(["c.yaml"], environment: [:], currentFolder: "/srv") { path throws(PolicyFileProblem) in
        path == "c.yaml" ? Array(text.utf8) : path == "v.env" ? huge : nil
      }
    }
    #expect(
      error?.problems.map(\.description) == [
        "v.env: it is not UTF-8 text; save it as UTF-8",
        "v.env: the project's files come to more than 64 MiB; this is probably a mistake",
      ])
  }

  @Test func `a wide map that is merged many times is refused`() {
    let wide = (0..<20_000).map { "k\($0): " }.joined(separator: ", ")
    let merges = Array(repeating: "*a", count: 20_000).joined(separator: ", ")
    let problems = ComposeTexts("x-a: &a {\(wide)}\n" + service("<<: [\(merges)]\nimage: a")).problems()
    #expect(problems.first?.contains("more than 524288 values") == true, "\(problems.prefix(1))")
  }

  @Test func `a large service that many others extend is refused`() {
    let ports = (1...20_000).map(String.init).joined(separator: ", ")
    let users = (0..<2000).map { "  u\($0): {extends: base}" }.joined(separator: "\n")
    let problems = ComposeTexts("services:\n  base: {image: a, ports: [\(ports)]}\n\(users)\n").problems()
    #expect(problems.first?.contains("more than 524288 values") == true, "\(problems.prefix(1))")
  }

  @Test func `a file above 1 MiB is refused`() {
    let problems = ComposeTexts(service("image: a") + String(repeating: "#", count: 1 << 20)).problems()
    #expect(problems == ["c.yaml: the file is larger than 1 MiB; is it the right file?"])
  }

  @Test func `endless mistakes are reported a hundred times`() {
    let ports = String(repeating: "x, ", count: 10_000)
    #expect(ComposeTexts(service("ports: [\(ports)y]")).problems().count <= 101)
    #expect(ComposeTexts(service("ports:\n" + String(repeating: "- x\n", count: 10_000))).problems().count <= 101)
  }
}
