/// A JSON object that is written to by the dotted names of its fields, as the Elastic Common Schema lists them.
struct ECSEvent: Encodable {
  indirect enum Value: Encodable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])
    case fields([String: Value])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      case .flag(let flag): try container.encode(flag)
      case .list(let texts): try container.encode(texts)
      case .fields(let fields): try container.encode(fields)
      }
    }
  }

  private var fields: [String: Value] = [:]

  /// Setting nil leaves the field out.
  subscript(name: String) -> Value? {
    get { Self.value(name.split(separator: ".")[...], in: fields) }
    set { if let newValue { Self.set(newValue, name.split(separator: ".")[...], in: &fields) } }
  }

  private static func value(_ path: ArraySlice<Substring>, in fields: [String: Value]) -> Value? {
    guard let first = path.first, let value = fields[String(first)] else { return nil }
    guard path.count > 1 else { return value }
    guard case .fields(let inner) = value else { return nil }
    return self.value(path.dropFirst(), in: inner)
  }

  private static func set(_ value: Value, _ path: ArraySlice<Substring>, in fields: inout [String: Value]) {
    guard let first = path.first.map(String.init) else { return }
    guard path.count > 1 else {
      fields[first] = value
      return
    }
    var inner: [String: Value] = [:]
    if case .fields(let known) = fields[first] { inner = known }
    set(value, path.dropFirst(), in: &inner)
    fields[first] = .fields(inner)
  }

  func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }
}
