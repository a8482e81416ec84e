// Documents hold addresses as text, the way people write them.

extension IPAddress: Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try encodeText(self, to: encoder) }
}

extension IPPrefix: Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try encodeText(self, to: encoder) }
}

extension MACAddress: Codable {
  public init(from decoder: any Decoder) throws { self = try decode(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try encodeText(self, to: encoder) }
}

private func decode<Value: LosslessStringConvertible>(from decoder: any Decoder) throws -> Value {
  let container = try decoder.singleValueContainer()
  guard let value = Value(try container.decode(String.self)) else {
    throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an address")
  }
  return value
}

private func encodeText(_ value: some LosslessStringConvertible, to encoder: any Encoder) throws {
  var container = encoder.singleValueContainer()
  try container.encode(value.description)
}
