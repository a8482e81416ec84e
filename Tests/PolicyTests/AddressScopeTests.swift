import Policy
import TestSupport
import Testing
import Wire

@Suite struct AddressScopeTests {
  /// The first and last address of each block and their neighbours outside (CONTRACT 1 and CONTRACT 2, step 8).
  @Test(
    arguments: [
      ("9.255.255.255", .public), ("10.0.0.0", .private), ("10.255.255.255", .private), ("11.0.0.0", .public),
      ("172.15.255.255", .public), ("172.16.0.0", .private), ("172.31.255.255", .private), ("172.32.0.0", .public),
      ("192.167.255.255", .public), ("192.168.0.0", .private), ("192.168.255.255", .private), ("192.169.0.0", .public),
      ("100.63.255.255", .public), ("100.64.0.0", .public), ("100.127.255.255", .public), ("100.128.0.0", .public),
      ("169.253.255.255", .public), ("169.254.0.0", .linkLocal), ("169.254.255.255", .linkLocal),
      ("169.255.0.0", .public), ("126.255.255.255", .public), ("127.0.0.0", .loopback),
      ("127.255.255.255", .loopback), ("128.0.0.0", .public), ("0.0.0.0", .unspecified), ("0.0.0.1", .public),
      ("0.255.255.255", .public), ("1.0.0.0", .public), ("223.255.255.255", .public), ("224.0.0.0", .localMulticast),
      ("224.0.0.255", .localMulticast), ("224.0.1.0", .multicast), ("225.0.0.0", .multicast),
      ("238.255.255.255", .multicast), ("239.0.0.0", .localMulticast), ("239.255.255.255", .localMulticast),
      ("240.0.0.0", .public), ("255.255.255.254", .public), ("255.255.255.255", .broadcast),
    ] as [(String, AddressScope)])
  func `knows the reach of IPv4 addresses`(text: String, scope: AddressScope) {
    #expect(AddressScope(address(text)) == scope)
  }

  @Test(
    arguments: [
      ("::", .unspecified), ("::1", .loopback), ("::2", .public), ("::1:0:0:0:1", .public), ("1::", .public),
      ("::ffff:10.0.0.1", .public), ("::ffff:127.0.0.1", .public), ("64:ff9b::a00:1", .public),
      ("fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .public), ("fc00::", .private),
      ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .private), ("fe00::", .public),
      ("fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .public), ("fe80::", .linkLocal),
      ("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", .linkLocal), ("fec0::", .public), ("feff::", .public),
      ("2001:db8::1", .public),
    ] as [(String, AddressScope)])
  func `knows the reach of IPv6 addresses`(text: String, scope: AddressScope) {
    #expect(AddressScope(address(text)) == scope)
  }

  /// Scope nibbles 1, 2, 3, 4, 5 and 8 stay on the premises, whatever the flags beside them.
  @Test(arguments: UInt64(0)...15, UInt64(0)...15)
  func `knows the reach of IPv6 groups by their scope nibble`(flags: UInt64, scope: UInt64) {
    let group = IPAddress(v6High: 0xFF00 << 48 | flags << 52 | scope << 48, low: 0xFB)
    #expect(AddressScope(group) == ([1, 2, 3, 4, 5, 8].contains(scope) ? .localMulticast : .multicast))
  }

  @Test func `private space is what CONTRACT 1 lists, groups are separate`() {
    #expect([AddressScope.private, .linkLocal, .loopback, .unspecified].allSatisfy { $0.isPrivate && !$0.isGroup })
    #expect([AddressScope.broadcast, .localMulticast, .multicast].allSatisfy { !$0.isPrivate && $0.isGroup })
    #expect(!AddressScope.public.isPrivate && !AddressScope.public.isGroup)
  }
}
