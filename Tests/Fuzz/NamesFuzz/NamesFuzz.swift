import Audit
import FuzzInput
import Policy
import TestSupport
import Wire

/// Any bytes as what leaks say in clear: as the beginning of a stream, as datagrams, and through an audit that puts
/// segments together. Nothing traps, and what comes out is printable.
///
/// The input is one byte for the port, then pieces: two bytes of offset, one of length, so many bytes, again and again.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe fuzzInput(bytes, count)
  readWhole(input)
  var rest = input[...]
  guard let selector = rest.popFirst() else { return 0 }
  let port: UInt16 = [443, 53, 80, 67, 6881, 3478][Int(selector & 7) % 6]
  var packets: [[UInt8]] = []
  if selector & 8 != 0 {
    packets.append(tcpPacket("172.18.0.2:40000", "203.0.113.7:\(port)", flags: 2, sequence: .max - 99))
  }
  while let high = rest.popFirst(), let low = rest.popFirst(), let length = rest.popFirst() {
    let piece = Array(rest.prefix(Int(length)))
    rest = rest.dropFirst(Int(length))
    let sequence = UInt32.max - 98 &+ UInt32(high) << 8 &+ UInt32(low)
    packets.append(
      selector & 16 == 0
        ? tcpPacket("172.18.0.2:40000", "203.0.113.7:\(port)", piece, sequence: sequence)
        : udpPacket("172.18.0.2:40000", "203.0.113.7:\(port)", piece))
  }
  packets.append(udpPacket("172.18.0.2:40001", "203.0.113.7:\(port)", Array(input.prefix(1400))))
  audit(packets)
  return 0
}

private func audit(_ packets: [[UInt8]]) {
  var auditor = Auditor(TunnelPolicy(), infersEndpoints: false, seed: 1)
  var cursor = SourceCursor()
  cursor.interfaces = [auditor.attach(InterfaceTally(name: "fuzz", linkType: .raw, role: nil))]
  var source = FrameList(packets.map { SampleFrame($0) })
  var observer = NoObserver()
  _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
  for finding in auditor.summary(ConclusionRules()).findings {
    for detail in finding.details.elements { expectPrintable(detail.text) }
    for question in finding.questions.elements { expectPrintable(question.text) }
  }
}

private func readWhole(_ input: [UInt8]) {
  let bytes = input.rawSpan
  if case .whole(let hello) = TLSClientHello.read(handshake: bytes) { expectPrintable(hello.serverName) }
  if case .whole(let hello) = TLSClientHello.read(records: bytes) { expectPrintable(hello.serverName) }
  if case .whole(let head) = HTTPRequestHead.read(bytes) {
    expectPrintable(head.host)
    expectPrintable(head.target)
    for hash in BitTorrent.infoHashes(trackerTarget: head.target) { precondition(hash.utf8.count == 40, "a hash") }
  }
  if let hash = BitTorrent.infoHash(distributedHashTable: bytes) { precondition(hash.utf8.count == 40, "a hash") }
  for hash in BitTorrent.infoHashes(localDiscovery: bytes) { precondition(hash.utf8.count == 40, "a hash") }
  expectPrintable(STUNMessage(bytes)?.software)
  expectPrintable(DHCPHostName.read(bytes))
  _ = EDNSClientSubnet(message: bytes)
  for piece in QUICCryptoFrames(bytes).list {
    precondition(piece.range.upperBound <= input.count, "within the payload")
  }
  if let header = QUICLongHeader(bytes, at: 0) {
    precondition(header.end <= input.count && header.packetNumberOffset <= header.end, "within the datagram")
  }
}

private func expectPrintable(_ text: String?) {
  precondition((text ?? "").utf8.allSatisfy { (0x20...0x7E).contains($0) }, "printable ASCII only")
}
