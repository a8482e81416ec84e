import ComposeFiles
import Foundation
import TestSupport
import Testing
import TextFiles
import Wire
import Yams

/// The project as docker-compose prints it and as this program reads it, both as lines of `service field value`.
///
/// docker-compose 1.29.2 is a different program (Python, another YAML reader), which shares no code with
/// Compose 2 nor with this one.
struct DockerComposeOracle {
  private let directory: TemporaryDirectory
  var folder: String { directory.path("stack") }

  init(files: [String: String]) throws {
    directory = try TemporaryDirectory()
    for (path, text) in files { try directory.file("stack/\(path)", text) }
  }

  /// What docker-compose prints; nil with its error if it refuses.
  func printed(_ files: [String], environment: [String: String]) throws -> (text: String?, complaint: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["docker-compose"] + files.flatMap { ["-f", folder + "/" + $0] } + ["config"]
    process.environment = environment.merging(["PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let output = Pipe()
    let complaintPath = folder + "/../complaint"
    _ = FileManager.default.createFile(atPath: complaintPath, contents: nil)
    let complaint = try FileHandle(forWritingTo: URL(fileURLWithPath: complaintPath))
    process.standardOutput = output
    process.standardError = complaint
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus == 0 ? text : nil, try String(contentsOfFile: complaintPath, encoding: .utf8))
  }

  // MARK: - Lines of the other

  static func lines(printed text: String) throws -> Set<String> {
    let root = try #require(try Yams.compose(yaml: text, .basic)?.mapping)
    var lines: Set<String> = []
    for (name, service) in root["services"]?.mapping ?? [:] {
      let fields = try #require(service.mapping)
      let name = name.string ?? ""
      for (field, value) in fields {
        for line in Self.lines(of: field.string ?? "", value) { lines.insert("\(name) \(line)") }
      }
      if fields["networks"] == nil, fields["network_mode"] == nil { lines.insert("\(name) network default") }
    }
    for (name, network) in root["networks"]?.mapping ?? [:] {
      let fields = network.mapping ?? [:]
      let key = name.string ?? ""
      lines.insert("network \(key)")
      for flag in ["internal", "enable_ipv6", "external"] where fields[flag]?.string == "true" {
        lines.insert("network \(key) \(flag)")
      }
      if let name = fields["name"]?.string { lines.insert("network \(key) name \(name)") }
      if let driver = fields["driver"]?.string { lines.insert("network \(key) driver \(driver)") }
      for pool in fields["ipam"]?["config"]?.sequence ?? [] {
        if let subnet = pool["subnet"]?.string { lines.insert("network \(key) subnet \(subnet)") }
      }
    }
    return lines
  }

  private static func lines(of field: String, _ value: Node) -> [String] {
    /// A value as it reaches the container: the output doubles its dollar signs.
    func text(_ node: Node?) -> String { (node?.string ?? "").replacing("$$", with: "$") }
    func items(_ node: Node) -> [Node] { node.sequence.map(Array.init) ?? [node] }
    switch field {
    case "image", "container_name", "network_mode", "restart", "privileged": return ["\(field) \(text(value))"]
    case "environment", "sysctls":
      return (value.mapping ?? [:]).compactMap { key, value in
        value.string == "null" ? nil : "\(field) \(key.string ?? "")=\(text(value))"
      }
    case "cap_add", "cap_drop", "dns": return items(value).map { "\(field) \(text($0))" }
    case "ports":
      return items(value).map { port in
        guard let fields = port.mapping else {
          let text = text(port)
          return "port " + (text.contains("/") ? text : text + "/tcp")
        }
        let published = fields["published"].map { text($0) + ":" } ?? ""
        return "port \(published)\(text(fields["target"]))/\(fields["protocol"]?.string ?? "tcp")"
      }
    case "volumes":
      return items(value).map { volume in
        if let fields = volume.mapping {
          let mode = fields["read_only"]?.string == "true" ? "ro" : "rw"
          return "volume \(text(fields["source"])):\(text(fields["target"])):\(mode)"
        }
        let parts = text(volume).split(separator: ":").map(String.init)
        let isReadOnly = parts.count == 3 && parts[2].split(separator: ",").contains("ro")
        return
          "volume \(parts.count == 1 ? "" : parts[0]):\(parts.count == 1 ? parts[0] : parts[1]):\(isReadOnly ? "ro" : "rw")"
      }
    case "networks":
      return (value.mapping ?? [:]).flatMap { key, options in
        let key = key.string ?? ""
        return ["network \(key)"]
          + ["ipv4_address", "ipv6_address"].compactMap { name in
            options[name]?.string.map { "network \(key) \(name) \($0)" }
          }
      }
    case "depends_on":
      return (value.mapping ?? [:]).map { key, options in
        "depends_on \(key.string ?? "") \(options["condition"]?.string ?? "")"
      }
    case "healthcheck":
      guard let test = value["test"] else { return value["disable"] == nil ? [] : ["test NONE"] }
      // A shell command is the same with and without its list.
      let words = test.sequence.map { $0.map(text) } ?? [text(test)]
      return ["test " + (words.first == "CMD-SHELL" ? words.dropFirst() : words[...]).joined(separator: " ")]
    default: return []
    }
  }

  // MARK: - Lines of ours

  func lines(read project: ComposeProject) -> Set<String> {
    var lines: Set<String> = []
    for service in project.services {
      for line in Self.lines(read: service) { lines.insert("\(service.name) \(line)") }
    }
    for network in project.networks where network.place != nil {
      lines.insert("network \(network.key)")
      if network.isInternal { lines.insert("network \(network.key) internal") }
      if network.enablesIPv6 { lines.insert("network \(network.key) enable_ipv6") }
      if network.isExternal { lines.insert("network \(network.key) external") }
      if network.name != project.name + "_" + network.key {
        lines.insert("network \(network.key) name \(network.name)")
      }
      if let driver = network.driver { lines.insert("network \(network.key) driver \(driver)") }
      for subnet in network.subnets { lines.insert("network \(network.key) subnet \(subnet.value)") }
    }
    return lines
  }

  private static func lines(read service: ComposeService) -> [String] {
    var lines: [String] = []
    func add(_ field: String, _ value: String?) { if let value { lines.append("\(field) \(value)") } }
    add("image", service.image?.value)
    add("container_name", service.containerName?.value)
    add("restart", service.restart?.value)
    add("privileged", service.isPrivileged.map { "\($0.value)" })
    switch service.networkMode?.value {
    case nil: break
    case .host?: add("network_mode", "host")
    case .some(.none): add("network_mode", "none")
    case .bridge?: add("network_mode", "bridge")
    case .service(let name)?: add("network_mode", "service:" + name)
    case .container(let name)?: add("network_mode", "container:" + name)
    case .other(let text)?: add("network_mode", text)
    }
    for (name, value) in service.environment { add("environment", "\(name)=\(value.value)") }
    for (name, value) in service.sysctls { add("sysctls", "\(name)=\(value.value)") }
    for name in service.addedCapabilities { add("cap_add", name.value) }
    for name in service.droppedCapabilities { add("cap_drop", name.value) }
    for address in service.resolvers { add("dns", address.value) }
    for port in service.ports { lines += Self.lines(port).map { "port " + $0 } }
    for mount in service.mounts {
      let mode = mount.isReadOnly ? "ro" : "rw"
      switch mount.kind {
      case .bind(let path): add("volume", "\(path):\(mount.target):\(mode)")
      case .volume(let name): add("volume", "\(name ?? ""):\(mount.target):\(mode)")
      case .content, .tmpfs: break
      }
    }
    for attachment in service.networks {
      add("network", attachment.network)
      add("network \(attachment.network) ipv4_address", attachment.ipv4Address?.value.description)
      add("network \(attachment.network) ipv6_address", attachment.ipv6Address?.value.description)
    }
    // The older program adds no dependency for a shared namespace.
    for dependency in service.dependencies where dependency.place != service.networkMode?.place {
      add("depends_on", "\(dependency.value.service) \(dependency.value.condition)")
    }
    if let check = service.healthCheck?.value {
      switch check.test {
      case .shell(let text)?: add("test", text)
      case .arguments(let words)?: add("test", (["CMD"] + words).joined(separator: " "))
      case nil: if check.isDisabled { add("test", "NONE") }
      }
    }
    return lines
  }

  /// A line for each port of a range, as the other prints them.
  private static func lines(_ port: ComposeService.Port) -> [String] {
    func numbers(_ text: String) -> [Int] {
      let ends = text.split(separator: "-").compactMap { Int($0) }
      return ends.isEmpty ? [] : Array(ends[0]...ends[ends.count - 1])
    }
    let inside = numbers(port.target)
    let outside = port.published.map(numbers) ?? []
    let address = port.hostAddress.map { $0 + ":" } ?? ""
    return inside.enumerated().map { position, target in
      let published = outside.count == inside.count ? "\(outside[position]):" : port.published.map { $0 + ":" } ?? ""
      return "\(address)\(published)\(target)/\(port.transport)"
    }
  }
}
