import CLinux
import Glibc
package import Policy
package import Wire

/// What the kernel says about the machine's interfaces (sysfs and procfs); privileges are not needed.
package enum NetworkInterfaces {
  /// Nil where no interface has the name.
  package static func index(of name: String) -> UInt32? {
    let index = unsafe if_nametoindex(name)
    return index == 0 ? nil : index
  }

  package static func name(of index: UInt32) -> String? {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard unsafe if_indextoname(index, &name) != nil else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The highest index in use: interfaces that come later get a higher one.
  package static var newestIndex: UInt32 {
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

  /// A bridge of the kernel's, such as Docker's; anything else is taken for a NIC.
  package static func role(of name: String) -> InterfaceRole {
    unsafe access("/sys/class/net/\(name)/bridge", F_OK) == 0 ? .bridge : .nic
  }

  /// Bridges that an interface is attached to.
  package static func bridges() -> [String] {
    names("/sys/class/net").filter { !names("/sys/class/net/\($0)/brif").isEmpty }
  }

  /// Interfaces of the default routes, IPv4's and IPv6's.
  package static func defaultRoutes() -> [String] {
    var found: [String] = []
    for line in lines("/proc/net/route").dropFirst() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      // Interface, destination, gateway, flags, ..., mask: all zero is the default route; flag 0x200 refuses.
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

  /// Frames that the interface itself lost: what arrived and found no room (rx_missed_errors, rx_fifo_errors), as
  /// libpcap counts them. Nil where the kernel does not say.
  package static func drops(of name: String) -> UInt64? {
    let counts = ["rx_missed_errors", "rx_fifo_errors"].compactMap {
      lines("/sys/class/net/\(name)/statistics/\($0)").first.flatMap { UInt64($0) }
    }
    return counts.count == 2 ? counts[0] &+ counts[1] : nil
  }

  /// The link-layer address, where it is a 48-bit one (ARPHRD_ETHER).
  package static func hardwareAddress(of name: String) -> MACAddress? {
    guard lines("/sys/class/net/\(name)/type").first == "1" else { return nil }
    return lines("/sys/class/net/\(name)/address").first.flatMap { MACAddress($0) }
  }

  /// The networks around an interface's own addresses.
  package static func prefixes(of name: String) -> [IPPrefix] {
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

  private static func names(_ directory: String) -> [String] {
    guard let stream = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// A small file of the kernel's; none where it cannot be read.
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
