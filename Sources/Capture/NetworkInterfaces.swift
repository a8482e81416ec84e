import CLinux
import Glibc
public import Wire

/// What the kernel says about the interfaces of this network namespace. No privileges are needed.
///
/// `unsafe` because system calls take and return addresses. Sound: variables outlive the calls, buffers have the stated
/// length, and a list that the system allocates is read to its end mark and then freed once.
public enum NetworkInterfaces {
  /// Nil if no interface has the name.
  public static func index(of name: String) -> UInt32? {
    let index = unsafe if_nametoindex(name)
    return index == 0 ? nil : index
  }

  public static func name(of index: UInt32) -> String? {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(index, &name) != nil else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The highest index in use. New interfaces get higher ones.
  public static var newestIndex: UInt32 {
    guard let list = unsafe if_nameindex() else { return 0 }
    defer { unsafe if_freenameindex(list) }
    var newest: UInt32 = 0
    var position = 0
    while unsafe list[position].if_index != 0 {
      newest = max(newest, unsafe list[position].if_index)
      position += 1
    }
    return newest
  }

  /// The names of all interfaces, in the kernel's order.
  public static var names: [String] { links().map(\.name) }

  /// Whether an interface is a kernel bridge, such as Docker's. False if there is no such interface.
  public static func isBridge(_ name: String) -> Bool { unsafe linux_is_bridge(name) != 0 }

  /// All bridges, or only those with an active interface attached.
  public static func bridges(active: Bool) -> [String] {
    let running = UInt32(IFF_UP | IFF_RUNNING)
    return links().filter { link in
      (!active || link.flags & running == running) && isBridge(link.name)
    }.map(\.name)
  }

  /// The interfaces of the IPv4 and IPv6 default routes.
  public static func defaultRoutes() -> [String] {
    var found: [String] = []
    for line in lines("/proc/net/route").dropFirst() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      // Interface, destination, gateway, flags, ..., mask. The default route is all zero; flag 0x200 rejects packets.
      guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000",
        let flags = UInt32(fields[3], radix: 16), flags & 0x200 == 0
      else { continue }
      found.append(String(fields[0]))
    }
    for line in lines("/proc/net/ipv6_route") {
      let fields = line.split(whereSeparator: \.isWhitespace)
      // Destination, its prefix length, ..., flags, interface.
      guard fields.count >= 10, fields[1] == "00", fields[0].allSatisfy({ $0 == "0" }),
        let flags = UInt32(fields[8], radix: 16), flags & 0x200 == 0, fields[9] != "lo"
      else { continue }
      found.append(String(fields[9]))
    }
    return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Frames that the interface itself lost because it had no room for them (rx_missed_errors, rx_fifo_errors), as
  /// libpcap counts them. Nil if the kernel does not say.
  public static func drops(of name: String) -> UInt64? { links().first { $0.name == name }?.drops }

  /// The link-layer address, if it is a 48-bit one (ARPHRD_ETHER).
  public static func hardwareAddress(of name: String) -> MACAddress? {
    links().first { $0.name == name }?.hardwareAddress
  }

  private struct Link {
    var name: String
    var flags: UInt32
    var hardwareAddress: MACAddress?
    var drops: UInt64?
  }

  /// Every interface of this network namespace, from netlink (getifaddrs(3)); sysfs may show another namespace.
  private static func links() -> [Link] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var found: [Link] = []
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      guard let address = unsafe entry.pointee.ifa_addr, unsafe address.pointee.sa_family == UInt16(AF_PACKET) else {
        continue
      }
      var link = Link(name: unsafe String(cString: entry.pointee.ifa_name), flags: unsafe entry.pointee.ifa_flags)
      let hardware = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_ll.self)
      // ARPHRD_ETHER.
      if hardware.sll_hatype == 1, hardware.sll_halen == 6 {
        let bytes = hardware.sll_addr
        let octets = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5]
        link.hardwareAddress = MACAddress(octets.reduce(0) { $0 << 8 | UInt64($1) })
      }
      if let statistics = unsafe entry.pointee.ifa_data {
        let counts = unsafe statistics.loadUnaligned(as: rtnl_link_stats.self)
        link.drops = UInt64(counts.rx_missed_errors) + UInt64(counts.rx_fifo_errors)
      }
      found.append(link)
    }
    return found
  }

  /// The networks to which an interface's own addresses belong.
  public static func prefixes(of name: String) -> [IPPrefix] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { return [] }
    defer { unsafe freeifaddrs(list) }
    var found: [IPPrefix] = []
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      guard let address = unsafe entry.pointee.ifa_addr, let mask = unsafe entry.pointee.ifa_netmask,
        unsafe String(cString: entry.pointee.ifa_name) == name
      else { continue }
      if let prefix = unsafe prefix(address, mask) { found.append(prefix) }
    }
    return found
  }

  private static func prefix(_ address: UnsafePointer<sockaddr>, _ mask: UnsafePointer<sockaddr>) -> IPPrefix? {
    switch Int32(unsafe address.pointee.sa_family) {
    case AF_INET:
      let (address, mask) = unsafe (ipv4(address), ipv4(mask))
      return IPPrefix(IPAddress(v4: address), length: mask.nonzeroBitCount)
    case AF_INET6:
      let (address, mask) = unsafe (ipv6(address), ipv6(mask))
      return IPPrefix(
        IPAddress(v6High: address.0, low: address.1), length: mask.0.nonzeroBitCount + mask.1.nonzeroBitCount)
    default: return nil
    }
  }

  private static func ipv4(_ address: UnsafePointer<sockaddr>) -> UInt32 {
    unsafe UnsafeRawPointer(address).loadUnaligned(fromByteOffset: 4, as: UInt32.self).bigEndian
  }

  private static func ipv6(_ address: UnsafePointer<sockaddr>) -> (UInt64, UInt64) {
    let bytes = unsafe UnsafeRawPointer(address)
    return unsafe (
      bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian,
      bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).bigEndian
    )
  }

  /// The lines of a small kernel file. Empty if it cannot be read.
  private static func lines(_ path: String) -> [String] {
    guard let file = unsafe fopen(path, "re") else { return [] }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
