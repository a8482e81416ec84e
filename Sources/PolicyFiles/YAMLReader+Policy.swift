import Policy
import TextFiles
import Wire
import Yams

/// The sections of a policy file.
extension YAMLReader {
  mutating func read(_ root: Node, into file: inout PolicyFile) {
    let known = [
      "endpoints", "tunnel-addresses", "tunnel-dns", "resolvers", "served-ports", "local", "strict-local", "require",
      "audited",
      "audited-only", "roles", "allow", "rules", "wg-config", "resolve",
    ]
    guard let fields = fields(of: root, in: "a policy", known: known) else { return }
    for (name, node) in fields { readSection(name, node, into: &file) }
  }

  private mutating func readSection(_ name: String, _ node: Node, into file: inout PolicyFile) {
    switch name {
    case "endpoints": for item in items(of: node) { readEndpoint(item, into: &file.policy) }
    case "tunnel-addresses": file.policy.tunnelAddresses = tunnelAddresses(node, name)
    case "tunnel-dns": file.policy.tunnelResolvers = addresses(node, name)
    case "resolvers": file.policy.resolvers = addresses(node, name)
    case "served-ports": file.policy.servedPorts = ports(node, name)
    case "local": file.policy.local = localPrefixes(node)
    case "require":
      guard let text = text(node, name) else { return }
      guard text == "peer-verified" else {
        return report("require is \(quoted(text)); it can only be peer-verified", at: node)
      }
      file.requiresVerifiedPeer = true
    case "strict-local": file.strictLocal = flag(node, name)
    case "audited": readAudited(node, into: &file.policy)
    case "audited-only": file.auditedOnly = flag(node, name)
    case "roles":
      for (interface, _, value) in pairs(of: node, in: name) {
        let role: InterfaceRole? = choice(value, "the role of \(quoted(interface))")
        file.policy.roles[interface] = role
        file.policy.roleOrigins[interface] = origin(of: value)
      }
    case "allow": file.policy.allowRules = allowRules(node)
    case "rules": file.policy.labelRules = LabelRules(labelRules(node).inOrderTried)
    case "wg-config":
      file.wireGuardConfigs = items(of: node).compactMap { item in
        path(item, name).map { Stated($0, origin: origin(of: item)) }
      }
    case "resolve":
      for (host, key, value) in pairs(of: node, in: name) {
        guard let host = hostName(host), IPAddress(host) == nil else {
          report("\(quoted(host)) is not a host name; write name: address", at: key)
          continue
        }
        file.names[canonicalName(host), default: []] += addresses(value, "resolve").map(\.value)
      }
    default: break
    }
  }

  /// `address:port`, `name:port`, or a map that also states the shape.
  private mutating func readEndpoint(_ node: Node, into policy: inout TunnelPolicy) {
    var shape = TunnelEndpoint.Shape.wireGuard
    var transport: TunnelEndpoint.Transport?
    var amnezia: AmneziaWG?
    var place = node
    if case .mapping = node {
      let known = ["endpoint", "address", "shape", "transport", "reserved", "amneziawg"]
      guard let fields = fields(of: node, in: "an endpoint", known: known) else { return }
      guard let stated = fields["endpoint"] ?? fields["address"] else {
        return report("the endpoint has no 'endpoint'; write endpoint: address:port", at: node)
      }
      if fields["endpoint"] != nil, let second = fields["address"] {
        report("the endpoint has both 'endpoint' and 'address', which mean the same; remove one", at: second)
      }
      place = stated
      if let node = fields["shape"], let stated: TunnelEndpoint.Shape = choice(node, "shape") { shape = stated }
      if let node = fields["transport"] { transport = choice(node, "transport") }
      if let node = fields["reserved"], let reserved = text(node, "reserved") {
        if reserved != "any" {
          report("reserved is \(quoted(reserved)); it can only be any", at: node)
        } else if shape == .wireGuard {
          shape = .anyReserved
        }
      }
      if let node = fields["amneziawg"] {
        amnezia = self.amnezia(node)
        shape = .amneziaWG
      } else if shape == .amneziaWG {
        return report(
          "the endpoint has the shape amneziawg without parameters; state them under 'amneziawg:' (jc, s1, h1 and so on)",
          at: node)
      }
    }
    guard let text = text(place, "an endpoint") else { return }
    do {
      let origin = origin(of: place)
      let (bare, behind) = EndpointText.splitTransport(text)
      let over = transport ?? behind ?? .udp
      if over == .tcp, shape == .wireGuard { shape = .openVPN }
      guard over == .udp || shape.isUnchecked else {
        return report(
          "the endpoint \(quoted(text)) uses TCP, which WireGuard cannot; write shape: openvpn", at: place)
      }
      switch try EndpointText(bare) {
      case .address(let address):
        policy.endpoints.append(
          Stated(TunnelEndpoint(address, over: over, shape: shape, amnezia: amnezia), origin: origin))
      case .name(let name, let port):
        policy.namedEndpoints.append(
          Stated(NamedEndpoint(name: name, port: port, over: over, shape: shape, amnezia: amnezia), origin: origin))
      }
    } catch {
      report("the endpoint \(quoted(text)) cannot be used: \(error.reason); write address:port", at: place)
    }
  }

