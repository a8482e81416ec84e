/// Names as rules write them: exact, or with a leading dot for all names below.
public enum NamePattern {
  /// Whether a name is the pattern, or below it where the pattern begins with a dot. Without regard to
  /// ASCII case (RFC 4343) and to a final dot.
  public static func covers(_ pattern: String, _ name: String) -> Bool {
    let name = trimmed(name)
    let pattern = trimmed(pattern)
    guard pattern.hasPrefix(".") else { return name == pattern }
    guard name.hasSuffix(pattern) else { return false }
    // An escaped dot stands inside a label and separates nothing (RFC 4343 section 2.1).
    return name.dropLast(pattern.count).reversed().prefix { $0 == "\\" }.count.isMultiple(of: 2)
  }

  private static func trimmed(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.hasSuffix(".") && lower.count > 1 ? String(lower.dropLast()) : lower
  }
}
