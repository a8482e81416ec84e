/// A number from the LINKTYPE_ registry (https://www.tcpdump.org/linktypes.html), as savefiles store it.
///
/// libpcap's DLT_ numbers are local to a system and differ for a few types. They are translated where
/// libpcap is called.
public struct LinkType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  public static var null: Self { Self(rawValue: 0) }
  public static var ethernet: Self { Self(rawValue: 1) }
  public static var ppp: Self { Self(rawValue: 9) }
  /// DLT_RAW is 12 on most systems and 14 on OpenBSD. Some programs wrote it to files without translating it.
  public static var rawBSD: Self { Self(rawValue: 12) }
  public static var rawOpenBSD: Self { Self(rawValue: 14) }
  public static var pppHDLC: Self { Self(rawValue: 50) }
  public static var pppEther: Self { Self(rawValue: 51) }
  public static var raw: Self { Self(rawValue: 101) }
  public static var loop: Self { Self(rawValue: 108) }
  public static var linuxCooked: Self { Self(rawValue: 113) }
  public static var ipv4: Self { Self(rawValue: 228) }
  public static var ipv6: Self { Self(rawValue: 229) }
  public static var nflog: Self { Self(rawValue: 239) }
  public static var linuxCooked2: Self { Self(rawValue: 276) }

  /// What a frame begins with. Code that reads or rewrites link headers switches over it without a `default`, so that
  /// no place can forget a new kind.
  public enum Framing: Sendable, BitwiseCopyable {
    case ethernet, linuxCooked, linuxCooked2
    /// Four bytes of address family.
    case addressFamily
    case ppp, hdlc
    /// A PPPoE session packet without the Ethernet header.
    case pppoe
    /// What a rule of netfilter logged: a header of four bytes, then attributes, one of which holds the packet.
    case nflog
    /// IP without a link header: either version, or the one that the type names.
    case ip, ipv4, ipv6
  }

  /// Nil if frames of this type cannot be decoded. They are rejected, never guessed.
  public var framing: Framing? {
    switch self {
    case .ethernet: .ethernet
    case .linuxCooked: .linuxCooked
    case .linuxCooked2: .linuxCooked2
    case .null, .loop: .addressFamily
    case .ppp: .ppp
    case .pppHDLC: .hdlc
    case .pppEther: .pppoe
    case .nflog: .nflog
    case .raw, .rawBSD, .rawOpenBSD: .ip
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    default: nil
    }
  }

  /// Whether frames of this type can be decoded.
  public var isSupported: Bool { framing != nil }
}

extension LinkType: CustomStringConvertible {
  /// The registry's name without LINKTYPE_, if the auditor knows it, and the number.
  public var description: String {
    if let name { "\(name) (\(rawValue))" } else { "link type \(rawValue)" }
  }

  private var name: String? {
    switch rawValue {
    case 0: "NULL"
    case 1: "ETHERNET"
    case 3: "AX25"
    case 6: "IEEE802_5"
    case 7: "ARCNET_BSD"
    case 8: "SLIP"
    case 9: "PPP"
    case 10: "FDDI"
    case 12, 14, 101: "RAW"
    case 50: "PPP_HDLC"
    case 51: "PPP_ETHER"
    case 100: "ATM_RFC1483"
    case 104: "C_HDLC"
    case 105: "IEEE802_11"
    case 107: "FRELAY"
    case 108: "LOOP"
    case 109: "ENC"
    case 113: "LINUX_SLL"
    case 114: "LTALK"
    case 117: "PFLOG"
    case 119: "IEEE802_11_PRISM"
    case 122: "IP_OVER_FC"
    case 127: "IEEE802_11_RADIOTAP"
    case 129: "ARCNET_LINUX"
    case 138: "APPLE_IP_OVER_IEEE1394"
    case 147...162: "USER\(rawValue - 147)"
    case 163: "IEEE802_11_AVS"
    case 166: "PPP_PPPD"
    case 187: "BLUETOOTH_HCI_H4"
    case 189: "USB_LINUX"
    case 192: "PPI"
    case 195: "IEEE802_15_4_WITHFCS"
    case 201: "BLUETOOTH_HCI_H4_WITH_PHDR"
    case 220: "USB_LINUX_MMAPPED"
    case 227: "CAN_SOCKETCAN"
    case 228: "IPV4"
    case 229: "IPV6"
    case 230: "IEEE802_15_4_NOFCS"
    case 239: "NFLOG"
    case 240: "NETANALYZER"
    case 242: "IPOIB"
    case 249: "USBPCAP"
    case 252: "WIRESHARK_UPPER_PDU"
    case 253: "NETLINK"
    case 271: "VSOCK"
    case 276: "LINUX_SLL2"
    default: nil
    }
  }
}
