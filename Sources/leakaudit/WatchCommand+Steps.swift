import ArgumentParser
import Audit
import Capture
import Containers
import Foundation
import Outputs
import Policy
import PolicyFiles
import Report
import Serving
import Text
import TextFiles
import Watching
import Wire

/// The steps of `run`, in their order.
extension WatchCommand {
  /// The files that the user named.
  var files: [String] { policy.files + outputs.files + [settings.file].compactMap(\.self) }

  func understand() throws -> PolicyOptions.Understood {
    let understood = try policy.understand(asksEngine: docker, asksGateway: askGateway)
    for problem in understood.problems { StandardError.line(problem.description) }
    for endpoint in understood.policy.namedEndpoints {
      StandardError.line(
        "\(endpoint.origin): the address of the Endpoint \(endpoint.value.name) is learned when the stack looks it up; "
          + "if the tunnel is up already, state it with --resolve \(endpoint.value.name)=ADDRESS")
    }
    return understood
  }

  /// Starts to follow Docker's engine, and adds what runs to the policy.
  func follow(
    _ understood: inout PolicyOptions.Understood, _ privileged: borrowing Privileged
  ) throws -> ContainerView {
    var containers = ContainerView(try docker ? ContainerFeedProcess.start(as: user, privileged) : nil)
    containers.begin()
    guard let stack = understood.stack, let running = containers.snapshot else { return containers }
    RunningStack.complete(&understood.policy, stack, running)
    let former = understood.problems
    RunningStack.readLists(&understood.policy, &understood.problems, stack, running)
    for problem in understood.problems where !former.contains(problem) { StandardError.line(problem.description) }
    for list in understood.policy.endpointLists {
      StandardError.line("\(list.value.name): \(list.value.extent) (\(Formatting.safe(list.origin)))")
    }
    return containers
  }

  func open(
    _ choice: InterfaceChoice, _ understood: PolicyOptions.Understood, _ events: consuming WatchEvents,
    _ containers: ContainerView, _ privileged: borrowing Privileged
  ) throws -> OpenedWatch {
    var opened = try OpenedWatch(
      choice, understood.policy, infersEndpoints: understood.saysNoEndpoint, countsInKernel: countsInKernel,
      events: events, containers: containers, snapLength: snapshotLength, bufferSize: buffer << 20, privileged)
    for name in opened.absent { StandardError.line("\(name) does not exist yet; waiting for it") }
    if control { try opened.sendControls(privileged) }
    if who == .auto { opened.nameSenders(privileged) }
    return opened
  }

  /// A limit is on frames that are read one by one, and evidence shows the frames before a leak.
  private var countsInKernel: Bool {
    kernelCounting == .auto && outputs.evidence == nil && count == nil
  }

  func openFiles(
    _ opened: borrowing OpenedWatch, _ policy: TunnelPolicy, _ redactor: Redactor?, _ privileged: borrowing Privileged
  ) throws -> OutputOptions.Files {
    let limit = opened.captureLimit
    return try outputs.open(
      comment: redactor?.evidenceComment(policy),
      audited: opened.names.map {
        EvidenceFile.Interface(name: redactor?.scrub(value: $0) ?? $0, linkType: .linuxCooked2, snapLength: limit)
      }, privileged)
  }

  func sayWhatIsWatched(_ opened: borrowing OpenedWatch, _ choice: InterfaceChoice) {
    if let refusal = opened.senderRefusal {
      StandardError.line("processes that send are not named: \(refusal); all else works (--who off does not ask)")
    }
    if let refusal = opened.countingRefusal {
      StandardError.line(
        "the kernel does not count packets: \(refusal); each is read, which takes more CPU time "
          + "(--kernel-counting off does not ask)")
    }
    let names = opened.namesWithRoles
    let others = choice.discovers ? " and any bridge that carries traffic; choose with -i" : ""
    StandardError.line("watching \(Formatting.safe(names))\(others)")
  }

  /// Starts all other threads.
  func startTelling(
    _ files: consuming OutputOptions.Files, _ service: consuming WatchTelling.Service?, page: String?,
    _ redactor: Redactor?, _ unprivileged: borrowing Unprivileged
  ) throws -> WatchTelling {
    let screen = LiveScreen(form: format == .text ? .text : format == .ndjson ? .ndjson : .besides)
    let outlets = try outputs.start(
      files.destinations, repeatEvery: repeatEvery, page: redactor == nil ? page : serve.serveURL, unprivileged,
      say: { screen.say($0) })
    return try WatchTelling(
      screen: screen, outlets: outlets, service: service, evidence: files.evidence.take(), redactor: redactor,
      gate: AlertGate(only: Set(only.compactMap(LeakReason.init)), scope: conclusion.scope), unprivileged,
      writeSummary: { [format] summary in
        guard let text = try? format.text(summary, redactor) else { return }
        // The reader may be slow, and the capture must not wait for it.
        Thread.detachNewThread { _ = screen.write(text) }
      })
  }

  func end(_ summary: AuditSummary, _ redactor: Redactor?, _ screen: LiveScreen) throws {
    let failure = screen.write(try format.text(summary, redactor))
    if let failure {
      StandardError.line("standard output: \(SystemError.message(failure)); the summary was not delivered")
    }
    let status = conclusion.status(summary, isDelivered: failure == nil)
    if status != .clean { throw ExitCode(status.rawValue) }
  }

  /// The kernel's name for this machine.
  static var host: String? {
    let name = try? String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
    return name.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
