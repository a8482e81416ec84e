import Audit
import Policy
import Savefile
import Text
import Wire

/// The names that a policy may use for an interface of a capture, the most certain first.
struct InterfaceNames {
  let all: [String]

  func role(_ policy: TunnelPolicy) -> InterfaceRole? { all.lazy.compactMap { policy.roles[$0] }.first }
}

extension Replay {
  /// The names of an interface: by the kernel's index (`3`, `any.pcap#3`) if frames state one, by its name in the
  /// capture, and by the file's name if the file has no other interface.
  func names(of interface: Int, _ index: UInt32?, _ source: OpenSavefile) -> InterfaceNames {
    let description = source.reader.interfaces[interface]
    let name = Self.interfaceName(description, interface, source, several: paths.count > 1)
    var names = index.map { ["\(name)#\($0)", "\($0)"] } ?? []
    names += [description.name, name].compactMap(\.self).filter { !$0.isEmpty }
    if source.reader.format == .pcap || source.reader.interfaceCount == 1 {
      names += [source.path, Self.fileName(source.path)]
    }
    return InterfaceNames(all: names)
  }

  /// Roles stated for interfaces that do not exist, so that nothing was judged by them. After such a slip, the audit is
  /// not the one that was meant.
  static func unmatchedRoles(_ policy: TunnelPolicy, _ names: [InterfaceNames]) -> [String] {
    let known = Set(names.flatMap(\.all))
    let there = Array(Set(names.compactMap(\.all.first))).sorted()
    let shown = there.prefix(Self.shownNames).joined(separator: ", ")
    let more = there.count > Self.shownNames ? " and \(there.count - Self.shownNames) more" : ""
    return policy.roles.filter { policy.roleOrigins[$0.key] == "--role" && !known.contains($0.key) }
      .sorted { $0.key < $1.key }
      .map { name, role in
        Formatting.safe(
          "--role '\(name)=\(role.rawValue)': no interface has this name; there "
            + (there.isEmpty ? "is none" : "\(there.count == 1 ? "is" : "are") \(shown)\(more)"))
      }
  }

  private static var shownNames: Int { 10 }
}
