import ComposeFiles
import Drilling
import Foundation
import PolicyFiles
import StackCheck
import Text

/// The drill of a running stack.
extension DrillCommand {
  func drillRunning() throws {
    try LivePlan.check()
    let folder = URL(filePath: workFolder).path
    let undone = try LiveHost.undoLeftovers(in: folder) { StandardError.line($0) }
    if undo {
      if undone == 0 { StandardError.line("nothing is left to be undone below \(Formatting.safe(folder))") }
      return
    }
    let project = try project()
    let stack = VPNStack(project)
    let plan = try LivePlan(stack)
    guard yes || asks(plan.question(scenarios, rounds: `repeat`)) else {
      throw Failure(status: .incomplete, message: "nothing was done")
    }
    // Ctrl-C ends the question at once. From here on it ends the drill in order.
    let interruption = Interruption(alsoHangup: true) { DrillStop.request() }
    defer { withExtendedLifetime(interruption) {} }
    try makeFolders()
    let seed = newSeed
    StandardError.line("seed \(seed)")

    let host = try LiveHost(in: folder, program: try Self.program())
    defer { host.end() }
    let running = try LiveStack(plan, on: host)
    defer { running.end() }
    // Whatever happened: the last thing that is done to the stack is to undo what is not undone yet.
    defer {
      do { try running.makeWell() } catch {
        StandardError.line(
          "the stack is not as it was: \(error.message). `leakaudit drill --live --undo` tries again")
      }
    }
    let shown = ShownReport(StackAudit.report(on: stack))
    let prediction = LeakPrediction(
      shown.report, endpointNames: plan.endpointNames, strays: stack.strays.map(\.name))
    var drill = Drill(running, settings(seed, prediction, composeFiles: project.files))
    defer { drill.end() }
    try run(
      &drill, Drilled(kind: .running, names: plan.names, leftOut: plan.leftOut, seed: seed, shown: shown))
  }

  /// Asks on the terminal. No answer is a no.
  private func asks(_ question: String) -> Bool {
    StandardError.print(question + "Go on? [y/N] ")
    let answer = readLine()?.lowercased() ?? ""
    return ["y", "yes"].contains(answer)
  }
}
