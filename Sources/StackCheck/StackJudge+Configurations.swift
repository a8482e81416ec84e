import Policy
import PolicyFiles
import TextFiles
import Wire

/// What a configuration says about itself, whatever the rules are.
extension StackJudge {
  mutating func judgeConfig(
    _ config: WireGuardConfig, _ life: Lifecycle, _ openings: StateOpenings, source: String?
  ) {
    for refusal in config.refusals + [config.privateKeyRefusal].compactMap(\.self) {
      let isKnown = !life.hidesRules && !openings.isTooLarge
      let isOpen = openings.isOpenAtLarge(.afterScripts, .ipv4)
      add(
        .confRefused, !isKnown || isOpen ? .critical : .high, at: SourcePlace(config.fileName, line: refusal.line),
        refusal.message
          + (!isKnown
            ? "; it is not known whether rules refuse packets then"
            : isOpen ? "; nothing refuses packets then" : "; the start-up script's rules still refuse packets then"))
    }
    // The group was chosen to read it. wg-quick, too, only warns about others.
    if let source, config.hasPrivateKey, let mode = TextFile.mode(of: source), mode & 0o007 != 0 {
      add(
        .keyReadable, .low, at: SourcePlace(config.fileName),
        "its mode is 0\(String(mode & 0o777, radix: 8)), and it holds the private key")
    }
    guard config.isClient else { return }
    if config.resolvers.isEmpty {
      add(
        .dnsMissing, .medium, at: config.place,
        "[Interface] has no DNS, so names go to whatever resolver the container was given")
    }
    for peer in config.peers {
      guard case .name(let name, _)? = peer.endpoint?.value, let line = peer.endpoint?.line else { continue }
      add(
        .endpointName, .low, at: SourcePlace(config.fileName, line: line),
        "'\(name)' is looked up at each start, before there is a tunnel")
    }
    judgeCoverage(config, life, openings)
  }

  private mutating func judgeCoverage(_ config: WireGuardConfig, _ life: Lifecycle, _ openings: StateOpenings) {
    // It is not known what the rules let out of the rest.
    guard !life.hidesRules, !openings.isTooLarge else { return }
    let allowed = config.peers.flatMap(\.allowedIPs)
    let line = allowed.first?.line ?? config.peers.first?.line
    let place = SourcePlace(config.fileName, line: line)
    if !Self.covers(allowed.map(\.value), IPPrefix("0.0.0.0/0")!) {
      let isOpen = openings.isOpenAtLarge(.up, .ipv4)
      add(
        .allowedIPsPartial, isOpen ? .high : .low, at: place,
        isOpen
          ? "the rest of IPv4 leaves in clear"
          : "the rest of IPv4 does not work: the rules refuse it",
        lettingOut: openings.letOut([.up], [.ipv4]))
    }
    guard !Self.covers(allowed.map(\.value), IPPrefix("2000::/3")!), life.up.ipv6Disabled == nil else { return }
    if openings.isOpenAtLarge(.up, .ipv6) {
      add(
        .allowedIPsIPv6, .medium, at: place, "IPv6 leaves in clear as soon as the network has it: no rule refuses it",
        lettingOut: openings.letOut([.up], [.ipv6]))
    } else if config.addresses.contains(where: { !$0.value.address.isIPv4 }) {
      add(
        .allowedIPsIPv6, .low, at: place,
        "there is an IPv6 Address, but no IPv6 goes into the tunnel; the rules refuse it")
    }
  }

  /// Whether the prefixes together hold every address of another.
  static func covers(_ prefixes: [IPPrefix], _ whole: IPPrefix) -> Bool {
    if prefixes.contains(where: { $0.length <= whole.length && $0.contains(whole.address) }) { return true }
    let inside = prefixes.filter { $0.length > whole.length && whole.contains($0.address) }
    guard !inside.isEmpty, whole.length < whole.address.width else { return false }
    let halves = whole.halves
    return covers(inside, halves.0) && covers(inside, halves.1)
  }
}

extension IPPrefix {
  /// The two halves of the prefix.
  fileprivate var halves: (IPPrefix, IPPrefix) {
    let length = self.length + 1
    let upper: IPAddress
    if address.isIPv4 {
      upper = IPAddress(v4: UInt32(truncatingIfNeeded: address.low) | 1 << UInt32(32 - length))
    } else if length <= 64 {
      upper = IPAddress(v6High: address.high | 1 << UInt64(64 - length), low: address.low)
    } else {
      upper = IPAddress(v6High: address.high, low: address.low | 1 << UInt64(128 - length))
    }
    return (IPPrefix(address, length: length), IPPrefix(upper, length: length))
  }
}
