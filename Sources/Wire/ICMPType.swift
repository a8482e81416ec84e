/// The kinds of ICMP (RFC 792) and ICMPv6 (RFC 4443) messages that the auditor distinguishes.
public enum ICMPType {
  public static func isEcho(_ type: UInt8, _ number: IPProtocol) -> Bool {
    number == .icmp ? type == 0 || type == 8 : type == 128 || type == 129
  }

  /// Whether the message's payload begins with a quote of the packet that caused it.
  public static func isError(_ type: UInt8, _ number: IPProtocol) -> Bool {
    switch type {
    case 1, 2: number == .icmpv6
    case 3, 4: true
    case 5, 11, 12: number == .icmp
    default: false
    }
  }
}
