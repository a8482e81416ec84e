import ComposeFiles
import TextFiles

/// The capabilities that decide what a consumer can send, as Docker gives them (its default set, cap_add, cap_drop).
struct ConsumerPrivileges: Equatable {
  /// In setpriv's spelling, sorted.
  private(set) var capabilities: [String] = []

  private static let concerned = ["NET_ADMIN", "NET_BIND_SERVICE", "NET_RAW"]
  private static let usual: Set = ["NET_BIND_SERVICE", "NET_RAW"]

  /// What any of these services has.
  init(_ services: [ComposeService]) {
    var all: Set<String> = []
    for service in services {
      if service.isPrivileged?.value == true {
        all.formUnion(Self.concerned)
        continue
      }
      let (added, dropped) = (service.addedCapabilities.map(\.value), service.droppedCapabilities.map(\.value))
      var own = added.contains("ALL") ? Set(Self.concerned) : dropped.contains("ALL") ? [] : Self.usual
      own.formUnion(added)
      own.subtract(dropped.filter { $0 != "ALL" })
      all.formUnion(own.intersection(Self.concerned))
    }
    capabilities = all.map { $0.lowercased() }.sorted()
  }

  /// The words that run a program as nobody, with these capabilities and no way to others.
  var words: [String] {
    let set = "-all" + capabilities.map { ",+" + $0 }.joined()
    return [
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--bounding-set=\(set)",
      "--inh-caps=\(set)", "--ambient-caps=\(set)",
    ]
  }
}
