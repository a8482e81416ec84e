import ComposeFiles
import PolicyFiles
import Testing
import TextFiles

@Suite struct ComposeNetworkTests {
  @Test func `networks take every form`() throws {
    let project = try ComposeTexts(
      """
      services:
        s:
          networks: [plain, named, outside, old, default]
      networks:
        plain:
        named:
          name: docker-stack-network
          internal: yes
          enable_ipv6: true
          driver: bridge
          driver_opts:
            com.docker.network.bridge.name: br-stack
          ipam:
            config:
              - subnet: 10.0.2.0/24
                gateway: 10.0.2.1
              - subnet: fd00:1::/64
        outside: {external: true}
        old: {external: {name: really}}
        default: {name: ours}
      """
    ).load()
    #expect(project.networks.map(\.key) == ["plain", "named", "outside", "old", "default"])
    #expect(project.networks.map(\.name) == ["stack_plain", "docker-stack-network", "outside", "really", "ours"])
    #expect(project.networks.map(\.isExternal) == [false, false, true, true, false])
    #expect(project.networks.map { $0.place?.line } == [5, 6, 18, 19, 20])
    let named = try #require(project.network("named"))
    #expect(named.isInternal)
    #expect(named.enablesIPv6)
    #expect(named.driver == "bridge")
    #expect(named.bridge?.shown == "br-stack@c.yaml:12")
    #expect(named.subnets.map { "\($0.value) \($0.place)" } == ["10.0.2.0/24 c.yaml:15", "fd00:1::/64 c.yaml:17"])
    let plain = try #require(project.network("plain"))
    #expect(
      !plain.isInternal && !plain.enablesIPv6 && plain.driver == nil && plain.subnets.isEmpty && plain.bridge == nil)
  }

  @Test func `no default network where no service is attached to it`() throws {
    let project = try ComposeTexts("services: {s: {networks: [n]}, t: {network_mode: none}}\nnetworks: {n: }").load()
    #expect(project.networks.map(\.key) == ["n"])
  }
}
