import Testing

@testable import Serving

@Suite struct DoorTests {
  @Test(arguments: [
    ("localhost", "localhost"), ("LocalHost:9469", "localhost"), ("[::1]:9469", "::1"), ("127.0.0.1:1", "127.0.0.1"),
    ("name.example.", "name.example"), ("", nil), ("[::1", nil), ("a:b", nil), ("[::1]x", nil), ("x:80:90", nil),
  ])
  func `reads the Host`(field: String, host: String?) {
    #expect(Door.host(field) == host)
  }

  @Test func `a token equals only itself`() {
    let token = Array("0123456789abcdef".utf8)
    #expect(Door.isEqual(token, token))
    for length in 0..<token.count { #expect(!Door.isEqual(Array(token.prefix(length)), token)) }
    #expect(!Door.isEqual(token + token, token))
    #expect(!Door.isEqual(token + [0], token))
    #expect(!Door.isEqual([], []))
    for index in token.indices {
      var other = token
      other[index] ^= 1
      #expect(!Door.isEqual(other, token))
    }
  }
}
