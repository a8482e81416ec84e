// The static standard library of a release build has no Swift Testing; there this module is empty.
#if canImport(Testing)
import Foundation
import Glibc
import Synchronization

/// Something that a test needs and that a machine may lack. A test says so by `.needs(.root, .tshark)`.
///
/// All of them are here. A new one is a constant below.
public struct Need: Sendable {
  /// As the last line of a run says it: "12 need NAME".
  public let name: String
  private let look: @Sendable () -> [String]

  init(_ name: String, _ look: @escaping @Sendable () -> [String]) {
    self.name = name
    self.look = look
  }

  /// Programs that must be found in `PATH`.
  init(_ name: String, programs: [String]) {
    self.init(name) { programs.filter { !Self.isInstalled($0) } }
  }

  private static let known = Mutex<[String: [String]]>([:])

  /// The missing parts. Checked once per run.
  public var missing: [String] {
    if let answer = Self.known.withLock({ $0[name] }) { return answer }
    let answer = look()
    Self.known.withLock { $0[name] = answer }
    return answer
  }

  static func isInstalled(_ program: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
  }

  /// Whether a program ends with status 0.
  static func succeeds(_ command: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}

extension Need {
  public static let root = Need("root") { geteuid() == 0 ? [] : ["root"] }

  /// Needs minutes: only a run of all tests includes it.
  public static let minutes = Need("minutes") { Skips.areFailures ? [] : ["Tests/run"] }

  public static let namespaces = Need("namespaces") {
    succeeds(["unshare", "--net", "--mount", "--pid", "--fork", "true"]) ? [] : ["permission to make namespaces"]
  }

  public static let tshark = Need("tshark", programs: ["tshark", "capinfos"])
  public static let tcpdump = Need("tcpdump", programs: ["tcpdump"])
  public static let dumpcap = Need("dumpcap", programs: ["dumpcap"])
  public static let nft = Need("nft", programs: ["nft"])
  public static let python = Need("python3", programs: ["python3"])
  public static let dockerCompose = Need("docker-compose", programs: ["docker-compose"])
  public static let xmllint = Need("xmllint", programs: ["xmllint"])
  public static let cmark = Need("cmark-gfm", programs: ["cmark-gfm"])
  public static let promtool = Need("promtool", programs: ["promtool"])
  public static let alertmanager = Need(
    "Alertmanager", programs: ["amtool", "prometheus", "prometheus-alertmanager"])
  public static let gzip = Need("gzip, zstd, xz and lz4", programs: ["gzip", "zstd", "xz", "lz4"])
  public static let iproute = Need("ip and ping", programs: ["ip", "ping"])

  /// What Tests/Lab/netfilter needs to test the kernel.
  public static let netfilter = Need(
    "iptables and nft",
    programs: ["ip", "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", "nft", "sysctl", "python3"])

  /// What Tests/Lab/probes needs.
  public static let probes = Need("the probes' namespaces") {
    ["ip", "nsenter", "setpriv", "sysctl", "iptables", "ip6tables", "python3"].filter { !isInstalled($0) }
      + namespaces.missing
  }

  private static let labPrograms = [
    "ip", "nsenter", "unshare", "setpriv", "mount", "sysctl", "iptables", "ip6tables", "wireguard-go", "wg", "wg-quick",
    "dnsmasq", "tcpdump", "ping", "dig", "curl", "nc", "awk", "python3",
  ]

  /// The network namespaces of Tests/Lab, and the programs in them.
  public static let lab = Need("the lab") {
    let device = unsafe access("/dev/net/tun", R_OK | W_OK) == 0 ? [] : ["/dev/net/tun"]
    return labPrograms.filter { !isInstalled($0) } + device + namespaces.missing
  }

  /// An engine that a test starts itself.
  public static let docker = Need(
    "Docker's engine",
    programs: [
      "dockerd", "docker", "containerd", "containerd-shim-runc-v2", "runc", "docker-compose", "debootstrap", "busybox",
      "unshare", "setpriv", "flock", "ip", "timeout", "python3",
    ])

  public static let jsonschema = Need("jsonschema") {
    python.missing + (succeeds(["/usr/bin/python3", "-c", "import jsonschema"]) ? [] : ["python3-jsonschema"])
  }

  public static let nginx = Need("nginx", programs: ["nginx", "openssl", "curl"])

  /// What Tests/Lab/ci needs.
  public static let jq = Need("jq and PyYAML") {
    (isInstalled("jq") ? [] : ["jq"])
      + (succeeds(["/usr/bin/python3", "-c", "import yaml"]) ? [] : ["python3-yaml"])
  }

  public static let chromium = Need("Chromium") {
    let driver = unsafe access("/usr/bin/chromedriver", X_OK) == 0 ? [] : ["chromium-driver"]
    return python.missing + driver
      + (succeeds(["/usr/bin/python3", "-c", "import selenium"]) ? [] : ["python3-selenium"])
  }

  public static let axe = Need("axe-core") { inBuildFolder("axe/axe_playwright_python/axe.min.js", R_OK) }

  public static let spark = Need("Spark") {
    python.missing + inBuildFolder("spark/bin/spark-submit", X_OK) + (isInstalled("java") ? [] : ["java"])
  }

  /// The modules of this build, which SwiftPM puts beside the test bundle.
  public static let builtModules = URL(filePath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
    .appending(path: "Modules").path

  /// The compiler, and modules that a program can import.
  public static let swiftc = Need("swiftc and the build's modules") {
    let modules = unsafe access("\(builtModules)/Capture.swiftmodule", R_OK) == 0 ? [] : ["Capture.swiftmodule"]
    return (isInstalled("swiftc") ? [] : ["swiftc"]) + modules
  }

  private static func inBuildFolder(_ path: String, _ mode: Int32) -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return unsafe access(root.appending(path: ".build/\(path)").path, mode) == 0 ? [] : [path]
  }
}
#endif
