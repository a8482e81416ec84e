// swift-tools-version: 6.3
import PackageDescription

// Fuzzing instruments every module, and its programs bring their own main: LEAKAUDIT_FUZZ=1 swift build.
let isFuzzing = Context.environment["LEAKAUDIT_FUZZ"] != nil
let fuzzing: [SwiftSetting] =
  isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])] : []

let house: [SwiftSetting] =
  [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // Views over captured bytes are ~Escapable; the attribute that says whose life they share,
    // @_lifetime, is still experimental. swift-nio, swift-system and swift-collections ship on it.
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + fuzzing

// The floors that each frame passes offer their functions to other modules: worth 30 % on its way, which crosses Savefile,
// Wire, Policy and Audit. A `package import` anywhere in a module keeps all of its functions that touch the imported one from
// being offered, so these have none. The size up to which functions are offered is 20 otherwise, too small for the reader's
// `frame`: another 10 %. Elsewhere it gains nothing, and takes a third of the time that a build needs.
let hot: [SwiftSetting] = [
  .unsafeFlags(
    ["-cross-module-optimization", "-Xllvm", "-cmo-function-size-limit=200"], .when(configuration: .release))
]

// The algebra of header spaces, which the tests ask thousands of times: without optimization it took a third of their time.
let heavy: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

// The default linker repeats glibc's warning of a call in Foundation, which a program with the static library holds. Such
// a program would also offer all of its functions to libraries that nobody loads: a tenth of its memory at the start.
let linking: [LinkerSetting] = [
  .unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic"], .when(configuration: .release))
]

// What --version adds to the number. Not Context.gitInformation: SwiftPM keeps what this file said, and a new commit does
// not make it ask again, so the program would name an older one.
let sourceCommit = (Context.environment["SOURCE_COMMIT"] ?? "").filter { $0.isLetter || $0.isNumber || $0 == "-" }

func floor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func hotFloor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house + hot)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestNeeds", "TestSupport"], swiftSettings: house)
}

func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + ["FuzzInput", "FuzzDriver", "TestSupport"], path: "Tests/Fuzz/\(name)",
    swiftSettings: house, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])])
}

let fuzzTargets: [Target] = [
  .target(name: "FuzzInput", path: "Tests/Fuzz/Input", swiftSettings: house),
  .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver"),
  fuzz("SavefileFuzz", ["Savefile", "Wire"]),
  fuzz("DecoderFuzz", ["Audit", "Policy", "PolicyFiles", "Wire"]),
  fuzz("DNSFuzz", ["Wire"]),
  fuzz("NamesFuzz", ["Audit", "Policy", "Wire"]),
  fuzz("WireGuardConfigFuzz", ["PolicyFiles", "Policy"]),
  fuzz("PolicyFuzz", ["PolicyFiles", "Policy", "TextFiles"]),
  fuzz("ComposeFuzz", ["ComposeFiles", "TextFiles"]),
  fuzz("ScriptFuzz", ["PolicyFiles", "StackCheck", "TextFiles"]),
  fuzz("ShellFuzz", ["PolicyFiles", "StackCheck", "TextFiles"]),
  fuzz("RequestFuzz", ["Serving"]),
  fuzz("TransferFuzz", ["Transfer"]),
  fuzz("ProtocolFuzz", ["HostileAudit"]),
]

/// The rule pack, a file per family; Rules/RulePack.swift names them, too.
let ruleFiles = [
  "administration.yaml",
  "control.yaml",
  "databases.yaml",
  "discovery.yaml",
  "dns.yaml",
  "encrypted-dns.yaml",
  "mail.yaml",
  "other-tunnels.yaml",
  "peer-to-peer.yaml",
  "real-time.yaml",
  "time.yaml",
  "web.yaml",
]

