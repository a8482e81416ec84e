import Audit
import MallocCounter
import Policy
import Savefile
import TestSupport
import Wire

/// Parts of the program's way of a frame, run inside this process: what a stage costs, and what it allocates.
enum Stages {
  static var policy: TunnelPolicy {
    var policy = TunnelPolicy()
    let endpoint = Endpoint(address: Traffic.endpoint, port: Traffic.endpointPort)
    policy.endpoints = [Stated(TunnelEndpoint(endpoint), origin: "benchmark")]
    return policy
  }

  /// Nanoseconds per frame of the reader alone, and of decoding and classifying alone.
  static func nanoseconds(_ path: String) throws -> (reader: Double, decision: Double) {
    var best = (reader: Double.infinity, decision: Double.infinity)
    let sample = try Sample(path)
    for _ in 0..<3 {
      best.reader = min(best.reader, try readerTime(path))
      best.decision = min(best.decision, sample.decisionTime())
    }
    return best
  }

  private static func readerTime(_ path: String) throws -> Double {
    var reader = try SavefileReader(try ByteStream(path: path))
    var frames = 0
    var bytes = 0
    let start = ContinuousClock.now
    while try reader.advance() {
      frames += 1
      bytes &+= reader.frame.bytes.byteCount
    }
    let time = (ContinuousClock.now - start) / .nanoseconds(1)
    return bytes == 0 ? .infinity : time / Double(frames)
  }

  /// How many allocations the audit of a whole file makes, from open to end.
  static func allocations(_ path: String) throws -> UInt64 {
    let before = malloc_count()
    var auditor = Auditor(policy, seed: 1)
    var reader = try SavefileReader(try ByteStream(path: path))
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "benchmark", linkType: .ethernet, role: nil))]
    var observer = NoObserver()
    while true {
      let pause = try auditor.audit(&reader, &cursor, until: .distantFuture, limit: 1 << 16, observer: &observer)
      guard case .limit = pause else { break }
    }
    return malloc_count() - before
  }
}

/// The first frames of a file, held in memory.
private struct Sample {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  private static var limit: Int { 4 << 20 }

  init(_ path: String) throws {
    var reader = try SavefileReader(try ByteStream(path: path))
    while bytes.count < Self.limit, try reader.advance() {
      let frame = reader.frame.bytes
      for offset in 0..<frame.byteCount { bytes.append(frame.uint8(at: offset)) }
      ends.append(bytes.count)
    }
  }

  /// Nanoseconds per frame.
  func decisionTime() -> Double {
    var classifier = Classifier(Stages.policy, seed: 1)
    var tunnel = 0
    let rounds = max(1, 2_000_000 / ends.count)
    let start = ContinuousClock.now
    for _ in 0..<rounds {
      var begin = 0
      for end in ends {
        let frame = CapturedFrame(
          bytes: bytes.rawSpan.extracting(begin..<end), originalLength: end - begin,
          timestamp: Timestamp(nanoseconds: 0), linkType: .ethernet, interface: 0, recordDirection: .unknown)
        begin = end
        let decision = classifier.classify(PacketDecoder.decode(frame), frame, at: Place(0, nil))
        if decision.endpoint == 0 { tunnel += 1 }
      }
    }
    let time = (ContinuousClock.now - start) / .nanoseconds(1)
    return tunnel == 0 ? .infinity : time / Double(rounds * ends.count)
  }
}
