import ComposeFiles
import Foundation
import Testing

@testable import Drilling

struct ConsumerPrivilegesTests {
  private func capabilities(_ services: String) throws -> [String] {
    let text = "services:\n" + services
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/stack") { path in
      path.hasSuffix("compose.yaml") ? Array(text.utf8) : nil
    }
    return ConsumerPrivileges(project.services).capabilities
  }

  @Test func `probes have what Docker gives to a consumer, and no more`() throws {
    #expect(try capabilities("  a: {image: x}") == ["net_bind_service", "net_raw"])
    #expect(try capabilities("  a: {image: x, cap_drop: [ALL]}") == [])
    #expect(try capabilities("  a: {image: x, cap_drop: [ALL], cap_add: [CHOWN, NET_RAW]}") == ["net_raw"])
    #expect(try capabilities("  a: {image: x, cap_drop: [NET_RAW]}") == ["net_bind_service"])
    #expect(
      try capabilities("  a: {image: x, cap_add: [NET_ADMIN]}") == ["net_admin", "net_bind_service", "net_raw"])
    #expect(try capabilities("  a: {image: x, privileged: true}") == ["net_admin", "net_bind_service", "net_raw"])
    #expect(
      try capabilities("  a: {image: x, cap_add: [ALL], cap_drop: [NET_ADMIN]}") == ["net_bind_service", "net_raw"])
  }

  @Test func `several consumers have what any of them has`() throws {
    #expect(
      try capabilities("  a: {image: x, cap_drop: [ALL]}\n  b: {image: x, cap_drop: [ALL], cap_add: [NET_ADMIN]}")
        == ["net_admin"])
  }
}
