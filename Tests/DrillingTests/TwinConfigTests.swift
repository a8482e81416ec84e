import Testing

@testable import Drilling

struct TwinConfigTests {
  private static let keys = TwinKeys(
    client: (secret: "CLIENT=", open: "client="), server: (secret: "SERVER=", open: "server="), shared: "SHARED=")

  @Test func `the twin has keys of its own, and every other line of the configuration`() {
    let text = """
      [Interface]
      PrivateKey = 4MeR0eBSl9JSLXcDHvvM0TrQBFfLHWNZgFnYyGHfMHM=
      Address = 10.64.114.74/32 # PrivateKey of the provider
      PostUp = iptables -A OUTPUT -j REJECT
      [Peer]
       publickey=C5cdUdykMfYyLA+3rkcWQ7agbPkPxLYm/hnZAMjJ2W4=
      PresharedKey = 4MeR0eBSl9JSLXcDHvvM0TrQBFfLHWNZgFnYyGHfMHM=
      Endpoint = 203.0.113.178:51820

      """
    #expect(
      Self.keys.replacingKeys(in: text) == """
        [Interface]
        PrivateKey = CLIENT=
        Address = 10.64.114.74/32 # PrivateKey of the provider
        PostUp = iptables -A OUTPUT -j REJECT
        [Peer]
         publickey= server=
        PresharedKey = SHARED=
        Endpoint = 203.0.113.178:51820

        """)
  }

  @Test(arguments: [
    ("A = 1\nB = 2", "B", "B = 3", "A = 1\nB = 3"),
    ("a=1\n b = 2\nB = 4", "B", "B = 3", "a=1\nB = 3\nB = 4"),
    ("x\n[Interface]\nA = 1", "MTU", "MTU = large", "x\n[Interface]\nMTU = large\nA = 1"),
    ("nothing", "MTU", "MTU = large", "nothing"),
  ])
  func `a scenario changes one line of a configuration`(_ text: String, _ key: String, _ line: String, _ new: String) {
    #expect(Scenario.replacing(key, in: text, by: line) == new)
  }
}
