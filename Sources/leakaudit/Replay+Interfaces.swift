import Audit
import Policy
import Savefile
import Wire

/// The interfaces of captures, as the auditor knows them: by name and role, and, in a capture of all interfaces, by the
/// kernel's index.
extension Replay {
  /// The most interfaces that are kept apart in a capture of all of a machine's interfaces.
  static var mostIndices: Int { 1024 }

  /// Tells the auditor of the interfaces that the source has described since the last call.
  func attach(_ source: OpenSavefile, _ auditor: inout Auditor, _ outcome: inout Outcome) {
    for index in source.cursor.interfaces.count..<source.reader.interfaceCount {
      let interface = source.reader.interfaces[index]
      let names = names(of: index, nil, source)
      outcome.names.append(names)
      // Frames of a skipped interface never arrive.
      guard !interface.isSkipped else {
        source.cursor.interfaces.append(-1)
        continue
      }
      if isSeveral(interface) {
        auditor.mergesCaptures = true
        auditor.holdsAllInterfaces = true
        source.cursor.interfaces.append(SourceCursor.several)
        continue
      }
      let name = Self.interfaceName(interface, index, source, several: paths.count > 1)
      let role = names.role(auditor.policy)
      source.cursor.interfaces.append(
        auditor.attach(InterfaceTally(name: name, linkType: interface.linkType, role: role)))
    }
  }

  /// Whether an interface of a capture stands for all of the machine's: its frames say which one (`tcpdump -i any`).
  func isSeveral(_ interface: SavefileInterface) -> Bool {
    interface.linkType.namesInterfaces && (interface.name ?? "any") == "any"
  }

  /// Tells the auditor of an interface in a capture of all interfaces, by the kernel's index.
  func attach(
    _ index: UInt32, behind interface: Int, _ source: OpenSavefile, _ auditor: inout Auditor, _ outcome: inout Outcome
  ) {
    let name = Self.interfaceName(
      source.reader.interfaces[interface], interface, source, several: paths.count > 1)
    guard source.cursor.count(behind: interface) < Self.mostIndices else {
      let number = auditor.attach(InterfaceTally(name: "\(name)#others", linkType: .linuxCooked2, role: nil))
      source.cursor.setOthers(number, behind: interface)
      outcome.gaps.append(
        Gap(
          "\(source.path): more than \(Self.mostIndices) interfaces; the rest are counted as one, without a role",
          .lost,
          do: "capture the bridge and the NIC instead of all interfaces"))
      return
    }
    let names = names(of: interface, index, source)
    outcome.names.append(names)
    let role = names.role(auditor.policy)
    let number = auditor.attach(InterfaceTally(name: "\(name)#\(index)", linkType: .linuxCooked2, role: role))
    source.cursor.set(number, for: index, behind: interface)
  }

  /// The capture's own name for the interface if it has one; else the file's.
  static func interfaceName(
    _ interface: SavefileInterface, _ index: Int, _ source: OpenSavefile, several: Bool
  ) -> String {
    let file = fileName(source.path)
    if let name = interface.name, !name.isEmpty { return several ? "\(name) (\(file))" : name }
    return source.reader.format == .pcap ? file : "\(file)#\(index)"
  }

  static func fileName(_ path: String) -> String {
    path == "-" ? "stdin" : String(path.split(separator: "/").last ?? "file")
  }

  /// The first interface in a capture of all interfaces: the capture's losses are reported for it. If it showed none,
  /// one is added.
  func firstNumber(
    behind interface: Int, _ source: OpenSavefile, _ auditor: inout Auditor, _ outcome: inout Outcome
  ) -> Int {
    if let number = source.cursor.firstNumber(behind: interface) { return number }
    let name = Self.interfaceName(
      source.reader.interfaces[interface], interface, source, several: paths.count > 1)
    let names = names(of: interface, nil, source)
    outcome.names.append(names)
    let role = names.role(auditor.policy)
    return auditor.attach(InterfaceTally(name: name, linkType: .linuxCooked2, role: role))
  }
}
