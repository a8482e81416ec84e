import Foundation
import TestNeeds
import TestSupport
import Testing

/// What real clients say in clear, against what tshark reassembles from the same captures.
@Suite struct NameOracleTests {
  /// The tshark fields for each of our kinds.
  private static let fields: [(kind: String, names: [String])] = [
    ("server-name", ["tls.handshake.extensions_server_name", "http.host"]), ("question", ["dns.qry.name"]),
    ("client-subnet", ["dns.opt.client.addr4", "dns.opt.client.addr6"]),
  ]

  private static func dissect(_ path: String, _ fields: [String]) throws -> Set<String> {
    // Only what the client sends: a response repeats the question.
    var arguments = ["tshark", "-n", "-r", path, "-Y", "ip.src == 172.18.0.2", "-T", "fields", "-E", "occurrence=a"]
    arguments += ["-E", "aggregator=;"] + fields.flatMap { ["-e", $0] }
    let result = try RunningCommand(URL(filePath: "/usr/bin/env"), arguments).wait()
    try #require(!result.output.isEmpty, "tshark: \(result.errors)")
    return Set(result.output.split { "\t\n;".contains($0) }.map(String.init))
  }

  @Test(.needs(.tshark), arguments: ["tls", "quic", "http-dns"])
  func `names what tshark names`(capture: String) throws {
    let path = "captures/names/\(capture).pcap"
    let leaks = try Command.run(["replay", path, "--wg-config", "captures/formats/wg0.conf", "--format", "json"])
      .summary().leaks
    var named = Dictionary(grouping: leaks.flatMap(\.details), by: \.kind).mapValues { Set($0.map(\.text)) }
    named["question"] = Set(leaks.flatMap(\.questions).map { String($0.prefix { $0 != " " }) })
    // tshark shows only the subnet's address.
    named["client-subnet"] = named["client-subnet"].map { Set($0.map { String($0.prefix { $0 != "/" }) }) }
    var count = 0
    for (kind, fields) in Self.fields {
      let expected = try Self.dissect(path, fields)
      #expect(named[kind] ?? [] == expected, "\(kind)")
      count += expected.count
    }
    #expect(count >= 4)
  }

  /// Datagrams overtake each other: the second half of a hello comes first, and is opened all the same.
  @Test func `names the servers of QUIC hellos whose datagrams come in reverse order`() throws {
    let capture = try [UInt8](Data(contentsOf: Command.repository.appending(path: "captures/names/quic.pcap")))
    // A header of 24 bytes, then records of 16 bytes and the frame, whose length is the third word, in our byte order.
    var records: [ArraySlice<UInt8>] = []
    var rest = capture.dropFirst(24)
    while rest.count > 16 {
      let length = rest.dropFirst(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      records.append(rest.prefix(16 + length))
      rest = rest.dropFirst(16 + length)
    }
    let directory = try TemporaryDirectory()
    let path = try directory.file("reversed.pcap", capture.prefix(24) + records.reversed().flatMap { $0 })
    let leaks = try Command.run(["replay", path, "--wg-config", "captures/formats/wg0.conf", "--format", "json"])
      .summary().leaks
    #expect(
      Set(leaks.flatMap(\.details).map(\.text))
        == ["one.example", "two.example", "long-one.example", "long-two.example"])
  }

  @Test func `reads the info-hash in a tracker request`() throws {
    let leaks = try Command.run([
      "replay", "captures/names/http-dns.pcap", "--wg-config", "captures/formats/wg0.conf", "--format", "json",
    ]).summary().leaks
    let hashes = leaks.flatMap(\.details).filter { $0.kind == "info-hash" }.map(\.text)
    #expect(hashes == ["123456789abcdef123456789abcdef123456789a"])
  }
}
