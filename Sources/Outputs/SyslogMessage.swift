import Glibc
import Policy
import Text
import Wire

/// An alert as one message for the log; the text is the alert's JSON.
///
/// `unsafe` for gethostname(2) and localtime_r(3). Sound: the buffers outlive the calls, and their lengths are given.
package struct SyslogMessage {
  /// The length that rsyslog accepts by default; RFC 5424 section 6.1 asks for 2048.
  package static var longest: Int { 8192 }

  package let bytes: [UInt8]

  package init(_ alert: RenderedAlert, _ dialect: SyslogDialect) {
    let header = Self.header(alert, dialect)
    // Half a JSON object is useless; the line for people can be cut.
    let text = header.utf8.count + alert.json.utf8.count <= Self.longest ? alert.json : alert.text
    bytes = Array((header + text).prefix(bytes: Self.longest).utf8)
  }

  private static func header(_ alert: RenderedAlert, _ dialect: SyslogDialect) -> String {
    let now = Timestamp.now
    let priority = "<\(facility * 8 + severity(alert.severity))>"
    switch dialect {
    case .local: return "\(priority)\(localTime(now)) leakaudit[\(getpid())]: "
    case .rfc5424:
      let time = Formatting.time(now)
      let host = field(hostName, longest: 255)
      return "\(priority)1 \(time) \(host) leakaudit \(getpid()) \(field(alert.reason, longest: 32)) - "
    }
  }

  /// LOG_DAEMON: `watch` runs unattended next to the services that it observes. LOG_USER is the default for programs
  /// that state none, and LOG_AUTHPRIV is for logins.
  private static var facility: Int { 3 }

  /// RFC 5424 section 6.2.1. Alert and emergency are left to programs that must notify everybody who is logged in.
  private static func severity(_ severity: Severity) -> Int {
    switch severity {
    case .critical: 2
    case .high: 3
    case .medium: 4
    case .low: 5
    case .info: 6
    }
  }

  /// PRINTUSASCII of RFC 5424 section 6, or its NILVALUE.
  private static func field(_ text: String, longest: Int) -> String {
    let printable = String(text.unicodeScalars.filter { (33...126).contains($0.value) }.prefix(longest))
    return printable.isEmpty ? "-" : printable
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// `Nov  4 22:20:01`, in local time and in English whatever the locale (RFC 3164 section 4.1.2).
  private static func localTime(_ now: Timestamp) -> String {
    var seconds = Int(now.nanoseconds / 1_000_000_000)
    var local = unsafe tm()
    unsafe localtime_r(&seconds, &local)
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let month = unsafe months[min(max(Int(local.tm_mon), 0), 11)]
    let time = unsafe [local.tm_hour, local.tm_min, local.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return unsafe "\(month) \(local.tm_mday < 10 ? " " : "")\(local.tm_mday) \(time.joined(separator: ":"))"
  }
}

extension String {
  /// As many whole characters (Unicode scalars) from the beginning as fit into this many bytes of UTF-8.
  func prefix(bytes longest: Int) -> String {
    guard utf8.count > longest else { return self }
    var length = 0
    return String(
      String.UnicodeScalarView(
        unicodeScalars.prefix { scalar in
          length += UTF8.width(scalar)
          return length <= longest
        }))
  }
}
