/// Masks secrets in what a check shows. What follows from a name or a form is found in each text (`SecretScan`); the
/// values that the stack's files give to such names are found wherever they stand, as scripts pass them on.
struct Secrets {
  /// Does not tell how long the value is.
  static let mask = "********"

  /// Values by their first three characters.
  private var values: [UInt64: Set<[Unicode.Scalar]>] = [:]
  private var count = 0

  /// Shorter values, and words that settings have, are found in too many places that have nothing to do with them.
  private static let shortest = 4
  /// Far more than a stack has.
  private static let most = 1000
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
    if values[Self.start(value), default: []].insert(Array(value)).inserted { count += 1 }
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
      let longest = values[Self.start(text[position...])]?.filter { text[position...].starts(with: $0) }.map(\.count)
        .max()
      if let longest { found.append(position..<(position + longest)) }
      position += longest ?? 1
    }
    return found
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
