import Wire

/// A DNS question that the kernel's programs tell. The places of its fields are those of `struct question` in
/// Kernel/senders.bpf.c.
package struct QuestionEvent: Equatable, Sendable {
  package enum Part: UInt8, Sendable {
    /// A container asked Docker's resolver, 127.0.0.11 in its own namespace.
    case asked = 5
    /// Docker's engine asked some resolver from the machine's namespace.
    case passedOn = 6
  }

  package var part: Part
  /// As DNS messages are read elsewhere.
  package var name: String
  /// The container's id in 64 hexadecimal digits; nil if the control group is no container's.
  package var container: String?
  /// In nanoseconds of the machine's monotonic clock.
  package var moment: UInt64

  package init(_ part: Part, _ name: String, container: String? = nil, moment: UInt64) {
    (self.part, self.name, self.container, self.moment) = (part, name, container, moment)
  }

  /// Nil for bytes that are no such event, and for a name that does not fit into one.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == SenderEvent.length, let part = Part(rawValue: bytes[39]) else { return nil }
    // The event has no room for the header of a message. This one announces one question.
    let message: [UInt8] = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + bytes[64..<176]
    guard let questions = DNSQuestions(message: message.view), !questions.isIncomplete,
      let question = questions.list.first
    else { return nil }
    self.init(
      part, question.name, container: ContainerID.find(in: bytes.text(176..<256)), moment: bytes.number64(at: 48))
  }
}
