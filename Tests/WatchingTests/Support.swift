import Capture
import ComposeFiles
import Containers
import Policy
import PolicyFiles
import Synchronization
import TextFiles
import Wire

@testable import Watching

/// A moment some seconds after the tests' watch began.
func second(_ number: Double) -> Timestamp {
  Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number * 1_000_000_000))
}

/// Interfaces that a test makes and removes. What is asked is written down.
final class FakeInterfaces: InterfaceTable {
  struct Link: Sendable {
    var index: UInt32
    var role = InterfaceRole.nic
    var prefixes: [IPPrefix] = []
    var drops: UInt64 = 0
  }

  private let links: Mutex<[String: Link]>
  private let questions = Mutex<[String]>([])
  private let routes: [String]

  init(_ links: [String: Link], defaultRoutes: [String] = []) {
    self.links = Mutex(links)
    routes = defaultRoutes
  }

  subscript(name: String) -> Link? {
    get { links.withLock { $0[name] } }
    set { links.withLock { $0[name] = newValue } }
  }

  /// What was asked since the last call, in order.
  func takeQuestions() -> [String] {
    questions.withLock { questions in
      defer { questions = [] }
      return questions
    }
  }

  func index(of name: String) -> UInt32? {
    questions.withLock { $0.append("index of \(name)") }
    return self[name]?.index
  }

  func name(of index: UInt32) -> String? { links.withLock { $0.first { $0.value.index == index }?.key } }

  var newestIndex: UInt32 {
    questions.withLock { $0.append("newest") }
    return links.withLock { $0.values.map(\.index).max() ?? 0 }
  }

  func role(of name: String) -> InterfaceRole { self[name]?.role ?? .nic }
  func bridges(active: Bool) -> [String] {
    links.withLock { $0.filter { $0.value.role == .bridge }.keys.sorted() }
  }
  func defaultRoutes() -> [String] { routes }
  func prefixes(of name: String) -> [IPPrefix] { self[name]?.prefixes ?? [] }
  func drops(of name: String) -> UInt64? { self[name]?.drops }
}

/// A capture that only remembers what was selected.
struct FakeCapture: InterfaceSelection {
  var selected: [UInt32] = []
  var newest: UInt32 = 0
  var places: [UInt32: Int?] = [:]
  var failure: CaptureError?

  mutating func select(_ indices: [UInt32], newerThan newest: UInt32) throws(CaptureError) {
    if let failure { throw failure }
    selected = indices.sorted()
    self.newest = newest
  }

  mutating func place(_ index: UInt32, as interface: Int?) { places[index] = interface }
}

/// A stack of a VPN client on the network `vpn`, whose bridge has the name given; without a name, Docker makes one.
func stack(bridge: String? = nil) throws(PolicyFileError) -> VPNStack {
  let options = bridge.map { "{driver_opts: {com.docker.network.bridge.name: \($0)}}" } ?? "{}"
  let text = """
    name: home
    services:
      client: {image: linuxserver/wireguard, cap_add: [NET_ADMIN], networks: [vpn]}
    networks:
      vpn: \(options)
    """
  return VPNStack(
    try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/srv/home") {
      path throws(PolicyFileProblem) in path.hasSuffix("compose.yaml") ? Array(text.utf8) : nil
    })
}
