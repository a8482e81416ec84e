import ComposeFiles
import Testing
import TextFiles

/// Variables in values, and the files that state them.
@Suite struct ComposeVariableTests {
  /// The image's name after filling in.
  private func filled(_ text: String, _ environment: [String: String] = ["A": "a", "E": ""]) throws -> String? {
    let project = try ComposeTexts(service("image: '\(text)'"), environment: environment).load()
    return try project.the("s").image?.value
  }

  @Test(
    arguments: [
      ("$A", "a"), ("x${A}y", "xay"), ("$A$A", "aa"), ("$A-b", "a-b"), ("${A-d}", "a"), ("${E-d}", ""), ("${U-d}", "d"),
      ("${A:-d}", "a"), ("${E:-d}", "d"), ("${U:-d}", "d"), ("${A?e}", "a"), ("${E?e}", ""), ("${A:?e}", "a"),
      ("${A+r}", "r"), ("${E+r}", "r"), ("${U+r}", ""), ("${A:+r}", "r"), ("${E:+r}", ""), ("${U:-${E:-${A}}}", "a"),
      ("${U:-x${A}y}z", "xayz"), ("${A:-${U:?never asked}}", "a"), ("$$A", "$A"), ("$${A}", "${A}"), ("$$$A", "$a"),
      ("${U:-$$}", "$"), ("${U:-}", ""), ("${U:-a:b-c?d+e}", "a:b-c?d+e"), ("a}b", "a}b"), ("${U:-{}}", "{}"),
    ] as [(String, String)])
  func `variables are filled in`(text: String, expected: String) throws {
    #expect(try filled(text) == expected)
  }

