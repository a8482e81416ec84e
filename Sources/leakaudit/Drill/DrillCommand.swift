import ArgumentParser
import Drilling
import Foundation
import Glibc
import PolicyFiles
import StackCheck
import Text
import TextFiles

/// Pulls the kill switch and looks whether it holds.
struct DrillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drill",
    abstract: "Breaks a twin of the stack in each known way, and grades whether its kill switch holds.",
    discussion: """
      It makes a twin of the stack in namespaces of its own: a second Docker engine with the same images, files and \
      settings, an Endpoint with keys of its own, and an internet that answers at every address and leads nowhere. Your \
      stack, its files and your engine are only read, and no packet of the twin leaves this machine. Each scenario takes \
      the tunnel away in another way, while attempts to leave are made beside the stack's consumers, and the twin's \
      bridge and NIC are watched. The first one takes the kill switch away: if its leak is not seen, nothing else counts.

      It needs root, Docker with Compose, wireguard-tools, iproute2, iptables, and WireGuard in the kernel or \
      wireguard-go. The stack's images must be in your engine, and its tunnel must come from a mounted wg0.conf.

      With --live it drills the stack itself, as it runs, in those ways that can be undone, after asking. It needs nft \
      instead of wireguard-tools and iptables. All is undone at the end, also at Ctrl-C; if it is killed, the next one \
      undoes the rest.

      Exit status: 0 each scenario that was run holds, or does not apply; 1 leaks; 3 a scenario could not be exercised, \
      or the drill ended early; 64 bad options; 65 not a stack that can be drilled; 66 an image or a program is missing; \
      74 the output could not be written; 77 not root.
      """)

  @Option(
    name: [.customLong("compose"), .customShort("f")],
    help: ArgumentHelp(
      "A compose file; several are merged in order. By default, those that docker compose would use.",
      valueName: "file"))
  var composeFiles: [String] = []

  @Option(help: ArgumentHelp("Used instead of the .env beside the first compose file.", valueName: "file"))
  var envFile: String?

  @Option(help: ArgumentHelp("Run only this scenario, or this group of them (repeatable).", valueName: "id or number"))
  var only: [String] = []

  @Option(help: ArgumentHelp("Leave this scenario out, or this group of them (repeatable).", valueName: "id or number"))
  var skip: [String] = []

  @Flag(help: "List the scenarios, and end.")
  var list = false

  @Flag(help: "Drill the running stack itself, in those ways that can be undone. Its leaks are real.")
  var live = false

  @Flag(help: "With --live: do not ask first.")
  var yes = false

  @Flag(help: "With --live: undo what a drill left that was killed, and end.")
  var undo = false

  @Option(help: ArgumentHelp("Run each scenario so often: some leaks are races.", valueName: "times"))
  var `repeat` = 1

  @Option(help: ArgumentHelp("Decides the order of the attempts; a random one is printed.", valueName: "number"))
  var seed: UInt64?

  @Option(help: "text, json, junit (a test case for each scenario), or sarif (what check predicted of the leaks).")
  var format = Format.text

  @Option(
    help: ArgumentHelp(
      "Write the frames that leaked to this directory, a file for each scenario.", valueName: "directory"))
  var evidence: String?

  @Option(
    help: ArgumentHelp(
      "Write all frames to this directory, with tcpdump on all interfaces, a file for each scenario.",
      valueName: "directory"))
  var captures: String?

  @Option(help: ArgumentHelp("Where the drill's own files are until it ends.", valueName: "directory"))
  var workFolder = "/var/tmp"

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, junit, sarif }

  func validate() throws {
    if !(1...1000).contains(`repeat`) { throw ValidationError("--repeat takes 1 to 1000") }
    let known = Set(Scenario.all.flatMap { [$0.id, "\($0.number)"] })
    for name in only + skip where !known.contains(name) {
      throw ValidationError("'\(name)' is no scenario; --list shows them")
    }
    if !live, yes || undo { throw ValidationError("--yes and --undo are for --live") }
    for scenario in Scenario.all where live && only.contains(scenario.id) && !scenario.canBeUndone {
      throw ValidationError("'\(scenario.id)' cannot be undone on a running stack; --list shows what --live runs")
    }
    if live, !list, !undo, !yes, isatty(STDIN_FILENO) != 1 {
      throw ValidationError("--live asks before it does anything: on no terminal, say --yes")
    }
    if !list, scenarios.isEmpty {
      throw ValidationError(
        live
          ? "--only and --skip leave no scenario that can be undone on a running stack"
          : "--only and --skip leave no scenario")
    }
  }

  func run() throws {
    if list { return printList() }
    do { if live { try drillRunning() } else { try drillTwin() } } catch let problem as DrillProblem {
      throw Failure(status: ExitStatus(problem.kind), message: problem.message)
    } catch let error as PolicyFileError {
      throw Failure(
        status: error.problems.allSatisfy { FileSystem.exists($0.file) } ? .data : .noInput,
        message: error.maskedDescription)
    }
  }

  var scenarios: [Scenario] {
    func isNamed(_ scenario: Scenario, _ names: [String]) -> Bool {
      names.contains(scenario.id) || names.contains("\(scenario.number)")
    }
    return Scenario.all.filter {
      (!live || $0.canBeUndone) && (only.isEmpty || isNamed($0, only)) && !isNamed($0, skip)
    }
  }

  private func printList() {
    var output = StandardOutput(flushesLines: false)
    for scenario in [.control] + Scenario.all {
      let number = String(scenario.number)
      output.write(String(repeating: " ", count: 2 - number.count) + "\(number)  ")
      output.write(scenario.id + String(repeating: " ", count: max(1, 22 - scenario.id.count)))
      output.write((scenario.canBeUndone || scenario.number == 0 ? "live  " : "      ") + scenario.what + "\n")
    }
    output.flush()
  }
}
