import Testing

/// The JSON summary, as a program that knows only CONTRACT 7 would read it.
struct Summary: Decodable {
  struct Classes: Decodable, Equatable {
    var frames, tunnel, local, leak, allowed, ingress: Int

    var addsUp: Bool { frames == tunnel + local + leak + allowed + ingress }
  }
  struct Leak: Decodable {
    struct Detail: Decodable { var kind, text: String }
    struct Sender: Decodable {
      var certainty: String
      var container, program: String?
      var process, processInContainer: Int?
    }
    var reason, severity, interface: String
    var rule, origin, fate: String?
    var escapedFrames: Int
    var family, `protocol`, destination: String?
    var port: UInt16?
    var sources, questions: [String]
    var details: [Detail]
    var sentBy: [Sender]?
    var frames, bytes: Int
    var first: String
    var firstFrame: Int?
  }
  struct Interface: Decodable {
    var name, linkType: String
    var role: String?
    var frames, tunnel, local, leak, allowed, ingress: Int
    var bytes: Classes
    var drops, missedMessages: UInt64

    var classes: Classes {
      Classes(frames: frames, tunnel: tunnel, local: local, leak: leak, allowed: allowed, ingress: ingress)
    }
  }
  struct TunnelState: Decodable {
    var endpoint, origin, state: String
    var sent: [String: Int]
    var sentFrames, sentBytes, receivedFrames, responses, verifiedFrames: Int
    var grade: String?
  }
  struct Remedy: Decodable { var reason, action: String }
  struct Window: Decodable {
    var frames, bytes: Int
    var milliseconds: Double
  }
  struct Windows: Decodable { var beforeHandshake, whileUp, beforeNewHandshake, afterLast: Window }
  struct Event: Decodable { var time, kind, text: String }
  struct Control: Decodable {
    var interface: String
    var verdict: String?
  }
  struct Capture: Decodable { var received, droppedByKernel: UInt64 }
  struct Named: Decodable {
    var name: String
    var frames, bytes: Int
  }
  struct Notice: Decodable {
    var kind, text: String
    var count: Int?
    var first: String?
  }
  struct Policy: Decodable {
    struct Statement: Decodable { var value, origin: String }
    var isInferred: Bool
    var endpoints: [Statement]
  }

  var schema, conclusion: String
  var frames, tunnel, local, leak, allowed, ingress, failingLeaks: Int
  var leakPackets: Int?
  var bytes: Classes
  var leaks: [Leak]
  var leakWindows: Windows
  var timeline: [Event]
  var controlFrames: [Control]
  var capture: Capture?
  var interfaces: [Interface]
  var tunnelStates: [TunnelState]
  var localKinds, undeclared, allowedBy: [Named]
  var notices: [Notice]
  var incomplete: [String]
  var remedies: [Remedy]?
  var policy: Policy

  var classes: Classes {
    Classes(frames: frames, tunnel: tunnel, local: local, leak: leak, allowed: allowed, ingress: ingress)
  }

  func leaks(_ reason: String) -> Int { leaks.reduce(0) { $0 + ($1.reason == reason ? $1.frames : 0) } }

  /// Every number that appears in two places is the same in both.
  func expectToAddUp(_ location: SourceLocation = #_sourceLocation) {
    #expect(schema == "leakaudit.summary/1", sourceLocation: location)
    #expect(classes.addsUp, sourceLocation: location)
    #expect(bytes.addsUp, sourceLocation: location)
    #expect(interfaces.allSatisfy { $0.classes.addsUp && $0.bytes.addsUp }, sourceLocation: location)
    #expect(interfaces.reduce(0) { $0 + $1.frames } == frames, sourceLocation: location)
    #expect(interfaces.reduce(0) { $0 + $1.leak } == leak, sourceLocation: location)
    #expect(interfaces.reduce(0) { $0 + $1.bytes.frames } == bytes.frames, sourceLocation: location)
    #expect(leaks.reduce(0) { $0 + $1.frames } == leak, sourceLocation: location)
    #expect(leaks.reduce(0) { $0 + $1.bytes } == bytes.leak, sourceLocation: location)
    let windows = [
      leakWindows.beforeHandshake, leakWindows.whileUp, leakWindows.beforeNewHandshake, leakWindows.afterLast,
    ]
    #expect(windows.reduce(0) { $0 + $1.frames } == leak, sourceLocation: location)
    #expect(windows.reduce(0) { $0 + $1.bytes } == bytes.leak, sourceLocation: location)
    #expect(localKinds.reduce(0) { $0 + $1.frames } == local, sourceLocation: location)
    #expect(localKinds.reduce(0) { $0 + $1.bytes } == bytes.local, sourceLocation: location)
    #expect(allowedBy.reduce(0) { $0 + $1.frames } == allowed, sourceLocation: location)
    #expect(
      undeclared.reduce(0) { $0 + $1.frames }
        == localKinds.filter { $0.name == "private, undeclared" }.reduce(0) { $0 + $1.frames },
      sourceLocation: location)
    #expect(tunnelStates.allSatisfy { $0.sentFrames == $0.sent.values.reduce(0, +) }, sourceLocation: location)
    #expect(failingLeaks <= leak, sourceLocation: location)
    #expect((conclusion == "leaks") == (failingLeaks > 0), sourceLocation: location)
    #expect(conclusion != "clean" || incomplete.isEmpty, sourceLocation: location)
  }
}
