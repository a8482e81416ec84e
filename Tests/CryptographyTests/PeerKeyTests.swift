import Cryptography
import TestSupport
import Testing

/// The first handshake initiation of captures/healthy.nic.pcap, which Linux's WireGuard made for the peer of its wg0.conf.
@Suite struct PeerKeyTests {
  private static let publicKey = hexadecimal("367aa3d763bfbef7e46ec14824e02af4dd9c705d35be0276038638d9adac3b0f")
  private static let initiation = hexadecimal(
    """
    01000000aa41165fbff7592f01ea2fe8f0b53f00f2643a84ad13b1cd56a6f5ba3a055e6ba7006048a84cd5546f62cb83
    c81676102294e60ffb5b35dfc3ae630ef55e7eca392cbe9505e62d18dcd511e2df22fdbf00f9281e1b88f8f2c1b574a6
    942d91c1d0932f64ff659351edff8a77587dad6f51c383ac37fdcbe20d2b9fac89ca2bee000000000000000000000000
    00000000
    """)

  private func authenticates(_ message: [UInt8], ignoresReserved: Bool = true) -> Bool? {
    PeerKey(publicKey: Self.publicKey)?.authenticates(message.rawSpan, ignoresReserved: ignoresReserved)
  }

  @Test func `distinguishes a message for its peer from one for another`() {
    #expect(authenticates(Self.initiation) == true)
    var other = Self.publicKey
    other[31] ^= 1
    #expect(PeerKey(publicKey: other)?.authenticates(Self.initiation.rawSpan) == false)
  }

  @Test func `notices every changed byte up to the end of mac1, reserved ones only where they count`() {
    for position in 0..<132 {
      var message = Self.initiation
      message[position] ^= 1
      #expect(authenticates(message) == (1..<4).contains(position), "byte \(position)")
      #expect(authenticates(message, ignoresReserved: false) == false, "byte \(position)")
    }
  }

  @Test func `does not judge a message cut before the end of mac1`() {
    #expect(authenticates(Array(Self.initiation.prefix(132))) == true)
    #expect(authenticates(Array(Self.initiation.prefix(131))) == nil)
    #expect(authenticates([]) == nil)
  }

  @Test func `refuses a key of another length`() {
    for length in [0, 31, 33] { #expect(PeerKey(publicKey: filler(length)) == nil) }
  }
}
