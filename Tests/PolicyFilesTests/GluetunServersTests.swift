import Foundation
import Policy
import TestSupport
import Testing
import Wire

@testable import ComposeFiles
@testable import PolicyFiles
@testable import TextFiles

/// gluetun's list of servers, in the forms of its versions.
struct GluetunServersTests {
  private static let keys = [
    "a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=", "oIlcCoo1li5q5KJcptI96RYskcf4JAnqRoEUXvYPZic=",
  ]

  private static let mullvad = """
    {"version": 4, "timestamp": 1767222000, "servers": [
      {"vpn": "openvpn", "country": "Sweden", "hostname": "se-1", "udp": true, "ips": ["192.0.2.200"]},
      {"vpn": "wireguard", "country": "Sweden", "city": "Malm\\u00f6", "hostname": "se-mma-wg-001", "owned": true,
       "wgpubkey": "\(keys[0])", "ips": ["192.0.2.1", "2001:db8::1"]},
      {"vpn": "wireguard", "country": "Netherlands", "city": "Amsterdam", "hostname": "nl-ams-wg-001", "isp": "M247",
       "categories": ["P2P", "Standard VPN servers"], "number": 12, "server_name": "NL#12", "stream": true,
       "wgpubkey": "\(keys[1])", "ips": ["192.0.2.2"]}
    ]}
    """

  private static let nordvpn = """
    {"version": 5, "timestamp": 1767222000, "servers": [
      {"vpn": "wireguard", "country": "Yemen", "region": "Africa the Middle East and India", "hostname": "ye3",
       "wgpubkey": "\(keys[0])", "ips": ["198.51.100.3"]}]}
    """

  private static let all = #"{"nordvpn": \#(nordvpn), "mullvad": \#(mullvad), "version": 1}"#

  /// The policy of a gluetun stack with these variables and these files in the folder at /gluetun.
  private static func stated(
    _ variables: [String: String] = [:], _ files: [String: String] = ["servers.json": all],
    mount: String = "./g:/gluetun",
    prepare: (URL) throws -> Void = { _ in }
  ) throws -> (policy: TunnelPolicy, problems: [String]) {
    let folder = try TemporaryDirectory()
    for (path, text) in files { try folder.file("g/\(path)", text) }
    var environment = [
      "VPN_SERVICE_PROVIDER": "Mullvad", "VPN_TYPE": "wireguard", "WIREGUARD_ADDRESSES": "10.64.114.74/32",
    ]
    environment.merge(variables) { _, later in later }
    let lines = environment.sorted { $0.key < $1.key }.map { "      \($0.key): \"\($0.value)\"" }
    let text = """
      services:
        gluetun:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          volumes: ["\(mount)"]
          environment:
      \(lines.joined(separator: "\n"))
      volumes: {data: {}}
      """
    try folder.file("compose.yaml", text)
    try prepare(folder.url.appending(path: "g"))
    let stack = VPNStack(try ComposeProject.load([folder.path("compose.yaml")], environment: [:]))
    var policy = TunnelPolicy()
    let problems = stack.apply(to: &policy).map(\.message)
    return (policy, problems)
  }

  private static func servers(_ variables: [String: String]) throws -> [String] {
    try stated(variables).policy.endpointLists.flatMap { $0.value.servers.map { "\($0.endpoint)" } }
  }