  @Test(
    arguments: [
      ("${", "write ${NAME}, or $${ for the characters"), ("${}", "does not start a variable"),
      ("${A", "does not start a variable"),
      ("${A:}", "does not start a variable"),
      ("${A:=b}", "does not start a variable"), ("${U:-a", "is not closed"),
      ("${U:?say why}", "is required and has no value: 'say why'"),
      ("${U?}", "the variable 'U' is required and has no value"), ("${E:?}", "'E' is required"),
      ("${U:-${V:?inner}}", "'V' is required"),
    ] as [(String, String)])
  func `what cannot be filled in is reported with its line`(text: String, message: String) {
    let problems = ComposeTexts(service("restart: always\nimage: '\(text)'"), environment: ["A": "a", "E": ""])
      .problems()
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("c.yaml:4: '") == true)
    #expect(problems.first?.contains(message) == true, "\(problems)")
  }

  @Test func `a variable without value is blank, with a warning for each place`() throws {
    let project = try ComposeTexts(service("image: a$U\ncontainer_name: ${U}b")).load()
    #expect(try project.the("s").image?.value == "a")
    #expect(
      project.warnings.map(\.description) == [
        "c.yaml:3: the variable 'U' is not set; it counts as empty",
        "c.yaml:4: the variable 'U' is not set; it counts as empty",
      ])
  }

  @Test func `keys and unread values hold no variables`() throws {
    let text = "x-note: '$ ${'\n" + service("environment:\n  '$A': 1\nlabels:\n  - a=$$b")
    #expect(try ComposeTexts(text).load().the("s").environment.keys.sorted() == ["$A"])
  }

  @Test func `labels must hold valid variables too, as Compose fills them in`() {
    #expect(ComposeTexts(service("labels:\n  - a=${U:?no}")).problems().first?.hasPrefix("c.yaml:4: ") == true)
  }

  @Test func `env files are read as Compose reads them`() throws {
    let file = """
      # comment
      PLAIN=value
      export EXPORTED = spaces around
      COMMENT=value # comment
      HASH=a#b
      SINGLE='$PLAIN \\n it\\'s'
      DOUBLE="a\\tb \\"quoted\\" $PLAIN ${PLAIN:-x} \\$PLAIN"
      LINES="one
      two"
      COLON: yaml
      EMPTY=
      INHERITED
      ABSENT
      AFTER=${LINES}
      WINS=${OUTSIDE}

      """.replacing("\n", with: "\r\n")
    let project = try ComposeTexts(
      ["c.yaml": service("env_file: v.env"), "v.env": "\u{FEFF}" + file],
      environment: ["INHERITED": "from outside", "OUTSIDE": "outside"]
    ).load()
    let variables = try project.the("s").environment
    #expect(
      variables.mapValues(\.shown) == [
        "PLAIN": "value@v.env:2", "EXPORTED": "spaces around@v.env:3", "COMMENT": "value@v.env:4",
        "HASH": "a#b@v.env:5",
        "SINGLE": "$PLAIN \\n it's@v.env:6", "DOUBLE": "a\tb \"quoted\" value value $PLAIN@v.env:7",
        "LINES": "one\ntwo@v.env:8", "COLON": "yaml@v.env:10", "EMPTY": "@v.env:11",
        "INHERITED": "from outside@v.env:12", "AFTER": "one\ntwo@v.env:14", "WINS": "outside@v.env:15",
      ])
  }

  @Test(
    arguments: [
      ("A=1\nB=\"open\nmore", "v.env:2: a quote opens here and never closes"),
      ("A=1\n=2", "v.env:2: a value has no name before it"),
      ("\n\nA B=2", "v.env:3: 'A B' is not the name of a variable"),
      ("A=${", "v.env:1: '${' does not start a variable"),
      ("A=${B:?why}", "v.env:1: the variable 'B' is required and has no value: 'why'"),
    ] as [(String, String)])
  func `mistakes in an env file are reported with their lines`(text: String, problem: String) {
    let problems = ComposeTexts(["c.yaml": service("env_file: v.env"), "v.env": text]).problems()
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix(problem) == true, "\(problems)")
  }

  @Test func `later env files win, environment wins over them, and a missing one may be allowed`() throws {
    let project = try ComposeTexts([
      "stack/c.yaml": service(
        """
        env_file:
          - one.env
          - {path: ./two.env}
          - {path: gone.env, required: false}
          - {path: raw.env, format: raw}
        environment: [C=3, D]
        """),
      "stack/one.env": "A=1\nB=1\nC=1\nD=1", "stack/two.env": "B=2\nE=$A", "stack/raw.env": "R='$X'",
    ]).load(["stack/c.yaml"])
    #expect(
      try project.the("s").environment.mapValues(\.shown) == [
        "A": "1@stack/one.env:1", "B": "2@stack/two.env:1", "C": "3@stack/c.yaml:8", "E": "1@stack/two.env:2",
        "R": "'$X'@stack/raw.env:1",
      ])
  }

  @Test func `a missing env file is reported where it is named`() {
    #expect(
      ComposeTexts(["d/c.yaml": service("env_file:\n  - gone.env")]).problems(["d/c.yaml"]) == [
        "d/c.yaml:4: there is no file 'd/gone.env'; check the path"
      ])
  }

  @Test func `the process wins over .env, and .env lies beside the first file`() throws {
    let files = ComposeTexts(
      [
        "d/c.yaml": service("image: $A-$B"), "d/.env": "A=file\nB=${A}", ".env": "A=wrong", "o.env": "A=o\nB=o",
        "p.env": "B=p$C", "q.env": "C=q",
      ],
      environment: ["A": "process"])
    #expect(try files.load(["d/c.yaml"]).the("s").image?.value == "process-process")
    #expect(
      try files.load(["d/c.yaml"], environmentFiles: ["q.env", "o.env", "p.env"]).the("s").image?.value == "process-pq")
    #expect(try files.load(["d/c.yaml"], environmentFiles: []).warnings.count == 1)
  }

  @Test(
    arguments: [
      ([:], "", "stack"), (["COMPOSE_PROJECT_NAME": "given"], "name: stated\n", "given"),
      ([:], "name: stated\n", "stated"),
      ([:], "name: ${X:-filled}\n", "filled"),
    ] as [([String: String], String, String)])
  func `the project's name comes from the environment, the file or the folder`(
    environment: [String: String], top: String, name: String
  ) throws {
    let project = try ComposeTexts(top + service("image: ${COMPOSE_PROJECT_NAME}"), environment: environment).load()
    #expect(project.name == name)
    #expect(try project.the("s").image?.value == name)
    #expect(project.network("default")?.name == name + "_default")
  }

  @Test func `a folder's name is reduced to Compose's letters`() throws {
    let files = ComposeTexts(["_My Stack.2/c.yaml": service("image: a")])
    #expect(try files.load(["_My Stack.2/c.yaml"]).name == "mystack2")
    #expect(
      ComposeTexts("name: My Stack\n" + service("image: a")).problems().first?.hasPrefix(
        "c.yaml:1: the project's name 'My Stack'") == true)
  }
}
