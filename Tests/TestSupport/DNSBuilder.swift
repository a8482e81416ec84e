public import Wire

/// A name in wire format (RFC 1035 section 3.1), without compression and without escapes.
public func dnsName(_ text: String) -> [UInt8] {
  text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}

/// A compression pointer (RFC 1035 section 4.1.4).
public func dnsPointer(_ target: Int) -> [UInt8] { bigEndian(0xC000 | UInt16(target)) }

/// A header (RFC 1035 section 4.1.1) and what follows.
public func dnsMessage(
  id: UInt16 = 0x2A2A, flags: UInt16 = 0x0100, questions: Int = 1, answers: Int = 0, _ body: [UInt8]
) -> [UInt8] {
  bigEndian(id) + bigEndian(flags) + bigEndian(UInt16(questions)) + bigEndian(UInt16(answers)) + [0, 0, 0, 0] + body
}

/// A question: a name in wire format, a type (1 A, 28 AAAA) and class IN.
public func dnsQuestion(_ name: [UInt8], type: UInt16 = 1) -> [UInt8] { name + bigEndian(type) + [0, 1] }

/// A query for one name.
public func dnsQuery(_ name: String, type: UInt16 = 1, id: UInt16 = 0x2A2A) -> [UInt8] {
  dnsMessage(id: id, dnsQuestion(dnsName(name), type: type))
}

/// A resource record (RFC 1035 section 4.1.3) of class IN; `length` overrides the data's length field.
public func dnsRecord(_ name: [UInt8], type: UInt16, _ data: [UInt8], length: Int? = nil) -> [UInt8] {
  name + bigEndian(type) + [0, 1] + bigEndian(UInt32(300)) + bigEndian(UInt16(length ?? data.count)) + data
}

/// A response to a query for one name: an A or AAAA record for each address, its name compressed.
public func dnsResponse(
  _ name: String, _ addresses: [IPAddress], id: UInt16 = 0x2A2A, flags: UInt16 = 0x8180
) -> [UInt8] {
  let type: UInt16 = addresses.first?.isIPv4 == false ? 28 : 1
  let records = addresses.flatMap { dnsRecord(dnsPointer(12), type: $0.isIPv4 ? 1 : 28, octets($0)) }
  return dnsMessage(
    id: id, flags: flags, answers: addresses.count, dnsQuestion(dnsName(name), type: type) + records)
}