  /// AmneziaWG's parameters, named as in its configuration, in any case. If one of them is wrong, nothing is widened.
  private mutating func amnezia(_ node: Node) -> AmneziaWG {
    var text = AmneziaText()
    for (name, key, value) in pairs(of: node, in: "amneziawg") {
      guard AmneziaText.names.contains(name.lowercased()) else {
        report(
          "\(quoted(name)) is not a parameter of AmneziaWG; write Jc, Jmin, Jmax, S1 to S4, H1 to H4 or I1 to I5",
          at: key)
        continue
      }
      guard let stated = self.text(value, name) else { continue }
      if let reason = text.set(name.lowercased(), stated) {
        report("\(name) is \(quoted(stated)): \(reason)", at: value)
      }
    }
    do {
      return try text.parameters()
    } catch {
      report("amneziawg: \(error.message)", at: node)
      return AmneziaWG()
    }
  }

  private mutating func addresses(_ node: Node, _ name: String) -> [Stated<IPAddress>] {
    items(of: node).compactMap { item in
      let address: IPAddress? = value(item, name, form: "an IPv4 or IPv6 address")
      return address.map { Stated($0, origin: origin(of: item)) }
    }
  }

  /// Reads addresses like `Address =` of a configuration: the address of 10.2.0.2/32, not its network.
  private mutating func tunnelAddresses(_ node: Node, _ name: String) -> [Stated<IPAddress>] {
    items(of: node).compactMap { item in
      guard let text = text(item, name) else { return nil }
      guard let stated = WireGuardConfig.InterfaceAddress(text), !stated.isNetwork else {
        report("\(name) holds \(quoted(text)); write an IPv4 or IPv6 address, or address/length", at: item)
        return nil
      }
      return Stated(stated.address, origin: origin(of: item))
    }
  }

  private mutating func ports(_ node: Node, _ name: String) -> [Stated<UInt16>] {
    items(of: node).compactMap { item in
      guard let text = text(item, name) else { return nil }
      guard let port = decimal(text, UInt16.self), port > 0 else {
        report("\(name) holds \(quoted(text)); write a number from 1 to 65535", at: item)
        return nil
      }
      return Stated(port, origin: origin(of: item))
    }
  }

  private mutating func localPrefixes(_ node: Node) -> [Stated<IPPrefix>] {
    items(of: node).compactMap { item in
      let prefix: IPPrefix? = value(item, "local", form: "address/length")
      guard let prefix else { return nil }
      guard prefix.length > 0 else {
        report("local holds \(prefix), the whole Internet: nothing could leak; write what is on the premises", at: item)
        return nil
      }
      return Stated(prefix, origin: origin(of: item))
    }
  }

  private mutating func readAudited(_ node: Node, into policy: inout TunnelPolicy) {
    for item in items(of: node) {
      guard let text = text(item, "audited") else { continue }
      if let prefix = IPPrefix(text) {
        policy.audited.append(Stated(prefix, origin: origin(of: item)))
      } else if let address = MACAddress(text) {
        policy.auditedMACs.append(Stated(address, origin: origin(of: item)))
      } else {
        report("audited holds \(quoted(text)); write address/length or a MAC address", at: item)
      }
    }
  }

  /// A path that can be opened; a relative one starts at the folder of the file that states it.
  private mutating func path(_ node: Node, _ name: String) -> String? {
    guard let path = text(node, name) else { return nil }
    guard !path.utf8.contains(0) else {
      report("\(name) holds a NUL byte; remove it", at: node)
      return nil
    }
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }
}
