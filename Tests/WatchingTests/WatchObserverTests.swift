import Audit
import Outputs
import Policy
import Report
import TestSupport
import Testing
import Wire

@testable import Capture
@testable import Watching

/// What is told of the leaks of a batch, and when.
@Suite struct WatchObserverTests {
  /// An audit of a bridge (0) and a NIC (1), batch by batch.
  private struct Scene: ~Copyable {
    var auditor = Auditor(TunnelPolicy(), seed: 1)
    var observer: WatchObserver
    var cursor = SourceCursor()

    init() throws {
      let telling = try WatchTelling(
        screen: LiveScreen(form: .besides), outlets: [], service: nil, evidence: nil, redactor: nil,
        gate: AlertGate(scope: .all), Unprivileged(), writeSummary: { _ in })
      observer = WatchObserver(telling, names: ["br-a", "eth0"], snapLength: 2048)
      for (name, role) in [("br-a", InterfaceRole.bridge), ("eth0", .nic)] {
        cursor.interfaces.append(auditor.attach(InterfaceTally(name: name, linkType: .raw, role: role)))
      }
    }

    /// What is told at the end of a batch of these frames.
    mutating func told(_ frames: [SampleFrame]) -> [String] {
      var source = FrameList(frames)
      _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
      observer.releaseHeld(auditor, at: second(1))
      return observer.take().map { "\($0.kind) \($0.reason) \($0.fate.map { "\($0)" } ?? "")" }
    }
  }

  private static func query(from source: String, on interface: Int) -> SampleFrame {
    SampleFrame(
      udpPacket(source, "198.51.100.53:53", dnsQuery("example.org")), interface: interface,
      direction: interface == 0 ? .incoming : .outgoing)
  }

  private static let onBridge = query(from: "172.18.0.2:4000", on: 0)
  private static let onNIC = query(from: "192.168.1.10:4000", on: 1)

  @Test func `a leak that bridge and NIC show in one batch is told once, as escaped`() throws {
    var scene = try Scene()
    let told = scene.told([Self.onBridge, Self.onNIC])
    #expect(told == ["leak dns escaped"])
  }

  @Test func `a leak that the NIC shows in a later batch is told again, as escaped`() throws {
    var scene = try Scene()
    let (first, second, third) = (scene.told([Self.onBridge]), scene.told([Self.onNIC]), scene.told([Self.onBridge]))
    #expect(first == ["leak dns attempted"])
    #expect(second == ["escaped dns escaped"])
    #expect(third.isEmpty)
  }
}
