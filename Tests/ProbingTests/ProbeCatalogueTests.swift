import Probing
import Testing
import Wire

struct ProbeCatalogueTests {
  private static let catalogue = ProbeCatalogue(
    containerResolver: IPAddress("127.0.0.11"), tunnelResolver: IPAddress("10.64.0.1"),
    lanResolver: IPAddress("192.168.1.1"))

  @Test func `no two probes share a number or an id`() {
    let probes = ProbeCatalogue.probes
    #expect(Set(probes.map(\.number)).count == probes.count)
    #expect(Set(probes.map(\.id)).count == probes.count)
    #expect(probes.map(\.number) == probes.map(\.number).sorted())
  }

  @Test func `each packet to a fixed address belongs to one probe`() {
    for probe in ProbeCatalogue.probes {
      guard case .address(let address) = probe.target else { continue }
      let found = Self.catalogue.probe(forDestination: address, transport: probe.transport, port: probe.port)
      #expect(found?.id == probe.id)
    }
  }

  @Test func `a lookup belongs to the probe of its resolver`() throws {
    for (address, id) in [
      ("10.64.0.1", "dns-udp-tunnel"), ("192.168.1.1", "dns-udp-lan"), ("198.51.100.53", "dns-udp-public"),
      ("127.0.0.11", "dns-udp-docker"), ("2001:db8:51::53", "dns-udp-public6"),
    ] {
      let address = try #require(IPAddress(address))
      #expect(Self.catalogue.probe(forDestination: address, transport: .udp, port: 53)?.id == id)
    }
  }

  @Test(arguments: [
    ("198.51.100.53", IPProtocol.udp, UInt16(54)), ("198.51.100.53", .icmp, 0), ("198.51.100.52", .udp, 53),
    ("2001:db8:51::443", .udp, 443), ("0.0.0.0", .udp, 53),
  ])
  func `a packet to elsewhere is an application's own`(_ text: String, _ transport: IPProtocol, _ port: UInt16) throws {
    let address = try #require(IPAddress(text))
    #expect(Self.catalogue.probe(forDestination: address, transport: transport, port: port) == nil)
  }

  @Test func `a ping belongs to its probe whatever stands where ports would`() throws {
    let address = try #require(IPAddress("198.51.100.11"))
    #expect(Self.catalogue.probe(forDestination: address, transport: .icmp, port: 2048)?.id == "icmp")
  }

  @Test func `only what stays on the own network is local`() throws {
    let internet = [IPPrefix("198.51.100.0/24"), IPPrefix("2001:db8:51::/64")].compactMap { $0 }
    for probe in ProbeCatalogue.probes {
      guard case .address(let address) = probe.target, address != IPAddress("127.0.0.11") else { continue }
      #expect(probe.isLocal != internet.contains { $0.contains(address) }, "\(probe.id)")
    }
  }

  @Test func `a connection to the Endpoint's own host belongs to its probe`() throws {
    let endpoint = try #require(IPAddress("203.0.113.178"))
    let catalogue = ProbeCatalogue(
      containerResolver: nil, tunnelResolver: nil, lanResolver: nil, endpoint: endpoint)
    #expect(catalogue.probe(forDestination: endpoint, transport: .tcp, port: 443)?.id == "https-endpoint")
    // The tunnel's own packets are no probe's.
    #expect(catalogue.probe(forDestination: endpoint, transport: .udp, port: 51820) == nil)
    #expect(Self.catalogue.probe(forDestination: endpoint, transport: .tcp, port: 443) == nil)
  }

  @Test func `a drill without a resolver has no destination for it`() throws {
    let none = ProbeCatalogue(containerResolver: nil, tunnelResolver: nil, lanResolver: nil)
    let probe = try #require(ProbeCatalogue.probe(id: "dns-tcp-lan"))
    #expect(none.destination(of: probe) == nil)
    #expect(Self.catalogue.destination(of: probe).map { "\($0)" } == "192.168.1.1:53")
    #expect(ProbeCatalogue.probe(number: probe.number)?.id == probe.id)
  }
}
