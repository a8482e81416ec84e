public import Audit
public import Policy
import Text
public import Wire

/// A value that JSON stores as the text that people know it by.
public protocol TextCoded {
  /// Nil for a text that `coded` never writes.
  init?(coded text: String)
  var coded: String { get }
}

extension TextCoded where Self: Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try coded.encode(to: encoder) }
}

private func decode<Value: TextCoded>(from decoder: any Decoder) throws -> Value {
  let container = try decoder.singleValueContainer()
  let text = try container.decode(String.self)
  guard let value = Value(coded: text), value.coded == text else {
    throw DecodingError.dataCorruptedError(in: container, debugDescription: "no \(Value.self)")
  }
  return value
}

extension String: TextCoded {
  public init?(coded text: String) { self = text }
  public var coded: String { self }
}

extension UInt16: TextCoded {
  public init?(coded text: String) { self.init(text) }
  public var coded: String { description }
}

/// RFC 3339 in UTC with microseconds.
extension Timestamp: TextCoded, Codable {
  public init?(coded text: String) {
    guard let time = Formatting.timestamp(text) else { return nil }
    self = time
  }

  public var coded: String { Formatting.time(self) }

  /// The time as it is after writing and reading: a summary from a file equals the one from the audit.
  package var inMicroseconds: Self {
    let rest = nanoseconds % 1000
    let (floor, overflow) = (nanoseconds - rest).subtractingReportingOverflow(rest < 0 ? 1000 : 0)
    return overflow ? .distantPast : Self(nanoseconds: floor)
  }
}

extension IPAddress: TextCoded {
  public init?(coded text: String) { self.init(text) }
  public var coded: String { description }
}

extension IPPrefix: TextCoded {
  public init?(coded text: String) { self.init(text) }
  public var coded: String { description }
}

extension MACAddress: TextCoded {
  public init?(coded text: String) { self.init(text) }
  public var coded: String { description }
}

/// `ETHERNET (1)`, `link type 300`.
extension LinkType: TextCoded, Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try coded.encode(to: encoder) }

  public init?(coded text: String) {
    guard let number = UInt16(text.split { !$0.isNumber }.last ?? ""), Self(rawValue: number).description == text else {
      return nil
    }
    self.init(rawValue: number)
  }

  public var coded: String { description }
}

/// `udp`, `protocol 99`.
extension IPProtocol: TextCoded, Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try coded.encode(to: encoder) }

  public init?(coded text: String) {
    guard let known = (0...UInt8.max).lazy.map(Self.init).first(where: { $0.description == text }) else { return nil }
    self = known
  }

  public var coded: String { description }
}

extension VerdictClass: TextCoded, Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try coded.encode(to: encoder) }

  public init?(coded text: String) {
    guard let named = Self.allCases.first(where: { $0.name == text }) else { return nil }
    self = named
  }

  public var coded: String { name }
}

/// The kinds of messages that a tunnel sent are the keys of a JSON object.
extension TunnelKind: CodingKeyRepresentable, Codable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  public var codingKey: any CodingKey { Key(name) }

  public init?<Source: CodingKey>(codingKey: Source) {
    guard let named = Self.allCases.first(where: { $0.name == codingKey.stringValue }) else { return nil }
    self = named
  }
}

extension AuditSummary.Conclusion: Codable {}
extension AuditSummary.Scope: Codable {}
extension AuditSummary.Grade: Codable {}
extension AuditSummary.Notice.Kind: Codable {}
extension Timeline.Event.Kind: Codable {}
extension LeakDetail.Kind: Codable {}
extension LeakSender.Certainty: Codable {}
extension TunnelTally.State: Codable {}
extension Fate: Codable {}
extension LeakReason: Codable {}
extension Severity: Codable {}
extension InterfaceRole: Codable {}
extension TunnelEndpoint.Shape: Codable {}
extension TunnelEndpoint.Source: Codable {}
extension TunnelEndpoint.Transport: Codable {}
