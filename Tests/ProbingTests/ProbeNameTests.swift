import TestSupport
import Testing

@testable import Probing

struct ProbeNameTests {
  @Test func `a name says again what it was made of`() {
    var random = SeededGenerator()
    for _ in 0..<1000 {
      let name = ProbeName(
        nonce: random.next() >> UInt64.random(in: 0...63, using: &random),
        probe: .random(in: 0...99_999, using: &random),
        scenario: .random(in: 0...99_999, using: &random))
      #expect(ProbeCatalogue.nonce(inName: "\(name)") == name, "seed \(random.seed)")
    }
  }

  @Test(arguments: [
    "n00000000000000ff.p9.s3.drill.test", "N00000000000000FF.P9.s3.Drill.TEST", "n00000000000000ff.p9.s3.drill.test.",
  ])
  func `a resolver may change the case of a name`(_ text: String) {
    #expect(ProbeCatalogue.nonce(inName: text) == ProbeName(nonce: 255, probe: 9, scenario: 3))
  }

  @Test(arguments: [
    "", ".", "drill.test", "n00000000000000ff.p9.s3.drill.tes", "n00000000000000ff.p9.s3.drill.test.lan",
    "x.n00000000000000ff.p9.s3.drill.test", "n0000000000000ff.p9.s3.drill.test", "n000000000000000ff.p9.s3.drill.test",
    "n00000000000000fg.p9.s3.drill.test", "n00000000000000ff.p.s3.drill.test",
    "n00000000000000ff.p123456.s3.drill.test",
    "n00000000000000ff.p-9.s3.drill.test", "n00000000000000ff.pa.s3.drill.test", "n00000000000000ff-p9.s3.drill.test",
    "n00000000000000ff.p9.s3.drill.test..", "ň00000000000000ff.p9.s3.drill.test",
  ])
  func `another name is none of a drill's`(_ text: String) {
    #expect(ProbeCatalogue.nonce(inName: text) == nil)
  }

  @Test func `a name is found among other bytes`() {
    let name = ProbeName(nonce: 0xABC, probe: 12, scenario: 4)
    for before in ["", "n", "nn00", "n0000000000000abc.p12", "\0\u{1}"] {
      let bytes = Array("\(before)\(name)".utf8)
      #expect(ProbeName.find(in: bytes + [0xFF]) == name)
      // Nothing that is cut is taken for a name, and no cut is read past.
      for length in 0..<bytes.count { #expect(ProbeName.find(in: Array(bytes[..<length])) == nil) }
    }
  }
}
