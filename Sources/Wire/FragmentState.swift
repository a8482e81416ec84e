/// Which part of a datagram a packet carries.
public enum FragmentState: UInt8, Sendable, BitwiseCopyable {
  case whole, first, later

  init(offset: Int, more: Bool) {
    // With offset 0 and no more fragments, it is a whole datagram; IPv6 calls it an atomic fragment (RFC 6946).
    self = offset > 0 ? .later : more ? .first : .whole
  }
}
