/// Name patterns in rules: an exact name, or a leading dot for all names below it.
public enum NamePattern {
  /// Whether a name equals the pattern, or is below it if the pattern begins with a dot. ASCII case (RFC 4343)
  /// and a final dot make no difference.
  public static func covers(_ pattern: String, _ name: String) -> Bool {
    let name = trimmed(name)
    let pattern = trimmed(pattern)
    guard pattern.hasPrefix(".") else { return name == pattern }
    guard name.hasSuffix(pattern) else { return false }
    // An escaped dot is part of a label and separates nothing (RFC 4343 section 2.1).
    return name.dropLast(pattern.count).reversed().prefix { $0 == "\\" }.count.isMultiple(of: 2)
  }

  private static func trimmed(_ name: String) -> String {
    let lower = name.lowercased()
    return lower.hasSuffix(".") && lower.count > 1 ? String(lower.dropLast()) : lower
  }
}
