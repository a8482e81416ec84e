/// DNS names, and other things that are known only as text.
extension Redactor {
  /// Replaces a name label by label, so that what is below a name stays below its pseudonym. The last of several labels
  /// stays if it is in common use; a household's own domain is replaced like any other name.
  package func name(_ name: String) -> String {
    let labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: true).map(String.init)
    guard let last = labels.last else { return name }
    var suffix = ""
    var result: [String] = []
    for label in labels.reversed() {
      if suffix.isEmpty, labels.count > 1, Self.isCommon(last) {
        suffix = last
        result = [last]
      } else {
        suffix = suffix.isEmpty ? label : label + "." + suffix
        result.insert("x" + text(of: suffix, digits: 8), at: 0)
      }
    }
    return result.joined(separator: ".")
  }

  /// A country's domain, one of the domains that hold most names, or one reserved for special use (RFC 6761, RFC 6762,
  /// RFC 8375, RFC 7686, and ICANN's "internal").
  private static func isCommon(_ label: String) -> Bool {
    if label.utf8.count == 2, label.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) { return true }
    return [
      "com", "net", "org", "edu", "gov", "mil", "int", "arpa", "info", "biz", "app", "dev", "cloud", "online", "site",
      "xyz", "test", "example", "invalid", "localhost", "local", "lan", "home", "internal", "onion",
    ].contains(label)
  }

  package func text(of value: String, digits: Int) -> String {
    digest(.text, Array(value.utf8)).prefix((digits + 1) / 2)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().prefix(digits).lowercased()
  }
}
