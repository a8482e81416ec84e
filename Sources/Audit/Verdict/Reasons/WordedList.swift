import Policy

/// Describes lists of the policy, short enough for a sentence.
enum WordedList {
  static var most: Int { 3 }

  /// `a, b, c and 4 more`.
  static func text(_ words: [String]) -> String {
    let shown = words.prefix(most).joined(separator: ", ")
    return words.count > most ? "\(shown) and \(words.count - most) more" : shown
  }

  /// Statements with their places. Only the statements that are shown are put into words.
  static func text<Value>(_ list: [Stated<Value>], _ words: (Value) -> String = { "\($0)" }) -> String {
    let shown = list.prefix(most).map { "\(words($0.value)) (\($0.origin))" }.joined(separator: ", ")
    return list.count > most ? "\(shown) and \(list.count - most) more" : shown
  }

  /// `'a', 'b'`.
  static func quoted(_ names: [String]) -> String { text(names.map(quoted)) }

  /// A text from the policy or the wire in quotation marks, cut if it is long.
  static func quoted(_ text: String) -> String {
    let most = 120
    return text.count > most ? "'\(text.prefix(most))…'" : "'\(text)'"
  }

  /// Says that a list does not contain the subject.
  static func absence<Value>(
    of subject: String, in list: [Stated<Value>], _ singular: String, _ plural: String,
    _ words: (Value) -> String = { "\($0)" }
  ) -> String {
    switch list.count {
    case 0: "the policy states no \(singular)"
    case 1: "\(subject) is not the \(singular) \(text(list, words))"
    default: "\(subject) is none of the \(plural) \(text(list, words))"
    }
  }
}
