import Policy
import PolicyFiles
import TestSupport
import Testing
import TextFiles
import Wire

@Suite struct WireGuardConfigTests {
  @Test func `the first configuration of the article states its tunnel`() throws {
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = [REDACTED]
      Address = 10.64.114.74/32
      DNS = 10.64.0.1

      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0
      Endpoint = 89.44.10.178:51820
      """, fileName: "wg0.conf")
    #expect(config.problems == [])
    #expect(config.hasPrivateKey)
    #expect(config.peers[0].publicKey?.value.bytes.prefix(3) == [0x6B, 0xAA, 0x27])
    #expect(config.peers[0].allowedIPs.map(\.value.description) == ["0.0.0.0/0"])

    var policy = TunnelPolicy()
    #expect(config.apply(to: &policy) == [])
    #expect(policy.endpoints.map(\.value.endpoint.description) == ["89.44.10.178:51820"])
    #expect(policy.endpoints.map(\.origin) == ["wg0.conf:9"])
    #expect(policy.tunnelAddresses.map(\.value.description) == ["10.64.114.74"])
    #expect(policy.tunnelResolvers.map(\.origin) == ["wg0.conf:4"])
    #expect(policy.servedPorts.isEmpty)
  }

  @Test func `the article's kill switch is read with both families`() throws {
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = [REDACTED]
      Address = 10.64.23.84/32,fc00:bbbb:bbbb:bb01::1:1753/128
      DNS = 10.64.0.1
      PostUp = iptables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT
      PreDown = iptables -D OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -m addrtype ! --dst-type LOCAL -j REJECT

      [Peer]
      PublicKey = pu22RCPeJCeiDIE7a1XtWvmv3BdgPp8ugF6AyntW8xU=
      AllowedIPs = 0.0.0.0/0,::0/0
      Endpoint = 89.44.10.114:51820
      """, fileName: "wg0.conf")
    #expect(config.problems == [])
    #expect(config.addresses.map(\.value.address.description) == ["10.64.23.84", "fc00:bbbb:bbbb:bb01::1:1753"])
    #expect(config.hooks.map(\.value.moment) == [.postUp, .preDown])
    #expect(config.hooks.map(\.line) == [5, 6])
    #expect(config.hooks[0].value.command.hasSuffix("--dst-type LOCAL -j REJECT"))
    #expect(config.peers[0].allowedIPs.map(\.value.description) == ["0.0.0.0/0", "::/0"])
  }

  @Test func `the article's malformed address is one problem and all else is used`() throws {
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = [REDACTED]
      Address  # This malformed configuration leads to an error
      DNS = 10.64.0.1
      PostUp = iptables -I OUTPUT -j REJECT

      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0
      Endpoint = 89.44.10.178:51820
      """, fileName: "wg0.conf")
    #expect(
      config.problems.map(\.description) == [
        """
        wg0.conf:3: 'Address' has no '='; wg-quick then stops and removes the interface, so no tunnel comes up; \
        write Address = 10.64.0.2/32 or remove the line
        """
      ])
    var policy = TunnelPolicy()
    config.apply(to: &policy)
    #expect(policy.endpoints.count == 1)
    #expect(policy.tunnelResolvers.count == 1)
    #expect(policy.tunnelAddresses.isEmpty)
  }

  @Test func `sections, keys and switches ignore case and white space`() throws {
    let config = try WireGuardConfig(
      "\t[interface]\r\nADDRESS=10.0.0.2/24 10.0.0.3 # two\r\nmtu = 1420\r\nsaveConfig = TRUE\r\n"
        + "FWMARK = 0xCA6C\r\nTable = off\r\n[PEER]\r\npublickey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\r\n"
        + "endpoint = 192.95.5.67 : 1234\r\nPersistentKeepalive = OFF\r\nPresharedKey = x\r\n", fileName: "a")
    #expect(config.problems == [])
    #expect(config.addresses.map(\.value.address.description) == ["10.0.0.2", "10.0.0.3"])
    #expect(config.addresses.map(\.value.prefixLength) == [24, 32])
    #expect(config.mtu?.value == 1420)
    #expect(config.savesConfig?.value == true)
    #expect(config.firewallMark?.value == 0xCA6C)
    #expect(config.table?.value == "off")
    #expect(config.peers[0].endpoint?.value == .address(Endpoint(address: IPAddress("192.95.5.67")!, port: 1234)))
    #expect(config.peers[0].persistentKeepalive?.value == 0)
    #expect(config.peers[0].hasPresharedKey)
  }

  @Test func `repeated keys accumulate, even over several interface sections`() throws {
    let config = try WireGuardConfig(
      """
      [Interface]
      Address = 10.0.0.2
      DNS = 10.0.0.1, fc00::1
      [Interface]
      Address = fd00::2/64
      DNS = lan home.arpa
      PreUp = one
      PreUp = two
      """, fileName: "wg0.conf")
    #expect(config.addresses.map(\.line) == [2, 5])
    #expect(config.resolvers.map(\.value.description) == ["10.0.0.1", "fc00::1"])
    #expect(config.searchDomains.map(\.value) == ["lan", "home.arpa"])
    #expect(config.hooks.map(\.value.command) == ["one", "two"])
  }

  @Test func `every peer keeps its own endpoint`() throws {
    let config = try WireGuardConfig(
      """
      [Peer]
      PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
      Endpoint = [2607:5300:60:6b0::c05f:543]:2468
      [Peer]
      PublicKey = gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=
      Endpoint = test.wireguard.com:18981
      [Peer]
      PublicKey = TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=
      Endpoint = 2001:db8::5:51820
      """, fileName: "wg0.conf")
    #expect(config.problems == [])
    var policy = TunnelPolicy()
    #expect(config.apply(to: &policy) == [])
    #expect(
      policy.endpoints.map(\.value.endpoint.description) == [
        "[2607:5300:60:6b0::c05f:543]:2468", "[2001:db8::5]:51820",
      ])
    #expect(policy.namedEndpoints.map(\.value.name) == ["test.wireguard.com"])
    #expect(policy.namedEndpoints.map(\.origin) == ["wg0.conf:6"])
  }

  @Test(arguments: [
    ("ListenPort = 51820\n[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", [51820]),
    ("ListenPort = 0\n[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", []),
    ("ListenPort = 51820\n[Peer]\nEndpoint = 192.0.2.1:1", []),
    // A broken Endpoint is not a missing one: a typing error opens no port.
    ("ListenPort = 51820\n[Peer]\nEndpoint = 192.0.2.1", []),
    ("ListenPort = 51820", []),
  ])
  func `a port is served only to peers without an endpoint`(text: String, ports: [UInt16]) throws {
    var policy = TunnelPolicy()
    try WireGuardConfig("[Interface]\n" + text, fileName: "wg0.conf").apply(to: &policy)
    #expect(policy.servedPorts.map(\.value) == ports)
  }

  @Test func `a configuration without a tunnel says so`() throws {
    var policy = TunnelPolicy()
    let problems = try WireGuardConfig("[Interface]\nAddress = 10.0.0.2/32\n", fileName: "wg0.conf").apply(to: &policy)
    #expect(problems.count == 1)
    #expect(problems[0].description.hasPrefix("wg0.conf: no peer has a usable Endpoint"))
  }
}
