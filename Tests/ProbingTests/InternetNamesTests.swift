import Foundation
import TestSupport
import Testing
import Wire

@testable import Probing

struct InternetNamesTests {
  private static let (v4, v6) = (IPAddress(v4: 0xCB00_71B2), IPAddress(v6High: 0x2001_0DB8_0051_0000, low: 0x178))

  @Test func `a name has all of its addresses, in small letters and without its last dot`() {
    let names = InternetNames.names(
      in: "Vpn.Example.=203.0.113.178\nvpn.example=2001:db8:51::178\n\nno address=here\nnothing\n=\n")
    #expect(names == ["vpn.example": [Self.v4, Self.v6]])
  }

  @Test func `what the file says counts when it is asked`() throws {
    let directory = try TemporaryDirectory()
    let names = InternetNames(file: directory.path("names"))
    #expect(names.read().isEmpty && InternetNames(file: nil).read().isEmpty)
    for (address, text) in [(Self.v4, "a=203.0.113.178\n"), (Self.v6, "a=2001:db8:51::178\n")] {
      try Data(text.utf8).write(to: URL(filePath: directory.path("names")))
      #expect(names.read() == ["a": [address]])
    }
  }
}