  @Test func `servers are read with their keys and the provider's port`() throws {
    let (policy, problems) = try Self.stated()
    let list = try #require(policy.endpointLists.first)
    #expect(problems == [] && policy.endpointLists.count == 1)
    #expect(list.origin.hasSuffix("/g/servers.json"))
    #expect(list.value.name == "gluetun's list of servers")
    #expect(list.value.extent == "2 of mullvad, port 51820, as of 2025-12-31")
    #expect(
      list.value.servers.map { "\($0.endpoint)" } == ["192.0.2.1:51820", "[2001:db8::1]:51820", "192.0.2.2:51820"])
    #expect(
      list.value.servers.map(\.publicKey) == [Self.keys[0], Self.keys[0], Self.keys[1]].map { WireGuardKey($0)?.bytes })
  }

  @Test(arguments: [
    (["SERVER_COUNTRIES": "Germany, netherlands"], 2), (["SERVER_CITIES": "MALMÖ"], 1),
    (["SERVER_HOSTNAMES": "se-mma-wg-001"], 1),
    (["SERVER_NAMES": "nl#12"], 2), (["OWNED_ONLY": "yes"], 1), (["STREAM_ONLY": "on"], 2), (["OWNED_ONLY": "no"], 3),
    (["ISP": "m247"], 2), (["SERVER_NUMBER": "12"], 2), (["SERVER_CATEGORIES": "p2p"], 2), (["COUNTRY": "Sweden"], 1),
    (["SERVER_REGIONS": "Sweden"], 1), (["SERVER_COUNTRIES": " , "], 3),
    (["SERVER_COUNTRIES": "Sweden,Netherlands"], 3),
  ])
  func `variables choose as gluetun does`(variables: [String: String], which: Int) throws {
    let chosen = [[], ["192.0.2.1:51820", "[2001:db8::1]:51820"], ["192.0.2.2:51820"]]
    #expect(try Self.servers(variables) == (which == 3 ? chosen[1] + chosen[2] : chosen[which]))
  }

  @Test(arguments: [
    (["WIREGUARD_ENDPOINT_PORT": "443"], "443"), (["VPN_ENDPOINT_PORT": "53"], "53"),
    (["WIREGUARD_ENDPOINT_PORT": "0"], "51820"), ([:], "51820"),
  ])
  func `the port is the stated one, or the provider's`(variables: [String: String], port: String) throws {
    #expect(try Self.servers(variables).allSatisfy { $0.hasSuffix(":\(port)") })
    #expect(try Self.servers(["VPN_SERVICE_PROVIDER": "NordVPN"]) == ["198.51.100.3:51820"])
  }

  private static let openVPN = """
    {"version": 1, "private internet access": {"servers": [
       {"vpn": "openvpn", "region": "CA Toronto", "tcp": true, "udp": true, "port_forward": true, "ips": ["192.0.2.31"]}]},
     "vyprvpn": {"servers": [{"vpn": "openvpn", "udp": true, "ips": ["192.0.2.32"]}]},
     "nordvpn": {"servers": [{"vpn": "openvpn", "tcp": true, "country": "Yemen", "ips": ["192.0.2.33", "2001:db8::33"]},
                             {"vpn": "openvpn", "udp": true, "country": "Peru", "ips": ["192.0.2.34"]}]}}
    """

  @Test(arguments: [
    (["VPN_SERVICE_PROVIDER": "PIA"], "192.0.2.31:8080 192.0.2.31:1197"),
    (["VPN_SERVICE_PROVIDER": "private internet access", "OPENVPN_PROTOCOL": "tcp"], "192.0.2.31:8443 192.0.2.31:501"),
    (
      [
        "VPN_SERVICE_PROVIDER": "private internet access",
        "PRIVATE_INTERNET_ACCESS_OPENVPN_ENCRYPTION_PRESET": "normal",
        "SERVER_REGIONS": "ca toronto",
      ], "192.0.2.31:1198"
    ),
    (["VPN_SERVICE_PROVIDER": "vyprvpn"], "192.0.2.32:443"), (["VPN_SERVICE_PROVIDER": "nordvpn"], "192.0.2.34:1194"),
    (["VPN_SERVICE_PROVIDER": "nordvpn", "PROTOCOL": "tcp"], "192.0.2.33:443 [2001:db8::33]:443"),
    (["VPN_SERVICE_PROVIDER": "nordvpn", "VPN_ENDPOINT_PORT": "53"], "192.0.2.34:53"),
    (["VPN_SERVICE_PROVIDER": "nordvpn", "OPENVPN_ENDPOINT_PORT": "80", "PORT": "1"], "192.0.2.34:80"),
  ])
  func `OpenVPN's servers are chosen by protocol and port`(variables: [String: String], servers: String) throws {
    let type = variables.merging(["VPN_TYPE": "openvpn"]) { given, _ in given }
    let (policy, problems) = try Self.stated(type, ["servers.json": Self.openVPN])
    #expect(problems == [] && policy.infersOpenVPN)
    #expect(
      policy.endpointLists.flatMap { $0.value.servers.map { "\($0.endpoint)" } }.joined(separator: " ") == servers)
    #expect(policy.endpointLists.map(\.value.shape) == [.openVPN])
  }

  @Test(arguments: [
    (
      ["VPN_SERVICE_PROVIDER": "vyprvpn", "OPENVPN_PROTOCOL": "tcp"],
      "which port 'vyprvpn' uses for OpenVPN over TCP is not known: over TCP nothing else shows the Endpoint: state it with "
        + "--endpoint address:port/tcp"
    ),
    (
      ["VPN_SERVICE_PROVIDER": "surfshark"],
      "holds no OpenVPN server of 'surfshark': the start of an OpenVPN session"
    ),
  ])
  func `an OpenVPN server that no list shows is asked for`(variables: [String: String], words: String) throws {
    let type = variables.merging(["VPN_TYPE": "openvpn"]) { given, _ in given }
    let (policy, problems) = try Self.stated(type, ["servers.json": Self.openVPN])
    #expect(policy.endpointLists.isEmpty && problems.count == 1)
    #expect(problems.first?.contains(words) == true, "\(problems)")
  }

  @Test func `newer versions have a manifest and a file for each provider`() throws {
    let manifest = #"{"mullvad": {"filepath": "/gluetun/servers/mullvad.json"}, "version": 1}"#
    let files = ["servers/manifest.json": manifest, "servers/mullvad.json": Self.mullvad, "servers.json": "no JSON"]
    let (policy, problems) = try Self.stated([:], files)
    #expect(problems == [] && policy.endpointLists.first?.value.servers.count == 3)
    #expect(policy.endpointLists.first?.origin.hasSuffix("/g/servers/mullvad.json") == true)
    // Another folder, and the one file by name.
    let moved = try Self.stated(
      ["STORAGE_SERVERS_DIRECTORY_PATH": "/gluetun/lists/"],
      [
        "lists/manifest.json": #"{"version": 1, "mullvad": {"filepath": "/gluetun/other.json"}}"#,
        "other.json": Self.mullvad,
      ])
    #expect(moved.policy.endpointLists.first?.value.servers.count == 3)
    let named = try Self.stated(["STORAGE_FILEPATH": "/gluetun/s.json"], ["s.json": Self.all])
    #expect(named.policy.endpointLists.first?.value.servers.count == 3)
    // A manifest may be hostile.
    for path in ["/gluetun/../etc/passwd", "servers/mullvad.json", "/etc/passwd", "/gluetun/none.json"] {
      let told = try Self.stated(
        [:], ["servers/manifest.json": #"{"version": 1, "mullvad": {"filepath": "\#(path)"}}"#])
      #expect(told.policy.endpointLists.isEmpty)
      #expect(told.problems.first?.contains("points to a file that its mounts do not show") == true)
    }
  }

  @Test(
    arguments: [
      ([:], [:], "./g:/gluetun", "is not there (/gluetun/servers/manifest.json, /gluetun/servers.json;"),
      ([:], [:], "data:/gluetun", "is in a volume of the engine (watch asks where that is)"),
      ([:], [:], "./g:/config/x", "is not kept on this machine (mount a folder at /gluetun to have it read)"),
      (["STORAGE_FILEPATH": ""], ["servers.json": all], "./g:/gluetun", "it keeps no list of servers"),
      (["STORAGE_SERVERS_ENABLED": "off"], ["servers.json": all], "./g:/gluetun", "it keeps no list of servers"),
      (
        [:], ["servers.json": #"{"version": 2, "mullvad": {}}"#], "./g:/gluetun",
        "its format version is '2', and only 1 is known"
      ),
      ([:], ["servers.json": "{}"], "./g:/gluetun", "it states no format version"),
      ([:], ["servers.json": ""], "./g:/gluetun", "servers.json:1: not JSON: a '{' is missing"),
      (
        [:], ["servers.json": "{\"version\": 1,\n \"mullvad\": {\"servers\": [}"], "./g:/gluetun",
        "servers.json:2: not JSON: a '{' is missing"
      ),
      ([:], ["servers.json": #"{"version": 1} {}"#], "./g:/gluetun", "something follows the end"),
      (
        [:], ["servers.json": #"{"version": 1, "nordvpn": {"servers": []}}"#], "./g:/gluetun",
        "holds no WireGuard server of 'mullvad'"
      ),
      (
        ["SERVER_CITIES": "Atlantis"], ["servers.json": all], "./g:/gluetun",
        "fits SERVER_CITIES: the list may be older"
      ),
      (["VPN_SERVICE_PROVIDER": "example"], ["servers.json": all], "./g:/gluetun", "which port 'example' uses"),
    ] as [([String: String], [String: String], String, String)])
  func `an unavailable list gives one message with what to do`(
    variables: [String: String], files: [String: String], mount: String, reason: String
  ) throws {
    let (policy, problems) = try Self.stated(variables, files, mount: mount)
    #expect(policy.endpointLists.isEmpty && problems.count == 1)
    let line = try #require(problems.first)
    #expect(line.contains(reason), "\(line)")
    #expect(line.hasPrefix("gluetun chooses its server by itself, and "))
    #expect(
      line.hasSuffix("an answered handshake of the gateway has to show the Endpoint, or state it with --endpoint"))
  }

  @Test func `only a regular file of limited size is opened`() throws {
    let pipe = try Self.stated([:], ["x": ""]) { folder in
      #expect(unsafe mkfifo(folder.appending(path: "servers.json").path, 0o600) == 0)
    }
    #expect(pipe.problems.first?.contains("this is not a regular file") == true)
    let link = try Self.stated([:], ["all.json": Self.all]) { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "servers.json"), withDestinationURL: folder.appending(path: "all.json"))
    }
    #expect(link.problems.first?.contains("this is a link") == true && link.policy.endpointLists.isEmpty)
    let huge = try Self.stated([:], ["servers.json": ""]) { folder in
      let file = try FileHandle(forWritingTo: folder.appending(path: "servers.json"))
      try file.truncate(atOffset: UInt64(GluetunServers.sizeLimit) + 1)
      try file.close()
    }
    #expect(huge.problems.first?.contains("the file is larger than 32 MiB") == true)
  }

  @Test func `more addresses than any provider has are refused`() throws {
    let server = #"{"vpn": "wireguard", "wgpubkey": "\#(Self.keys[0])", "ips": ["192.0.2.1", "192.0.2.2"]}"#
    let many = Array(repeating: server, count: GluetunServers.mostAddresses / 2 + 1).joined(separator: ",")
    let (policy, problems) = try Self.stated([:], ["servers.json": #"{"version":1,"mullvad":{"servers":[\#(many)]}}"#])
    #expect(policy.endpointLists.isEmpty)
    #expect(problems.first?.contains("it holds more than 65536 addresses of one provider") == true)
  }

  @Test func `a cut or changed list is refused or read, and never traps`() throws {
    let bytes = Array(Self.all.utf8)
    let variables = ["VPN_SERVICE_PROVIDER": "mullvad", "SERVER_CITIES": "Malmö,Amsterdam"]
    let selection = try #require(
      GluetunSelection(variables.mapValues { Located($0, at: SourcePlace("c.yaml")) }, .wireGuard))
    for count in 0..<bytes.count {
      #expect(throws: GluetunServers.Fault.self) {
        _ = try GluetunServers(inAll: Array(bytes.prefix(count)), selection)
      }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var changed = bytes
      for _ in 0..<3 {
        changed[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let read = try? GluetunServers(inAll: changed, selection) {
        #expect(read.servers.count <= 3)
      }
    }
    // Nesting does not use the thread's stack.
    let deep = Array(#"{"version": 1, "x": "#.utf8) + Array(repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(throws: GluetunServers.Fault.self) {
      _ = try GluetunServers(inAll: deep, selection)
    }
  }

  @Test func `a server with an invalid key is ignored, and the last of two entries counts`() throws {
    let bad = #"{"servers": [{"vpn": "wireguard", "wgpubkey": "x", "ips": ["192.0.2.7"]}]}"#
    let (policy, problems) = try Self.stated([:], ["servers.json": #"{"version": 1, "mullvad": \#(bad)}"#])
    #expect(policy.endpointLists.isEmpty && problems.first?.contains("no valid key") == true)
    let twice = try Self.stated(
      [:], ["servers.json": #"{"mullvad": \#(bad), "version": 1, "mullvad": \#(Self.mullvad)}"#])
    #expect(twice.policy.endpointLists.first?.value.servers.count == 3)
  }

  @Test func `a custom server or a stated address needs no list`() throws {
    for variables in [["VPN_SERVICE_PROVIDER": "custom"], ["WIREGUARD_ENDPOINT_IP": "203.0.113.178"]] {
      let (policy, problems) = try Self.stated(variables)
      #expect(policy.endpointLists.isEmpty && !problems.contains { $0.contains("chooses its server") })
    }
  }

  @Test func `a stated address has the provider's port`() throws {
    for (provider, port) in [("ivpn", 58237), ("mullvad", 51820), ("custom", 51820), ("airvpn", 1637)] {
      let (policy, _) = try Self.stated([
        "VPN_SERVICE_PROVIDER": provider, "WIREGUARD_ENDPOINT_IP": "203.0.113.178",
        "WIREGUARD_PUBLIC_KEY": Self.keys[0],
      ])
      #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:\(port)"])
    }
  }

  @Test func `a key without an address restricts the server`() throws {
    let (policy, problems) = try Self.stated(["WIREGUARD_PUBLIC_KEY": Self.keys[0]])
    #expect(policy.inferredPeerKeys.map(\.value) == [WireGuardKey(Self.keys[0])?.bytes])
    #expect(problems == [] && policy.endpoints.isEmpty)
  }

  /// By its name, which may differ from the key, even before there is a container.
  @Test(arguments: [
    ("{}", "media_data"), ("{name: own}", "own"), ("{external: true}", "data"), ("{external: true, name: old}", "old"),
    ("{external: {name: older}}", "older"),
  ])
  func `the engine knows where a volume's files are`(declared: String, name: String) throws {
    let folder = try TemporaryDirectory()
    try folder.file("servers.json", Self.all)
    let text = """
      name: media
      services:
        gluetun:
          image: qmcgaw/gluetun
          container_name: vpn
          cap_add: [NET_ADMIN]
          volumes: ["data:/gluetun"]
          environment: {VPN_SERVICE_PROVIDER: mullvad, VPN_TYPE: wireguard, WIREGUARD_ADDRESSES: 10.64.114.74/32}
      volumes: {data: \(declared)}
      """
    try folder.file("compose.yaml", text)
    let stack = VPNStack(try ComposeProject.load([folder.path("compose.yaml")], environment: [:]))
    var policy = TunnelPolicy()
    var problems = stack.apply(to: &policy)
    stack.readLists(into: &policy, &problems, mounts: { _ in nil }, volumes: { ["other": folder.path] })
    #expect(problems.count == 1 && policy.endpointLists.isEmpty)
    var (later, laterProblems) = (policy, problems)
    stack.readLists(into: &later, &laterProblems, mounts: { _ in nil }, volumes: { [name: folder.path] })
    #expect(laterProblems == [] && later.endpointLists.first?.value.servers.count == 3)
    stack.readLists(
      into: &policy, &problems, mounts: { $0 == "vpn" ? [(folder.path, "/gluetun")] : nil }, volumes: { [:] })
    #expect(problems == [] && policy.endpointLists.first?.value.servers.count == 3)
  }
}
