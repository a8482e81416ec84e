/// Types of DNS records by name (https://www.iana.org/assignments/dns-parameters).
public enum DNSType {
  public static func name(_ type: UInt16) -> String {
    switch type {
    case 1: "A"
    case 2: "NS"
    case 5: "CNAME"
    case 6: "SOA"
    case 12: "PTR"
    case 15: "MX"
    case 16: "TXT"
    case 28: "AAAA"
    case 33: "SRV"
    case 35: "NAPTR"
    case 43: "DS"
    case 46: "RRSIG"
    case 48: "DNSKEY"
    case 64: "SVCB"
    case 65: "HTTPS"
    case 255: "ANY"
    case 257: "CAA"
    // RFC 3597 section 5.
    default: "TYPE\(type)"
    }
  }
}

extension DNSQuestions.Question {
  /// `name TYPE`, as people write it.
  public var text: String { "\(name) \(DNSType.name(type))" }
}
