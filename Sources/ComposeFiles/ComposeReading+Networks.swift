import TextFiles
import Wire

extension ComposeReading {
  /// The networks that a service is attached to: `default` if it names none.
  mutating func attachments(of service: ComposeService, _ fields: ComposeMapping) -> [ComposeService.Attachment] {
    let stated = fields["networks"]?.mapping?.entries ?? []
    if let mode = service.networkMode {
      if let first = stated.first {
        report(
          "service \(quoted(service.name)) has both 'network_mode' (\(mode.place)) and 'networks'; remove one",
          at: first.keyPlace)
      }
      return []
    }
    guard !stated.isEmpty else {
      let mac: Located<MACAddress>? = value(fields["mac_address"], "a MAC address such as 02:42:ac:11:00:02")
      return [.init(network: "default", place: service.place, macAddress: mac)]
    }
    var attachments: [ComposeService.Attachment] = []
    var first: (position: Int, priority: Int)?
    for (position, entry) in stated.enumerated() {
      let options = entry.value.mapping ?? ComposeMapping()
      let priority = options["priority"]?.scalar.flatMap { Int($0) } ?? 0
      attachments.append(
        .init(
          network: entry.key, place: entry.keyPlace,
          ipv4Address: address(options["ipv4_address"], isIPv4: true),
          ipv6Address: address(options["ipv6_address"], isIPv4: false),
          macAddress: value(options["mac_address"], "a MAC address such as 02:42:ac:11:00:02"),
          interfaceName: options["interface_name"].flatMap { node in node.scalar.map { Located($0, at: node.place) } },
          priority: priority))
      if let other = first {
        let comesFirst =
          priority > other.priority || priority == other.priority && entry.key < attachments[other.position].network
        if comesFirst { first = (position, priority) }
      } else {
        first = (position, priority)
      }
    }
    // The service's own address goes to the network that Compose attaches first.
    if let first, attachments[first.position].macAddress == nil {
      attachments[first.position].macAddress = value(fields["mac_address"], "a MAC address such as 02:42:ac:11:00:02")
    }
    return attachments
  }

  private mutating func address(_ node: ComposeNode?, isIPv4: Bool) -> Located<IPAddress>? {
    let form = isIPv4 ? "an IPv4 address" : "an IPv6 address"
    guard let address: Located<IPAddress> = value(node, form) else { return nil }
    guard address.value.isIPv4 == isIPv4 else {
      report("\(quoted(address.value.description)) is not \(form)", at: address.place)
      return nil
    }
    return address
  }

  /// A value that has one spelling; `form` says which.
  private mutating func value<Value: LosslessStringConvertible & Sendable>(
    _ node: ComposeNode?, _ form: String
  ) -> Located<Value>? {
    guard let node, let text = node.scalar, !text.isEmpty else { return nil }
    guard let value = Value(text) else {
      report("\(quoted(text)) cannot be used; write \(form)", at: node.place)
      return nil
    }
    return Located(value, at: node.place)
  }

  // MARK: - Top level

  /// The stated networks, and `default` if a service is attached to it.
  mutating func networks(
    in model: ComposeMapping, project: String, services: [ComposeService]
  ) -> [ComposeNetwork] {
    var networks = (model["networks"]?.mapping?.entries ?? []).map { network($0, project: project) }
    var known = Set(networks.map(\.key))
    for service in services {
      for attachment in service.networks where !known.contains(attachment.network) {
        guard attachment.network == "default" else {
          report(
            "service \(quoted(service.name)) is attached to the network \(quoted(attachment.network)), which is not "
              + "defined; add it to 'networks' at the top", at: attachment.place)
          continue
        }
        known.insert("default")
        networks.append(ComposeNetwork(key: "default", name: project + "_default", place: nil))
      }
    }
    return networks
  }

  private mutating func network(_ entry: ComposeMapping.Entry, project: String) -> ComposeNetwork {
    let fields = entry.value.mapping ?? ComposeMapping()
    var network = ComposeNetwork(key: entry.key, name: project + "_" + entry.key, place: entry.keyPlace)
    if let external = fields["external"] {
      // `external: {name: …}` is the old form.
      network.isExternal = external.mapping != nil || flag(external, "external") ?? false
      if network.isExternal { network.name = external.mapping?["name"]?.scalar ?? entry.key }
    }
    if let name = fields["name"]?.scalar, !name.isEmpty { network.name = name }
    network.isInternal = flag(fields["internal"], "internal") ?? false
    network.enablesIPv6 = flag(fields["enable_ipv6"], "enable_ipv6") ?? false
    network.driver = fields["driver"]?.scalar
    network.bridge = located(fields["driver_opts"]?.mapping?["com.docker.network.bridge.name"])
    for item in fields["ipam"]?.mapping?["config"]?.items ?? [] {
      guard let subnet: Located<IPPrefix> = value(item.mapping?["subnet"], "address/length"),
        !network.subnets.contains(where: { $0.value == subnet.value })
      else { continue }
      network.subnets.append(subnet)
    }
    return network
  }
}
