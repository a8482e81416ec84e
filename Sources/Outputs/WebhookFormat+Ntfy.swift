import Foundation
import Policy

/// ntfy takes the text as the body; title, priority and tags are header fields.
extension WebhookFormat {
  /// ntfy turns a longer body into an attachment (message-size-limit).
  private static var longestBody: Int { 4096 }
  private static var longestTitle: Int { 200 }

  func ntfyMessage(_ alert: RenderedAlert, page: String?) -> Message {
    let (priority, tag) = Self.ntfyPriority(alert.severity)
    let reason = String(alert.reason.unicodeScalars.filter(Self.isTagCharacter).prefix(32))
    let fields = [
      ("Content-Type", "text/plain; charset=utf-8"),
      ("Title", Self.fieldValue(alert.title.prefix(bytes: Self.longestTitle))),
      ("Priority", String(priority)),
      ("Tags", reason.isEmpty ? tag : "\(tag),\(reason)"),
      ("Click", page ?? ""),
    ]
    return Message(
      body: Array(alert.text.prefix(bytes: Self.longestBody).utf8), fields: fields.filter { !$0.1.isEmpty })
  }

  /// The priority from 1 to 5, and a tag that ntfy shows as an emoji before the title.
  private static func ntfyPriority(_ severity: Severity) -> (Int, String) {
    switch severity {
    case .critical: (5, "rotating_light")
    case .high: (4, "rotating_light")
    case .medium: (3, "warning")
    case .low: (2, "warning")
    case .info: (1, "information_source")
    }
  }

  /// A header field's value: printable ASCII stays as it is (RFC 9110 section 5.5). Other text becomes encoded words of
  /// at most 75 characters (RFC 2047 section 2), which ntfy decodes. Neither can contain a line break, which would
  /// begin a new field.
  static func fieldValue(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) } && !text.contains("=?")
    if isPlain { return text.trimmingCharacters(in: .whitespaces) }
    // 45 bytes are 60 characters of base64, between `=?UTF-8?B?` and `?=`.
    var parts = [""]
    for scalar in text.unicodeScalars {
      if parts[parts.count - 1].utf8.count + UTF8.width(scalar) > 45 { parts.append("") }
      parts[parts.count - 1].unicodeScalars.append(scalar)
    }
    return parts.map { "=?UTF-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: " ")
  }

  /// Whether a character may be in a tag; tags are separated by commas.
  private static func isTagCharacter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
      || scalar == "_"
  }
}
