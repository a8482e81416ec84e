import ComposeFiles
import Testing
import TextFiles
import Wire

@testable import Drilling

struct GluetunVariablesTests {
  private static let keys = TwinKeys(
    client: (secret: "CLIENT=", open: "client="), server: (secret: "SERVER=", open: "server="), shared: "")

  @Test func `gluetun is led to the twin's Endpoint, whatever provider it had`() throws {
    let stack = """
      services:
        vpn:
          image: qmcgaw/gluetun
          environment:
            VPN_SERVICE_PROVIDER: mullvad
            SERVER_CITIES: Zurich
            WIREGUARD_PRIVATE_KEY: mine
            WIREGUARD_ADDRESSES: 10.64.0.2/32
            DOT: "off"
      """
    let stated = ["VPN_SERVICE_PROVIDER", "SERVER_CITIES", "WIREGUARD_PRIVATE_KEY", "WIREGUARD_ADDRESSES", "DOT"]
    let text = GluetunVariables.file(
      GluetunVariables.replacing(stated, Self.keys, address: try #require(IPAddress("203.0.113.178")), port: 51820),
      service: "vpn", version: nil)
    let project = try ComposeProject.load(["a.yaml", "b.yaml"], environment: [:], currentFolder: "/stack") { path in
      path.hasSuffix("a.yaml") ? Array(stack.utf8) : path.hasSuffix("b.yaml") ? Array(text.utf8) : nil
    }
    let variables = try #require(project.service("vpn")).environment.mapValues(\.value)
    #expect(variables["VPN_SERVICE_PROVIDER"] == "custom" && variables["SERVER_CITIES"] == "")
    #expect(variables["WIREGUARD_PRIVATE_KEY"] == "CLIENT=" && variables["WIREGUARD_PUBLIC_KEY"] == "server=")
    #expect(variables["WIREGUARD_ENDPOINT_IP"] == "203.0.113.178" && variables["WIREGUARD_ENDPOINT_PORT"] == "51820")
    #expect(variables["WIREGUARD_ADDRESSES"] == "10.64.0.2/32" && variables["DOT"] == "off")
    #expect(variables["VPN_ENDPOINT_IP"] == nil)
  }

  @Test(arguments: [("version: \"2.4\"\nservices: {}", "\"2.4\""), ("services: {}", nil)])
  func `Compose's first version wants one version in all files`(_ text: String, _ version: String?) {
    #expect(GluetunVariables.version(of: text) == version)
  }
}
