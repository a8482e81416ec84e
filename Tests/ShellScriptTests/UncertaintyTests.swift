import ShellScript
import TestSupport
import Testing

struct UncertaintyTests {
  @Test func `an unknown condition makes its commands uncertain`() {
    let host = ShellInterpreter.walk("if ask; then probe a; else probe b; fi; probe c")
    #expect(host.commands.map(\.text) == ["ask", "probe a", "probe b", "probe c"])
    #expect(host.commands.map(\.isCertain) == [true, false, false, true])
  }

  @Test func `a command after one that may fail is not certain`() {
    let host = ShellInterpreter.walk("ask && probe a; ask || probe b; refuse || probe c; probe d && probe e")
    let probes = host.commands.filter { $0.name == "probe" }
    #expect(probes.map(\.text) == ["probe a", "probe b", "probe c", "probe d", "probe e"])
    #expect(probes.map(\.isCertain) == [false, false, true, true, true])
  }

  @Test func `the body of a loop that may not run is not certain`() {
    let host = ShellInterpreter.walk("while ask; do probe a; done; until probe b; do sleep 1; done")
    #expect(host.commands.map(\.text) == ["ask", "probe a", "probe b"])
    #expect(host.commands.map(\.isCertain) == [true, false, true])
  }

  @Test func `an unknown value is nil and shown as written`() {
    let host = ShellInterpreter.walk("G=$(ip route | awk '{print $3}'); probe via $G \"$G/24\" $NOBODY")
    #expect(host.commands.map { $0.words.map(\.value) } == [["probe", "via", nil, nil, nil]])
    #expect(host.commands[0].text == "probe via $G \"$G/24\" $NOBODY")
  }

  @Test func `the output of a known pipeline is used`() {
    var host = RecordingHost()
    host.outputs["wg show wg0 fwmark"] = "0xca6c"
    #expect(ShellInterpreter.walk("probe --mark $(wg show wg0 fwmark)", host).commands[0].text == "probe --mark 0xca6c")
  }

  @Test func `under set -e every command that may fail may end the script`() {
    let host = ShellInterpreter.walk("set -e\nask one\nprobe two\nask three || true\nif ask four; then :; fi\nask five")
    #expect(host.ends == ["2: ask one", "6: ask five"])
    #expect(ShellInterpreter.walk("ask one\nset -e\nset +e\nask two").ends.isEmpty)
  }

  @Test func `a failing command ends the script under set -e`() {
    let host = ShellInterpreter.walk("set -e\nrefuse\nprobe never")
    #expect(host.commands.map(\.text) == ["refuse"])
  }

  @Test func `an exit in a branch may be the end`() {
    #expect(ShellInterpreter.walk("if ask; then exit 1; fi\nprobe a").ends == ["1: exit 1"])
  }

  @Test func `line numbers are those of the file`() {
    let host = ShellInterpreter.walk(
      "#!/bin/bash\n\nprobe a\nfor n in x y; do\n  probe $n\ndone\nprobe \\\n b\n\nprobe c")
    #expect(host.commands.map(\.line) == [3, 5, 5, 7, 10])
  }

  @Test(arguments: [
    "if true; then probe a", "probe )", "fi", "for x in a; probe; done", "f() {", "probe \"open", "$((1+", "${x",
  ])
  func `reading ends even for a file that is not a script`(_ script: String) {
    _ = ShellInterpreter.walk(script)
  }

  @Test func `unknown commands are reported by name`() {
    #expect(ShellInterpreter.walk("source /etc/other.sh").passed == ["1: source /etc/other.sh"])
    #expect(ShellInterpreter.walk("eval \"$X\"").passed == ["1: eval \"$X\""])
    #expect(ShellInterpreter.walk("probe a\nfi\nprobe b").passed == ["2: fi"])
  }

  @Test func `a function that calls itself ends`() {
    #expect(!ShellInterpreter.walk("f() { probe; f; f; }\nf").passed.isEmpty)
    #expect(!ShellInterpreter.walk("a() { b; }\nb() { a; a; }\na").passed.isEmpty)
  }

  @Test func `deep nesting ends`() {
    for text in ["$(", "`", "{ ", "( ", "if ", "\"$(", "${a:-", "f() "] {
      _ = ShellInterpreter.walk(String(repeating: text, count: 5000))
    }
  }

  @Test func `no text makes it trap or hang`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let pieces = [
      "if", "then", "fi", "for", "in", "do", "done", "case", "esac", "{", "}", "(", ")", "$(", "`", "\"", "'", "\\",
      "\n", ";",
      "&&", "||", "|", "&", "<<A", "A", "x=", "$x", "${x:-", "[[", "]]", "((", "))", "probe", "set -e", "#", " ", " ",
      "f()",
    ]
    for _ in 0..<3000 {
      let script = (0..<Int.random(in: 1...25, using: &random)).map { _ in pieces.randomElement(using: &random)! }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      _ = ShellInterpreter.walk(script)
    }
  }
}
