/// Patterns of the shell (POSIX.1-2017, XCU 2.13): `*`, `?` and `[a-z]`.
enum Glob {
  /// Character classes are not followed, nor long patterns, which may have been cut.
  static func isFollowed(_ pattern: String) -> Bool {
    pattern.utf8.count < 200 && !["[:", "[.", "[="].contains(where: pattern.contains)
  }

  /// Whether the text matches the pattern; nil if that is not known.
  static func holds(_ pattern: String, _ text: String) -> Bool? {
    isFollowed(pattern) ? matches(pattern, text) : nil
  }

  static func matches(_ pattern: String, _ text: String) -> Bool {
    matches(Array(pattern.unicodeScalars)[...], Array(text.unicodeScalars)[...])
  }

  /// Goes back to the last star only: a star before it cannot match what a later one could not.
  private static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
    var pattern = pattern
    var text = text
    var retry: (pattern: ArraySlice<Unicode.Scalar>, text: ArraySlice<Unicode.Scalar>)?
    while true {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (pattern, text)
        continue
      }
      if let scalar = text.first, let rest = rest(of: pattern, after: scalar) {
        pattern = rest
        text = text.dropFirst()
        continue
      }
      if text.isEmpty, pattern.isEmpty { return true }
      guard let last = retry, !last.text.isEmpty else { return false }
      retry?.text = last.text.dropFirst()
      pattern = last.pattern
      text = last.text.dropFirst()
    }
  }

  /// The rest of the pattern after the part that matches one scalar; nil if that does not match.
  private static func rest(
    of pattern: ArraySlice<Unicode.Scalar>, after scalar: Unicode.Scalar
  ) -> ArraySlice<Unicode.Scalar>? {
    guard let first = pattern.first else { return nil }
    if first == "[", let end = pattern.dropFirst(2).firstIndex(of: "]") {
      var set = pattern[(pattern.startIndex + 1)..<end]
      let isNegated = set.first == "!" || set.first == "^"
      if isNegated { set = set.dropFirst() }
      var isIn = false
      while let low = set.popFirst() {
        if set.first == "-", set.count > 1 {
          isIn = isIn || low <= scalar && scalar <= set[set.startIndex + 1]
          set = set.dropFirst(2)
        } else {
          isIn = isIn || low == scalar
        }
      }
      return isIn != isNegated ? pattern[(end + 1)...] : nil
    }
    return first == "?" || first == scalar ? pattern.dropFirst() : nil
  }
}
