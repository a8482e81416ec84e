/// A line of a file as it is now, and the secrets in it.
struct SourceLine {
  var text: [Unicode.Scalar]
  var secrets: [Range<Int>] = []

  /// The line's text without the blanks around it, in Unicode scalars from 0; nil if there is nothing else.
  var content: Range<Int>? {
    guard let first = text.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = text.lastIndex(where: { !$0.properties.isWhitespace })
    else { return nil }
    return first..<(last + 1)
  }
}
