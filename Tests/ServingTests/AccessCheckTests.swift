import Testing

@testable import Serving

@Suite struct AccessCheckTests {
  @Test(arguments: [
    ("localhost", "localhost"), ("LocalHost:10478", "localhost"), ("[::1]:10478", "::1"), ("127.0.0.1:1", "127.0.0.1"),
    ("name.example.", "name.example"), ("", nil), ("[::1", nil), ("a:b", nil), ("[::1]x", nil), ("x:80:90", nil),
  ])
  func `reads the Host`(field: String, host: String?) {
    #expect(AccessCheck.host(field) == host)
  }

  @Test func `a token equals only itself`() {
    let token = Array("0123456789abcdef".utf8)
    #expect(AccessCheck.isEqual(token, token))
    for length in 0..<token.count { #expect(!AccessCheck.isEqual(Array(token.prefix(length)), token)) }
    #expect(!AccessCheck.isEqual(token + token, token))
    #expect(!AccessCheck.isEqual(token + [0], token))
    #expect(!AccessCheck.isEqual([], []))
    for index in token.indices {
      var other = token
      other[index] ^= 1
      #expect(!AccessCheck.isEqual(other, token))
    }
  }
}
