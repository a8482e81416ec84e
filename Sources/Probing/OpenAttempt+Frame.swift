import CLinux
import Glibc
import Wire

extension OpenAttempt {
  /// A packet that no rule of this namespace sees on its way out: it goes to the station that is the interface's gateway.
  /// The answer, if the rules let it in, comes to a usual socket of the interface.
  func startFrame(_ device: String, _ frames: FrameSender) throws(SocketFailure) {
    if frames.socket == nil { frames.socket = try open(.packet) }
    guard let sender = frames.socket, let socket = try open(.datagram) else { return }
    self.socket = socket
    try socket.bindTo(device: device)
    try socket.connect(destination.end)
    guard let own = socket.own else { throw SocketFailure(EINVAL) }
    source = own
    guard let station = Neighbours.gateway(device) else {
      fate = .unavailable("no gateway of \(device) is known", isLasting: false)
      return
    }
    let payload = probe.message.bytes(name, isStream: false)
    let datagram = concatenated(
      networkOrder(own.port), networkOrder(destination.port), networkOrder(UInt16(payload.count + 8)), [0, 0], payload)
    var header = concatenated(
      [0x45, 0], networkOrder(UInt16(datagram.count + 20)), [0, 0, 0x40, 0, 64, IPProtocol.udp.rawValue, 0, 0],
      networkOrder(UInt32(truncatingIfNeeded: own.address.low)),
      networkOrder(UInt32(truncatingIfNeeded: destination.address.low)))
    header.replaceSubrange(10..<12, with: networkOrder(InternetChecksum.of(header)))
    try sender.send(header + datagram, through: unsafe if_nametoindex(device), to: station)
  }
}

/// The packet socket of all attempts. Closing one takes the kernel some milliseconds, in which no other probe has its turn.
final class FrameSender {
  var socket: OpenSocket?
}

/// What the kernel knows of an interface's neighbours (proc(5)).
enum Neighbours {
  /// The Ethernet address of an interface's default gateway. Nil if it has none, or was not reached yet.
  static func gateway(_ device: String) -> UInt64? {
    // Iface Destination Gateway Flags RefCnt Use Metric Mask ...
    let route = fields("/proc/net/route").first {
      $0.count > 7 && $0[0] == device && $0[1] == "00000000" && $0[7] == "00000000"
    }
    guard let route, let gateway = UInt32(route[2], radix: 16) else { return nil }
    // The file shows the four bytes as this machine reads them as a number.
    let address = "\(IPAddress(v4: UInt32(bigEndian: gateway)))"
    // IP address, HW type, Flags, HW address, Mask, Device
    let neighbour = fields("/proc/net/arp").first { $0.count > 5 && $0[0] == address && $0[5] == device }
    guard let octets = neighbour?[3].split(separator: ":"), octets.count == 6 else { return nil }
    let station = octets.reduce(UInt64(0)) { $0 << 8 | UInt64(UInt8($1, radix: 16) ?? 0) }
    return station == 0 ? nil : station
  }

  private static func fields(_ path: String) -> [[Substring]] {
    ProcessFile.read(path).split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
  }
}
