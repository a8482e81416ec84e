/// An integer as the network carries it.
public func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  stride(from: Value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> Value($0)) }
}

/// An integer as the capturing machine carried it (LINKTYPE_NULL).
public func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { bigEndian(value).reversed() }

/// Bytes of no meaning, so that a payload of a given length is quickly made.
public func filler(_ count: Int, _ byte: UInt8 = 0xA5) -> [UInt8] { Array(repeating: byte, count: count) }
