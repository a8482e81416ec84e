import Audit
import Policy
import Report
import Text
import Wire

/// Prints one JSON object per frame.
struct FramePrinter: FrameObserver, ~Copyable {
  static var isActive: Bool { true }

  var output: StandardOutput

  private let redactor: Redactor?
  private var inFile = 0

  mutating func reach(inFile number: Int) { inFile = number }

  init(output: consuming StandardOutput, _ redactor: Redactor?) {
    self.output = output
    self.redactor = redactor
  }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {
    var name = leak?.name
    if verdict.verdictClass == .allowed, packet.hasPorts, packet.destinationPort == 53 {
      name = DNSQuestions(packet, frame)?.list.first?.name
    }
    output.write(
      FrameLine.line(
        number: number, inFile: inFile, interface: interface, verdict: verdict, leak: leak, name: name,
        policy: policy,
        redactor))
  }
}
