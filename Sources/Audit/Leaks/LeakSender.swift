import Policy

/// Who sent a leak, as the kernel said while a watch ran. It decides no verdict.
public struct LeakSender: Hashable, Sendable {
  /// How sure it is.
  public enum Certainty: String, Sendable, CaseIterable {
    /// The process was sending the packet.
    case sent
    /// It sent from the packet's socket before.
    case used
    /// It had the socket open when the watch began.
    case listed
    /// From no socket of a program: made by the kernel, or forwarded.
    case kernel
    /// The process is not known.
    case unknown
  }

  public var certainty: Certainty
  /// The container's name, or the first digits of its id; nil outside of containers.
  public var container: String?
  /// `curl`, `python3.11 /app/tracker.py`: chosen by the process, and safe to show.
  public var program: String?
  /// The process's number on the machine, and in its container.
  public var process, innerProcess: Int?

  public init(
    _ certainty: Certainty, container: String? = nil, program: String? = nil, process: Int? = nil,
    innerProcess: Int? = nil
  ) {
    self.certainty = certainty
    self.container = container
    self.program = program
    (self.process, self.innerProcess) = (process, innerProcess)
  }
}

extension Finding {
  /// How many senders a finding lists.
  static var mostSenders: Int { 8 }
}

/// Leaks whose senders became known.
public struct SentLeak: Sendable {
  let key: Finding.Key
  let severity: Severity
  let senders: [LeakSender]

  public init(_ leak: Leak, _ senders: [LeakSender]) {
    (key, severity) = (leak.key, leak.severity)
    self.senders = senders
  }
}

extension Auditor {
  /// Notes who sent leaks, in the findings that count them.
  public mutating func note(_ sent: [SentLeak]) { for leak in sent { leaks.findings.note(leak) } }
}
