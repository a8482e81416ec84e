import Policy
import TextFiles

/// AmneziaWG's parameters as text, by the names that `awg` gives them: Jc, Jmin, Jmax, S1 to S4, H1 to H4, I1 to I5.
///
/// What a file leaves out has WireGuard's own value. The order does not matter; `parameters` says what they mean
/// together.
struct AmneziaText: Hashable, Sendable {
  static let names: Set<String> = [
    "jc", "jmin", "jmax", "s1", "s2", "s3", "s4", "h1", "h2", "h3", "h4", "i1", "i2", "i3", "i4", "i5",
  ]

  private var count = 0
  private var shortest = 0
  private var longest = 0
  private var messages = AmneziaWG.Messages()
  private var imitations: [String: Int?] = [:]

  /// Sets one parameter; `name` is in lower case. Returns what is wrong with the value, or nil.
  mutating func set(_ name: String, _ value: String) -> String? {
    switch name {
    case "jc":
      guard let number = decimal(value, UInt16.self) else { return Self.noNumber }
      count = Int(number)
    case "jmin":
      guard let number = decimal(value, UInt16.self) else { return Self.noNumber }
      shortest = Int(number)
    case "jmax":
      guard let number = decimal(value, UInt16.self) else { return Self.noNumber }
      longest = Int(number)
    case "s1", "s2", "s3", "s4":
      guard let number = decimal(value, UInt16.self) else { return Self.noNumber }
      Self.message(of: name).map { messages[keyPath: $0].padding = Int(number) }
    case "h1", "h2", "h3", "h4":
      guard let range = Self.range(value) else { return "it is neither a 32-bit number nor a range such as 100-200" }
      guard let message = Self.message(of: name) else { return nil }
      messages[keyPath: message].lowestHeader = range.lowerBound
      messages[keyPath: message].highestHeader = range.upperBound
    default:
      guard let length = Self.imitationLength(value) else { return "a tag has no end, or is not as awg reads it" }
      imitations[name] = length
    }
    return nil
  }

  /// What the parameters make of the messages. Throws the reason if awg refuses them.
  func parameters() throws(AmneziaProblem) -> AmneziaWG {
    guard shortest <= longest || count == 0 else {
      throw AmneziaProblem(message: "Jmin is greater than Jmax")
    }
    let all = [messages.initiation, messages.response, messages.cookie, messages.data]
    for (index, one) in all.enumerated() {
      for other in all[(index + 1)...]
      where one.lowestHeader <= other.highestHeader && other.lowestHeader <= one.highestHeader {
        throw AmneziaProblem(message: "two of H1 to H4 overlap, so messages cannot be told apart")
      }
    }
    var amnezia = AmneziaWG()
    amnezia.messages = messages
    amnezia.junkCount = count
    amnezia.junkLengths = min(shortest, longest)...longest
    amnezia.imitations = imitations.keys.sorted().compactMap { imitations[$0] }.filter { $0 != 0 }
    return amnezia
  }

  private static let noNumber = "it is not a number from 0 to 65535"

  private static func message(of name: String) -> WritableKeyPath<AmneziaWG.Messages, AmneziaWG.Message>? {
    switch name.last {
    case "1": \.initiation
    case "2": \.response
    case "3": \.cookie
    case "4": \.data
    default: nil
    }
  }

  private static func range(_ text: String) -> ClosedRange<UInt32>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let first = decimal(ends[0], UInt32.self) else { return nil }
    guard ends.count > 1 else { return first...first }
    guard ends.count == 2, let last = decimal(ends[1], UInt32.self), first <= last else { return nil }
    return first...last
  }

  /// How many bytes the tags of an imitated packet make, such as `<b 0xc0ff><r 16><t>`. The inner value is nil for an
  /// unknown tag, the outer one for a malformed text.
  static func imitationLength(_ text: String) -> Int?? {
    var length: Int? = 0
    var rest = text[...]
    while let start = rest.firstIndex(of: "<") {
      guard let end = rest[start...].firstIndex(of: ">") else { return nil }
      let words = rest[rest.index(after: start)..<end].split(separator: " ")
      rest = rest[rest.index(after: end)...]
      guard let tag = words.first else { return nil }
      let value = words.dropFirst().first ?? ""
      switch tag {
      case "b":
        guard value.hasPrefix("0x"), value.utf8.count % 2 == 0, value.dropFirst(2).utf8.allSatisfy(isHexadecimal) else {
          return nil
        }
        length = length.map { $0 + (value.utf8.count - 2) / 2 }
      case "r", "rc", "rd":
        guard let count = decimal(value, UInt16.self) else { return nil }
        length = length.map { $0 + Int(count) }
      // The time, or a counter of packets.
      case "t", "c": length = length.map { $0 + 4 }
      // Waits, and sends nothing.
      case "wt": break
      default: length = nil
      }
    }
    return .some(length)
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}

/// Why AmneziaWG's parameters do not go together, as a part of a sentence.
struct AmneziaProblem: Error { let message: String }
