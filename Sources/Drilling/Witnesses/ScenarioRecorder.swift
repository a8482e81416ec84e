import Foundation
import Glibc
import Text

/// Keeps a scenario's frames for the user: those that leaked, and all of them. They are written in the drill's own
/// folder, since an island's may cover the user's, and brought out at the end.
struct ScenarioRecorder {
  private let machine: any Machine
  private let name: String
  private let settings: Drill.Settings
  private let tcpdump: RunningCommand?
  let watchOptions: [String]

  init(_ machine: any Machine, _ settings: Drill.Settings, name: String) throws(DrillProblem) {
    self.machine = machine
    self.settings = settings
    self.name = name
    watchOptions = settings.evidence == nil ? [] : ["--evidence", "\(machine.folder)/evidence"]
    guard settings.captures != nil else {
      tcpdump = nil
      return
    }
    // -U writes each frame as it is read; -Z keeps it root, whose folder it is.
    let child = try machine.start(
      "tcpdump",
      machine.lasting([
        "tcpdump", "-i", "any", "-B", "16384", "-U", "-Z", "root", "-w", "\(machine.folder)/capture.pcap",
      ]), input: machine.standstill)
    let deadline = ContinuousClock.now + .seconds(10)
    while !machine.log("tcpdump").contains("listening") {
      try DrillStop.check()
      guard .now < deadline, child.status == nil else {
        throw DrillProblem(.failed, "tcpdump does not start: \(machine.log("tcpdump"))")
      }
      usleep(20_000)
    }
    tcpdump = child
  }

  /// Brings the files out. Without leaks, there is no evidence in its file.
  func end(keepsEvidence: Bool) {
    if let tcpdump, let captures = settings.captures {
      // The kernel hands over frames in blocks, each a second after its first frame at the latest, and a tcpdump that ends
      // does not ask for the last one.
      usleep(1_200_000)
      tcpdump.signal(SIGINT)
      tcpdump.wait(within: .seconds(10))
      move("\(machine.folder)/capture.pcap", to: "\(captures)/\(name).pcap")
      unsafe unlink("\(machine.folder)/tcpdump.log")
    }
    guard let evidence = settings.evidence else { return }
    let folder = "\(machine.folder)/evidence"
    for (number, file) in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().enumerated() {
      guard keepsEvidence else {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
        continue
      }
      move("\(folder)/\(file)", to: "\(evidence)/\(name)\(number == 0 ? "" : "-\(number + 1)").pcapng")
    }
  }

  private func move(_ source: String, to target: String) {
    try? FileManager.default.removeItem(atPath: target)
    do { try FileManager.default.moveItem(atPath: source, toPath: target) } catch {
      StandardError.line("\(Formatting.safe(target)): it cannot be written; check the folder")
    }
  }
}