let package = Package(
  name: "leakaudit",
  products: [
    .executable(name: "leakaudit", targets: ["leakaudit"]),
    // The benchmark has the loader put it before glibc in a program whose allocations it counts.
    .library(name: "malloc-counter", type: .dynamic, targets: ["MallocCounter"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CLinux"),
    // Not linked: loaded when it is needed, which says why.
    .target(name: "CCurl"),
    .target(name: "CBPF", exclude: ["build"]),
    .target(name: "CCounting"),
    .systemLibrary(name: "CGcrypt", pkgConfig: "libgcrypt", providers: [.apt(["libgcrypt20-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CGNU"),
    .systemLibrary(name: "CPrefetch"),
    .target(name: "CBuild", cSettings: [.define("SOURCE_COMMIT", to: "\"\(sourceCommit)\"")]),

    hotFloor("Wire"),
    hotFloor("PacketFilter", ["CPcap"]),
    hotFloor("Cryptography", ["CGcrypt"]),
    floor("Transfer", ["CCurl"]),
    floor("Processes", ["CGNU", "CLinux"]),
    floor("ShellScript"),
    floor("Text", ["Wire"]),
    floor("TextFiles", ["Yams"]),
    .target(
      name: "RulePack", path: "Rules", exclude: ["README.md"], resources: ruleFiles.map { .embedInCode($0) },
      swiftSettings: house),

    hotFloor("Policy", ["Wire", "PacketFilter"]),
    hotFloor("Savefile", ["Wire", "CPrefetch", "CZlib", "CZstd", "CLzma", "CLZ4"]),

    .target(
      name: "Capture", dependencies: ["CBPF", "CCounting", "CPcap", "CLinux", "Text", "Wire"],
      exclude: ["counting.bpf.c", "counting.sha256"].map { "Kernel/\($0)" },
      resources: [.embedInCode("Kernel/counting.bpf")], swiftSettings: house + hot),
    .target(
      name: "Who", dependencies: ["CBPF", "Capture", "Text", "Wire"],
      exclude: ["kernel.h", "senders.bpf.c", "senders.sha256"].map { "Kernel/\($0)" },
      resources: [.embedInCode("Kernel/senders.bpf")], swiftSettings: house),

    hotFloor("Audit", ["CCounting", "Wire", "Policy", "Cryptography"]),

    floor("ComposeFiles", ["TextFiles", "Wire", "Yams"]),
    floor("PolicyFiles", ["ComposeFiles", "Text", "TextFiles", "Policy", "Wire", "PacketFilter", "RulePack", "Yams"]),
    .target(
      name: "Summaries", dependencies: ["Audit", "Policy", "Text", "Wire"], exclude: ["Schemas"], swiftSettings: house),
    .target(
      name: "StackCheck",
      dependencies: ["ComposeFiles", "PolicyFiles", "ShellScript", "Policy", "Text", "TextFiles", "Wire"],
      swiftSettings: house + heavy),
    .target(
      name: "Report",
      dependencies: ["Cryptography", "PolicyFiles", "Audit", "Policy", "Savefile", "Summaries", "Text", "Wire"],
      resources: ["report.css", "report.js", "live.js"].map { .embedInCode("Page/\($0)") },
      swiftSettings: house),
    floor("Containers", ["Wire", "Transfer", "CLinux"]),
    floor("Probing", ["CGNU", "CLinux", "Processes", "Text", "Wire"]),
    floor("Outputs", ["CGNU", "Processes", "Transfer", "Report", "Policy", "Text", "Wire"]),
    floor("Serving", ["CLinux", "Wire", "Policy"]),
    floor(
      "Drilling",
      [
        "Audit", "CLinux", "ComposeFiles", "PolicyFiles", "Policy", "Probing", "Processes", "Report", "StackCheck",
        "Summaries", "Text", "TextFiles", "Wire",
      ]),
    floor(
      "Watching",
      [
        "Audit", "Capture", "CLinux", "ComposeFiles", "Containers", "Outputs", "Policy", "PolicyFiles", "Processes",
        "Report", "Serving", "Summaries", "Text", "TextFiles", "Who", "Wire",
      ]),

    .executableTarget(
      name: "leakaudit",
      dependencies: [
        "CBuild", "Wire", "Policy", "Savefile", "Capture", "Audit", "ComposeFiles", "PolicyFiles", "StackCheck",
        "Containers", "Cryptography", "Drilling", "Outputs", "PacketFilter", "Probing", "Report", "Serving",
        "Summaries", "Processes",
        "Text", "TextFiles",
        "Transfer", "Watching",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house, linkerSettings: linking),

    .target(
      name: "TestSupport", dependencies: ["Wire", "Cryptography"], path: "Tests/TestSupport", swiftSettings: house),
    // Apart from the builders, which the fuzzers and the benchmarks use without Swift Testing.
    .target(name: "TestNeeds", path: "Tests/TestNeeds", swiftSettings: house),
    .target(
      name: "HostileAudit",
      dependencies: [
        "Audit", "PacketFilter", "Policy", "PolicyFiles", "Report", "Summaries", "TestSupport", "Text", "Wire",
      ],
      path: "Tests/HostileAudit", swiftSettings: house),
    tests("TestNeedsTests", []),
    tests("WireTests", ["Wire"]),
    tests("PolicyTests", ["Policy", "PacketFilter", "Wire"]),
    tests("SavefileTests", ["Savefile", "Wire"]),
    tests("CryptographyTests", ["Cryptography"]),
    tests("AuditTests", ["Audit", "CCounting", "HostileAudit", "Policy", "PolicyFiles", "PacketFilter", "Wire"]),
    tests("ShellScriptTests", ["ShellScript"]),
    tests(
      "StackCheckTests",
      ["StackCheck", "ComposeFiles", "PolicyFiles", "Policy", "ShellScript", "Text", "TextFiles", "Wire"]),
    tests(
      "PolicyFilesTests",
      ["ComposeFiles", "PolicyFiles", "Policy", "PacketFilter", "RulePack", "TextFiles", "Wire", "Yams"]),
    tests(
      "ReportTests",
      [
        "HostileAudit", "Report", "Outputs", "Audit", "Policy", "PolicyFiles", "Savefile", "Summaries", "Text", "Wire",
      ]),
    tests("SummariesTests", ["Audit", "Policy", "Summaries", "Wire"]),
    tests("TextTests", ["Text", "Wire"]),
    tests("TransferTests", ["Transfer"]),
    tests("WhoTests", ["Who", "Wire"]),
    tests("ContainersTests", ["Containers", "Wire"]),
    tests("ProbingTests", ["Probing", "Text", "Wire"]),
    tests("OutputsTests", ["Outputs", "Policy"]),
    tests(
      "DrillingTests",
      [
        "Audit", "ComposeFiles", "Drilling", "Policy", "PolicyFiles", "Probing", "Processes", "StackCheck", "Summaries",
        "Text",
        "TextFiles", "Wire",
      ]),
    tests("ServingTests", ["Serving", "Wire", "Policy"]),
    tests(
      "WatchingTests",
      [
        "Audit", "Capture", "ComposeFiles", "Containers", "Outputs", "Policy", "PolicyFiles", "Report", "TextFiles",
        "Watching", "Who", "Wire",
      ]),
    tests("CommandTests", ["leakaudit"]),

    .target(name: "MallocCounter", path: "Tests/Benchmarks/MallocCounter"),
    .executableTarget(name: "load-sender", path: "Tests/Lab/load"),
    .executableTarget(name: "socket-sender", path: "Tests/Benchmarks/SocketSender"),
    .executableTarget(name: "record-walk", path: "Tests/Benchmarks/RecordWalk"),
    .executableTarget(
      name: "benchmarks", dependencies: ["Audit", "MallocCounter", "TestSupport", "Wire"],
      path: "Tests/Benchmarks/Runner", swiftSettings: house, linkerSettings: linking),
  ] + (isFuzzing ? fuzzTargets : []),
  swiftLanguageModes: [.v6]
)
