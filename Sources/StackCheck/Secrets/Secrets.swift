/// Masks secrets in what a check shows. What follows from a name or a form is found in each text (`SecretScan`); the
/// values that the stack's files give to such names are found wherever they stand, as scripts pass them on.
struct Secrets {
  /// Does not tell how long the value is.
  static let mask = "********"

  /// Values by their first three characters. Of a long one only the beginning is compared.
  private var values: [UInt64: [Known]] = [:]
  private var count = 0

  /// Shorter values, and words that settings have, are found in too many places that have nothing to do with them.
  private static let shortest = 4
  /// Far more than a stack has.
  private static let most = 10_000
  /// How many characters are compared, and how many values that begin alike. Somebody may write a file that is full of
  /// such values: beyond these bounds whole words are masked.
  private static let compared = 64
  private static let mostAlike = 8

  private struct Known: Equatable {
    var beginning: [Unicode.Scalar]
    var length: Int
  }

  private static let usual: Set<String> = ["true", "false", "none", "null", "file", "auto", "disabled", "enabled"]

  /// Learns the values of a file. Returns where in it they are.
  mutating func learn(_ text: [Unicode.Scalar], _ form: SecretScan.Form) -> [Range<Int>] {
    let found = SecretScan(text, form).found
    for range in found {
      for line in text[range].split(separator: "\n") { learn(line) }
    }
    return found
  }

  private mutating func learn(_ value: ArraySlice<Unicode.Scalar>) {
    func isAround(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isWhitespace || "\"',".unicodeScalars.contains(scalar)
    }
    var value = value.drop(while: isAround)
    while let last = value.last, isAround(last) { value.removeLast() }
    // A path to a secret is none.
    guard value.count >= Self.shortest, value.first != "/" else { return }
    var text = ""
    text.unicodeScalars.append(contentsOf: value)
    guard !Self.usual.contains(text.lowercased()), text != Self.mask else { return }
    guard count < Self.most else { return }
    let known = Known(beginning: Array(value.prefix(Self.compared)), length: value.count)
    var alike = values[Self.start(value)] ?? []
    guard alike.count <= Self.mostAlike, !alike.contains(known) else { return }
    alike.append(known)
    values[Self.start(value)] = alike
    count += 1
  }

  private static func start(_ scalars: ArraySlice<Unicode.Scalar>) -> UInt64 {
    scalars.prefix(3).reduce(0) { $0 << 21 | UInt64($1.value) }
  }

  /// Where known values stand in a text.
  private func known(in text: [Unicode.Scalar]) -> [Range<Int>] {
    guard !values.isEmpty else { return [] }
    var found: [Range<Int>] = []
    var position = 0
    while position + Self.shortest <= text.count {
      guard let length = length(at: position, in: text) else {
        position += 1
        continue
      }
      found.append(position..<min(position + length, text.count))
      position += length
    }
    return found
  }

  /// How long the known value is that begins here, or the word, where too many values begin like it.
  private func length(at position: Int, in text: [Unicode.Scalar]) -> Int? {
    guard let alike = values[Self.start(text[position...])] else { return nil }
    if alike.count > Self.mostAlike {
      return text[position...].prefix { !$0.properties.isWhitespace }.count
    }
    return alike.filter { text[position...].starts(with: $0.beginning) }.map(\.length).max()
  }

  /// Where secrets stand in a text, in order and joined; `also` are places that are known already.
  func places(in text: [Unicode.Scalar], also: [Range<Int>]) -> [Range<Int>] {
    (known(in: text) + also).sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, range in
      if let last = joined.last, range.lowerBound < last.upperBound {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
  }

  /// The text with a mask for each secret.
  func masked(_ text: String, _ form: SecretScan.Form) -> String {
    let scalars = Array(text.unicodeScalars)
    let places = places(in: scalars, also: SecretScan(scalars, form).found)
    guard !places.isEmpty else { return text }
    var masked = ""
    var position = 0
    for place in places {
      masked.unicodeScalars.append(contentsOf: scalars[position..<place.lowerBound])
      masked += Self.mask
      position = place.upperBound
    }
    masked.unicodeScalars.append(contentsOf: scalars[position...])
    return masked
  }
}
