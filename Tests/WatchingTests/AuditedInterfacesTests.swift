import Audit
import Capture
import ComposeFiles
import Containers
import Policy
import PolicyFiles
import Testing
import TextFiles
import Wire

@testable import Watching

/// Interfaces that come and go, with a table and a capture of the test's own.
@Suite struct AuditedInterfacesTests {
  /// A watch of a machine with `eth0` (2) and `br-a` (3).
  private struct Scene: ~Copyable {
    let table: FakeInterfaces
    var interfaces: AuditedInterfaces
    var auditor: Auditor
    var capture: FakeCapture

    init(
      _ links: [String: FakeInterfaces.Link] = ["eth0": .init(index: 2), "br-a": .init(index: 3, role: .bridge)],
      named: [String] = [], _ stack: VPNStack? = nil, _ containers: ContainerSnapshot? = nil
    ) throws {
      table = FakeInterfaces(links, defaultRoutes: ["eth0"])
      let choice = try InterfaceChoice(named: named, stack: stack, containers: containers, table: table)
      var auditor = Auditor(TunnelPolicy(), seed: 1)
      var interfaces = AuditedInterfaces(choice, TunnelPolicy(), &auditor)
      interfaces.ignoreForeignBridges(containers)
      var capture = FakeCapture()
      try interfaces.begin(&capture, &auditor, at: second(0))
      self.auditor = auditor
      self.interfaces = interfaces
      self.capture = capture
    }

    mutating func appear(_ name: String, _ link: FakeInterfaces.Link) { table[name] = link }

    mutating func refresh(at now: Double) { interfaces.refresh(&capture, &auditor, at: second(now)) }

    /// A frame of this interface waits.
    mutating func identify(_ index: UInt32, at now: Double = 1) {
      interfaces.identify(index, &capture, &auditor, at: second(now))
    }

    mutating func follow(_ containers: ContainerSnapshot) {
      interfaces.follow(containers, &capture, &auditor, at: second(1))
    }

    var gaps: [String] { interfaces.gaps().map { "\($0.nature): \($0.text)" } }
  }

  @Test func `the kernel lets through what is audited, and what is newer`() throws {
    let scene = try Scene()
    #expect(scene.interfaces.names == ["br-a", "eth0"])
    #expect(scene.capture.selected == [2, 3])
    #expect(scene.capture.newest == 3)
    #expect(scene.capture.places == [2: 1, 3: 0])
    #expect(scene.gaps.isEmpty)
  }

  @Test func `the newest index is taken before anything is looked up`() throws {
    var scene = try Scene()
    scene.table["eth0"] = nil
    _ = scene.table.takeQuestions()
    scene.refresh(at: 1)
    #expect(scene.table.takeQuestions().first == "newest")
  }

  @Test func `a bridge that nobody named is audited from its first frame, a NIC is not`() throws {
    var scene = try Scene()
    scene.appear("br-new", .init(index: 7, role: .bridge))
    scene.identify(7)
    scene.appear("veth1", .init(index: 8))
    scene.identify(8)
    #expect(scene.interfaces.names == ["br-a", "eth0", "br-new"])
    #expect(scene.capture.places == [2: 1, 3: 0, 7: 2, 8: nil])
    #expect(scene.auditor.interfaces[2].role == .bridge)
    #expect(scene.gaps.isEmpty)
  }

  @Test func `if the user names interfaces, no bridge is taken up`() throws {
    var scene = try Scene(named: ["eth0"])
    scene.appear("br-new", .init(index: 7, role: .bridge))
    scene.identify(7)
    #expect(scene.interfaces.names == ["eth0"])
    #expect(scene.capture.selected == [2])
    #expect(scene.capture.places == [2: 0, 7: nil])
  }

  @Test func `an interface that comes back has another index, and the audit knows the gap`() throws {
    var scene = try Scene()
    scene.table["br-a"] = nil
    scene.refresh(at: 1)
    #expect(scene.interfaces.present.map(\.name) == ["eth0"])
    #expect(scene.gaps == ["absent: br-a is gone since 2023-11-14T22:13:21.000000Z: traffic there cannot be seen"])
    scene.appear("br-a", .init(index: 9, role: .bridge))
    scene.refresh(at: 3)
    #expect(scene.capture.selected == [2, 9])
    #expect(scene.capture.places[9] == 0)
    #expect(scene.gaps == ["lost: br-a vanished once and came back"])
    scene.table["br-a"] = nil
    scene.refresh(at: 4)
    scene.appear("br-a", .init(index: 10, role: .bridge))
    scene.refresh(at: 5)
    #expect(scene.gaps == ["lost: br-a vanished 2 times and came back"])
  }

  @Test func `an interface that never came is a gap, and no gap once it is there`() throws {
    var scene = try Scene(named: ["br-later"])
    #expect(scene.interfaces.absent == ["br-later"])
    #expect(scene.gaps == ["unheard: br-later never appeared"])
    scene.appear("br-later", .init(index: 7, role: .bridge))
    scene.refresh(at: 1)
    #expect(scene.interfaces.absent.isEmpty)
    #expect(scene.gaps.isEmpty)
    #expect(scene.auditor.interfaces[0].role == .bridge)
  }

  @Test func `frames that an interface lost before the watch are not the watch's`() throws {
    var scene = try Scene(["eth0": .init(index: 2, drops: 40)])
    scene.table["eth0"]?.drops = 42
    scene.interfaces.reportDrops(&scene.auditor)
    #expect(scene.auditor.interfaces[0].drops == 2)
  }

  @Test func `if the kernel refuses a selection, the audit says so`() throws {
    var scene = try Scene()
    scene.capture.failure = .failed("no room")
    scene.table["br-a"] = nil
    scene.refresh(at: 1)
    #expect(scene.gaps.first == "absent: cannot capture: no room")
  }

  @Test func `a bridge of another project is passed over, and audited late once a container joins it`() throws {
    var scene = try Scene(["eth0": .init(index: 2)], try stack(), .running(["home_vpn": "br-a"]))
    scene.appear("br-other", .init(index: 7, role: .bridge))
    #expect(scene.interfaces.awaitsEngine(7))
    scene.interfaces.ignoreForeignBridges(.running(["home_vpn": "br-a", "other": "br-other"]))
    #expect(!scene.interfaces.awaitsEngine(7))
    scene.identify(7)
    #expect(scene.interfaces.names == ["br-a", "eth0"])
    scene.follow(.running(["home_vpn": "br-a", "other": "br-other"], client: ["home_vpn", "other"]))
    #expect(scene.interfaces.names == ["br-a", "eth0", "br-other"])
    #expect(
      scene.gaps.contains(
        "lost: a container of the project joined br-other before it was audited: its first packets were not seen"))
  }

  @Test func `a bridge that a container of the project joins before its first frame is not late`() throws {
    var scene = try Scene(["eth0": .init(index: 2)], try stack(), .running(["home_vpn": "br-a"]))
    scene.appear("br-more", .init(index: 7, role: .bridge))
    scene.follow(.running(["home_vpn": "br-a", "more": "br-more"], client: ["home_vpn", "more"]))
    #expect(scene.interfaces.names == ["br-a", "eth0", "br-more"])
    #expect(!scene.gaps.contains { $0.hasPrefix("lost") })
  }
}
