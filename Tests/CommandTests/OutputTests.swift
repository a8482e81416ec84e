import Foundation
import TestSupport
import Testing
import Wire

/// What the program prints for any input: lines that fit, no terminal controls, and no secret.
@Suite struct OutputTests {
  private static let policy = ["--wg-config", "captures/formats/wg0.conf"]

  @Test(arguments: CapturedCase.all)
  func `text fits into 80 columns`(_ capture: CapturedCase) throws {
    // The committed text is what is printed (CapturesTests); the footer is not.
    let file = Command.repository.appending(path: "\(capture.name).expected.txt")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    for line in text.split(separator: "\n") where line.count > 80 && !line.hasPrefix("standard error: ") {
      // A name that cannot be broken may stand alone on a line.
      let words = line.split(separator: " ")
      #expect(words.count == 1, "\(line.count) columns: \(line)")
    }
  }

  private static let hostileName = "eth0\u{1B}[31mred\u{07}\r\nmore\u{9B}2J\u{202E}reversed\u{0}\u{7F}\u{2028}"

  private func expectHarmless(_ text: String, _ place: String, _ location: SourceLocation = #_sourceLocation) {
    let harmful = text.unicodeScalars.filter { scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar != "\n"
      case .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
    #expect(harmful.isEmpty, "\(place): \(harmful.map { String($0.value, radix: 16) })", sourceLocation: location)
  }

  @Test func `hostile names reach no terminal`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: Self.hostileName)
    let label: [UInt8] = [0x1B, 0x5B, 0x33, 0x31, 0x6D, 0x00, 0x07, 0x9B, 0xFF, 0x0A, 0x22, 0x5C, 0x2E]
    let name = [UInt8(label.count)] + label + dnsName("example.org")
    let query = dnsMessage(dnsQuestion(name))
    let packets = StandardMix.ipv4 + [udpPacket("172.18.0.2:40000", "198.51.100.53:53", query)]
    for frame in StandardMix.frames(.raw, packets) { file.enhanced(frame) }
    file.interface(LinkType(rawValue: 105), name: "wlan\u{1B}[2J")
    let path = try directory.file("hostile.pcapng", file.bytes)
    for arguments in [
      [], ["--format", "json"], ["--format", "ndjson"], ["--per-frame"], ["--skip-unsupported"],
      ["--skip-unsupported", "--format", "json"],
    ] {
      let result = try Command.run(["replay", path] + arguments + Self.policy)
      #expect(result.output.contains("31mred") && result.output.contains("\\"))
      expectHarmless(result.output, "output of \(arguments)")
      expectHarmless(result.errors, "errors of \(arguments)")
      #expect(result.errorLines.count <= 1)
    }
  }

  @Test func `hostile text in a policy reaches no terminal`() throws {
    let directory = try TemporaryDirectory()
    let rule = """
      allow:
        - id: ping
          reason: "red \\u001b[31m and \\u202e reversed"
          filter: icmp
      roles: {"eth\\u0007": nic}
      """
    let path = try directory.file("hostile.yaml", rule)
    for arguments in [
      ["policy"], ["policy", "--format", "json"], ["replay", "captures/formats/ethernet-plain.pcap"],
      ["replay", "captures/formats/ethernet-plain.pcap", "--format", "json"],
    ] {
      let result = try Command.run(arguments + ["--policy", path] + Self.policy)
      expectHarmless(result.output, "output of \(arguments)")
      expectHarmless(result.errors, "errors of \(arguments)")
    }
  }

  @Test func `a private key is never printed`() throws {
    let directory = try TemporaryDirectory()
    let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
    let text = """
      [Interface]
      PrivateKey = \(key)
      Address = 10.64.114.74/32
      [Peer]
      PublicKey = VK1VeGBS6z8S9ZzmxwDjtSkYF6ZtZVIoVe5aDgPRvyA=
      PresharedKey = \(key)
      Endpoint = 203.0.113.178:51820
      """
    let good = try directory.file("wg0.conf", text)
    let bad = try directory.file("bad.conf", text.replacing("=\nAddress", with: "\nAddress") + "\nNonsense \(key)\n")
    for configuration in [good, bad] {
      for command in [["policy"], ["policy", "--format", "json"], ["replay", "captures/healthy.nic.pcap"]] {
        let result = try Command.run(command + ["--wg-config", configuration])
        #expect(!result.output.contains(key.prefix(20)) && !result.errors.contains(key.prefix(20)))
      }
    }
  }

  @Test func `the policy is shown as understood, with its origins`() throws {
    let arguments = [
      "policy", "--wg-config", "captures/healthy.wg0.conf", "--local", "192.168.1.0/24", "--resolver", "198.51.100.53",
      "--audited", "172.18.0.0/16", "--role", "eth0=nic", "--strict-local",
    ]
    let text = try Command.run(arguments)
    #expect(text.status == 0)
    for words in [
      "203.0.113.178:51820  (captures/healthy.wg0.conf:11)", "10.64.114.74  (captures/healthy.wg0.conf:3)",
      "10.64.0.1  (captures/healthy.wg0.conf:4)", "192.168.1.0/24  (--local)", "198.51.100.53  (--resolver)",
      "172.18.0.0/16  (--audited)", "eth0 is the nic",
    ] {
      #expect(text.output.contains(words), "\(words) is not in:\n\(text.output)")
    }
    let json = try Command.run(arguments + ["--format", "json"])
    let policy = try JSONDecoder().decode(Summary.Policy.self, from: Data(json.output.utf8))
    #expect(policy.endpoints.map(\.value) == ["203.0.113.178:51820"])
    #expect(policy.endpoints.map(\.origin) == ["captures/healthy.wg0.conf:11"])
  }

  @Test func `the three formats show the same numbers`() throws {
    let capture = ["replay", "captures/down-with-predown.bridge.pcap", "--wg-config", "captures/healthy.wg0.conf"]
    let json = try Command.run(capture + ["--format", "json"]).summary()
    let lines = try Command.run(capture + ["--format", "ndjson"])
    #expect(try lines.summary().classes == json.classes)
    #expect(lines.outputLines.count { $0.contains("leakaudit.leak/1") } == json.leaks.count)
    #expect(lines.outputLines.count == json.leaks.count + 1)
    let text = try Command.run(capture)
    #expect(text.output.hasPrefix("LEAKS: 3 packets from 172.18.0.2 left outside the tunnel: 2 icmp, 1 dns"))
    let both = try Command.run(capture + ["--per-frame", "--format", "text"])
    #expect(try both.frames().count == json.frames)
    #expect(both.output.hasSuffix(text.output))
  }
}
