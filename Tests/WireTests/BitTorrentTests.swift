import TestSupport
import Testing
import Wire

@Suite struct BitTorrentTests {
  private let hash = (0..<20).map { UInt8($0 * 12) }
  private let text = "000c1824303c4854606c7884909ca8b4c0ccd8e4"

  private func dht(_ message: [UInt8]) -> String? { BitTorrent.infoHash(distributedHashTable: message.rawSpan) }

  private func query(_ method: String, _ arguments: [UInt8]) -> [UInt8] {
    Array("d1:ad2:id20:".utf8) + filler(20) + arguments + Array("e1:q\(method.utf8.count):\(method)1:t2:aa1:y1:qe".utf8)
  }

  private var getPeers: [UInt8] { query("get_peers", Array("9:info_hash20:".utf8) + hash) }

  @Test func `reads a peer's handshake, and needs more bytes at every prefix`() {
    let handshake = [19] + Array("BitTorrent protocol".utf8) + filler(8, 0) + hash + filler(20)
    for count in 0..<48 {
      guard case .needsMore = BitTorrent.read(handshake: Array(handshake.prefix(count)).rawSpan) else {
        Issue.record("\(count) bytes")
        return
      }
    }
    guard case .whole(text) = BitTorrent.read(handshake: handshake.rawSpan) else {
      Issue.record("not read")
      return
    }
    guard case .other = BitTorrent.read(handshake: [19, 0x62].rawSpan) else {
      Issue.record("another greeting")
      return
    }
  }

  @Test func `reads what a DHT query looks for or announces`() {
    #expect(dht(getPeers) == text)
    let announce = Array("12:implied_porti1e9:info_hash20:".utf8) + hash + Array("4:porti6881e5:token3:abc".utf8)
    #expect(dht(query("announce_peer", announce)) == text)
    // Keys that come before, with lists and dictionaries in them.
    let nested = Array("1:bd1:xl1:yi-5ed1:zleeee".utf8) + Array("9:info_hash20:".utf8) + hash
    #expect(dht(query("get_peers", nested)) == text)
  }

  @Test func `reads nothing from other queries, from responses and from hashes of another length`() {
    #expect(dht(query("find_node", Array("6:target20:".utf8) + hash)) == nil)
    #expect(dht(query("ping", Array("9:info_hash20:".utf8) + hash)) == nil)
    #expect(dht(query("get_peers", Array("9:info_hash19:".utf8) + hash.dropLast())) == nil)
    #expect(
      dht(Array("d1:rd2:id20:".utf8) + filler(20) + Array("9:info_hash20:".utf8) + hash + Array("ee".utf8)) == nil)
    #expect(dht(Array("d1:q9:get_peerse".utf8)) == nil)
  }

  @Test func `reads nothing from a prefix without the method`() {
    for count in 0..<getPeers.count - 15 { #expect(dht(Array(getPeers.prefix(count))) == nil, "\(count) bytes") }
  }

  @Test(arguments: [
    "d99999999999999999999:", "d-1:", "d", "", "de", "d1:ai", "d1:aiXe1:q9:get_peerse", "d5:info", "dd", "di1e",
    "d1:a" + String(repeating: "l", count: 5000), "d1:a" + String(repeating: "d1:a", count: 5000), "d0:0:",
  ])
  func `ends on hostile dictionaries`(text: String) { #expect(dht(Array(text.utf8)) == nil) }

  @Test func `reads the announcements of local discovery`() {
    let head = "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n"
    let announcement =
      head + "Infohash: \(text.uppercased())\r\nInfohash: \(text)\r\nInfohash: \u{1B}\r\ncookie: 1\r\n\r\n"
    #expect(BitTorrent.infoHashes(localDiscovery: Array(announcement.utf8).rawSpan) == [text, text])
    #expect(BitTorrent.infoHashes(localDiscovery: Array(announcement.utf8.dropFirst()).rawSpan).isEmpty)
    let many = head + String(repeating: "Infohash: \(text)\r\n", count: 100)
    #expect(BitTorrent.infoHashes(localDiscovery: Array(many.utf8).rawSpan).count == 16)
  }

  @Test func `reads tracker requests`() {
    let encoded = hash.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(BitTorrent.infoHashes(trackerTarget: "/announce?peer_id=x&info_hash=\(encoded)&port=1") == [text])
    #expect(
      BitTorrent.infoHashes(trackerTarget: "/scrape?info_hash=abcdefghijklmnopqrst&info_hash=\(encoded)")
        == ["6162636465666768696a6b6c6d6e6f7071727374", text])
    for target in [
      "/announce", "/a?info_hash=", "/a?info_hash=%4", "/a?info_hash=%zz\(encoded)", "/a?x_info_hash=\(encoded)",
    ] {
      #expect(BitTorrent.infoHashes(trackerTarget: target).isEmpty, "\(target)")
    }
  }
}
