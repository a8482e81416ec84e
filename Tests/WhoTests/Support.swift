import Wire

@testable import Who

/// An event as the kernel's program writes it: the places are those of `struct event` in Kernel/senders.bpf.c.
struct EventBytes {
  var source = "172.18.0.2"
  var destination = "198.51.100.53"
  var ports: (UInt16, UInt16) = (4000, 53)
  var protocolNumber: UInt8 = 17
  var certainty = Certainty.sent
  var namespace: UInt32 = 4_026_532_919
  var process: (number: UInt32, inner: UInt32, started: UInt64) = (812, 7, 5_000_000_000)
  var name = "curl"
  var executable = "curl"
  var arguments = "curl\0-s\0"
  var group = EventBytes.id

  static let id = String(repeating: "0123456789abcdef", count: 4)

  var bytes: [UInt8] {
    guard let source = IPAddress(source), let destination = IPAddress(destination) else { return [] }
    var bytes = [UInt8](repeating: 0, count: 256)
    func put(_ new: some Sequence<UInt8>, at offset: Int, most: Int) {
      for (index, byte) in new.prefix(most).enumerated() { bytes[offset + index] = byte }
    }
    func number(_ value: some FixedWidthInteger) -> [UInt8] {
      (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func address(_ address: IPAddress) -> [UInt8] {
      address.isIPv4
        ? number(UInt32(truncatingIfNeeded: address.low).byteSwapped)
        : number(address.high.byteSwapped) + number(address.low.byteSwapped)
    }
    put(address(source), at: 0, most: 16)
    put(address(destination), at: 16, most: 16)
    put(number(ports.0) + number(ports.1) + number(UInt16(source.isIPv4 ? 0x0800 : 0x86DD)), at: 32, most: 6)
    put([protocolNumber, certainty.rawValue] + number(namespace) + number(process.number), at: 38, most: 10)
    put(number(process.started) + number(process.number) + number(process.inner), at: 48, most: 16)
    put(name.utf8, at: 64, most: 15)
    put(executable.utf8, at: 80, most: 31)
    put(arguments.utf8, at: 112, most: 64)
    put(group.utf8, at: 176, most: 79)
    return bytes
  }

  var event: SenderEvent? { SenderEvent(bytes) }
}
