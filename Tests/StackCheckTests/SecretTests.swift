import TestSupport
import Testing

@testable import StackCheck

/// What a check never shows.
struct SecretTests {
  private static let key = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="

  /// A text in which MARK stands for a secret, and what the text is.
  static let placements: [(text: String, form: SecretScan.Form)] = [
    ("PrivateKey = MARK", .data), ("PresharedKey=MARK # mine", .data), ("  privatekey : MARK", .data),
    ("PrivateKey MARK", .data), ("PrivateKeyMARK", .data),
    ("      - WIREGUARD_PRIVATE_KEY=MARK", .data), ("      WG_PASSWORD: MARK", .data),
    ("      - \"OPENVPN_PASSWORD=MARK\"", .data), ("    VPN_AUTH: 'MARK'", .data),
    ("    {\"token\": \"MARK\", \"x\": 1}", .data), ("environment: {API_TOKEN: MARK}", .data),
    ("PASSWORD: |\n    MARK\nOTHER: x", .data), ("PASSWORD:\n    MARK\nOTHER: x", .data),
    ("PASSWORD: correct horse MARK", .data), ("My_Credentials=MARK", .data),
    ("    image: https://joe:MARK@example.com/x", .data), ("http_proxy=http://joe:pa/MARK@proxy:8080", .script),
    ("git clone https://MARK@github.com/x/y", .script),
    ("curl -u joe:MARK https://x.example", .script), ("curl --user 'joe:MARK' https://x.example", .script),
    ("login --password=MARK now", .script), ("login --password MARK now", .script),
    ("login --api-token \"MARK\" now", .script), ("login [\"--password\", \"MARK\"]", .data),
    ("curl -H \"Authorization: Bearer MARK\" https://x.example", .script),
    ("curl -H 'X-Auth-Token: MARK' https://x.example", .script),
    ("echo ${VPN_PASS:-MARK}", .script), ("echo ${VPN_PASS-MARK}", .script), ("x: ${SECRET:-a${B:-MARK}}", .data),
    ("echo ${SECRET:=MARK}", .script), ("export TOKEN=MARK", .script), ("TOKEN=a\"b MARK\" curl x", .script),
    ("TOKEN='a\nMARK\nb'", .script), ("PASS=$(echo MARK)", .script), ("KEY+=MARK", .script),
    ("if [ \"$KEY\" = MARK ]; then", .script), ("docker run -e PASSWORD=correct horse MARK x", .data),
    ("'curl --token=MARK' is not known", .sentence), ("WG_KEY: MARK", .sentence), ("what PASS=MARK does", .sentence),
    ("'PrivateKey = MARK' is no key", .sentence), ("the address https://a:MARK@b.example fails", .sentence),
  ]

  private static func masked(_ text: String, _ form: SecretScan.Form) -> String { Secrets().masked(text, form) }

  @Test(arguments: placements.indices)
  func `a secret is masked wherever it stands`(_ index: Int) {
    let (text, form) = Self.placements[index]
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let around = ["", "x ", "  ", "# don't ", "iptables -A OUTPUT -j ACCEPT; ", "é世 ", "\n"]
    for _ in 0..<40 {
      let length = Int.random(in: 6...60, using: &random)
      let secret = String((0..<length).map { _ in "abcXYZ0123456789_.~%".randomElement(using: &random)! })
      // What begins a line must do so; everything else may stand anywhere.
      let isFirst = text.hasPrefix("PrivateKey") && !text.contains("=")
      let before = isFirst ? "" : around.randomElement(using: &random)!
      let shown = Self.masked(before + text.replacing("MARK", with: secret), form)
      #expect(!shown.contains(secret), "\(shown)")
      #expect(shown.contains(Secrets.mask))
    }
  }

  @Test(arguments: [SecretScan.Form.script, .data, .sentence])
  func `a WireGuard key is masked without a name, too`(_ form: SecretScan.Form) {
    for text in ["\(Self.key)", "x \(Self.key) y", "'\(Self.key)'", "a=\(Self.key)", "wg set wg0 peer \(Self.key) x"] {
      #expect(!Self.masked(text, form).contains("yAnz5TF"))
    }
  }

  @Test(arguments: [
    ("iptables -I OUTPUT ! -o %i -m mark ! --mark $(wg show %i fwmark) -j REJECT", SecretScan.Form.script),
    ("Endpoint = 203.0.113.7:51820", .data), ("AllowedIPs = 0.0.0.0/0, ::/0", .data),
    ("PersistentKeepalive = 25", .data), ("      - ./keys:/keys:ro", .data),
    ("nft add rule inet f o queue bypass", .script), ("    secrets:\n      - wg", .data),
    ("PASSWORD: ${VPN_PASSWORD}", .data), ("curl -u 1000:1000 x", .script),
    ("removes the link; write Key = value or remove the line", .sentence),
    ("others may read the private key: chmod it", .sentence), ("the image lscr.io/linuxserver/wireguard:1.0", .data),
    ("configs/wireguard/wg-key.conf:3: 'Address' has no '='", .sentence), ("https://example.com/@x", .data),
  ])
  func `what is no secret stays`(text: String, form: SecretScan.Form) { #expect(Self.masked(text, form) == text) }

  @Test func `a value that a file gives is masked where a script passes it on`() {
    var secrets = Secrets()
    _ = secrets.learn(Array("T_TOKEN: \"hunter2 x\"\nA_KEY: yes\nKEY_FILE: /run/wg\n".unicodeScalars), .data)
    #expect(
      secrets.masked("'curl -H Bearer hunter2 x' is not known", .sentence) == "'curl -H Bearer ********' is not known")
    #expect(secrets.masked("yes, /run/wg", .sentence) == "yes, /run/wg")
  }

  @Test func `hostile texts take no time`() {
    for part in [
      "PASS=", "${KEY:-", "key: |\n", "\"key\"", "://a:b", "-key ", "PASS=\"\\", "A", "KEY=$(", "' KEY=", "privatekey",
    ] {
      let text = Array(String(repeating: part, count: 20_000).unicodeScalars)
      for form in [SecretScan.Form.script, .data, .sentence] {
        let time = ContinuousClock().measure { _ = SecretScan(text, form).found }
        #expect(time < .seconds(20), "\(part) \(form) \(time)")
      }
    }
  }

  /// Somebody who writes a file of the stack must neither uncover other values nor keep the check busy.
  @Test func `many values that begin alike are masked by words`() {
    var secrets = Secrets()
    let lines = (0..<2000).map { "A_KEY=aaaa\($0)\n" }.joined()
    _ = secrets.learn(Array((lines + "B_KEY=hunter2x\n").unicodeScalars), .data)
    #expect(secrets.masked("curl aaaa1999 hunter2x aaazz", .sentence) == "curl ******** ******** ********")
    let long = String(repeating: "a", count: 200_000)
    let begin = ContinuousClock.now
    _ = secrets.masked(long, .sentence)
    for text in ["-u $(", "--user ${x ", "://a:b", "# key: ", "-u 'x", "$(KEY "] {
      _ = Self.masked(String(repeating: text, count: 20_000), .script)
    }
    #expect(ContinuousClock.now - begin < .seconds(60))
  }
}
