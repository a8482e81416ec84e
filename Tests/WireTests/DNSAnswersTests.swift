import TestSupport
import Testing
import Wire

@Suite struct DNSAnswersTests {
  private func answers(_ message: [UInt8]) -> DNSAnswers? { DNSAnswers(message: message.rawSpan) }

  @Test func `reads the addresses of both families`() {
    let four = answers(dnsResponse("vpn.example", [address("192.0.2.1"), address("192.0.2.2")]))
    #expect(four?.question.name == "vpn.example")
    #expect(four?.addresses == [address("192.0.2.1"), address("192.0.2.2")])
    #expect(answers(dnsResponse("vpn.example", [address("2001:db8::1")]))?.addresses == [address("2001:db8::1")])
  }

  @Test func `passes over aliases and other records`() {
    let records =
      dnsRecord(dnsPointer(12), type: 5, dnsName("real.example"))
      + dnsRecord(dnsName("real.example"), type: 1, [192, 0, 2, 9])
      + dnsRecord(dnsPointer(12), type: 46, filler(30)) + dnsRecord(dnsPointer(12), type: 1, [192, 0, 2, 10])
    let message = dnsMessage(flags: 0x8180, answers: 4, dnsQuestion(dnsName("vpn.example")) + records)
    #expect(answers(message)?.addresses == [address("192.0.2.9"), address("192.0.2.10")])
  }

  @Test func `passes over addresses of a wrong length`() {
    let records =
      dnsRecord(dnsPointer(12), type: 1, filler(16)) + dnsRecord(dnsPointer(12), type: 28, filler(4))
      + dnsRecord(dnsPointer(12), type: 1, [192, 0, 2, 10])
    let message = dnsMessage(flags: 0x8180, answers: 3, dnsQuestion(dnsName("vpn.example")) + records)
    #expect(answers(message)?.addresses == [address("192.0.2.10")])
  }

  @Test func `reads no answers from a query`() {
    #expect(answers(dnsResponse("vpn.example", [address("192.0.2.1")], flags: 0x0100)) == nil)
  }

  @Test(arguments: 1...15) func `reads no answers from an error`(code: UInt16) {
    #expect(answers(dnsResponse("vpn.example", [address("192.0.2.1")], flags: 0x8180 | code)) == nil)
  }

  @Test func `reads no answers to none or several questions`() {
    let record = dnsRecord(dnsName("vpn.example"), type: 1, [192, 0, 2, 1])
    let question = dnsQuestion(dnsName("vpn.example"))
    #expect(answers(dnsMessage(flags: 0x8180, questions: 0, answers: 1, record)) == nil)
    #expect(answers(dnsMessage(flags: 0x8180, questions: 1, answers: 1, question + record)) != nil)
    #expect(answers(dnsMessage(flags: 0x8180, questions: 2, answers: 1, question + question + record)) == nil)
  }

  @Test func `reads no answers from any prefix of a response`() {
    let whole = dnsResponse("vpn.example", [address("192.0.2.1"), address("2001:db8::1")])
    for count in 0..<whole.count { #expect(answers(Array(whole.prefix(count))) == nil, "\(count) bytes") }
    #expect(answers(whole)?.addresses.count == 1)
  }

  @Test func `reads no answers where a record's length goes beyond the message`() {
    let record = dnsRecord(dnsPointer(12), type: 1, [192, 0, 2, 1], length: 5)
    #expect(answers(dnsMessage(flags: 0x8180, answers: 1, dnsQuestion(dnsName("vpn.example")) + record)) == nil)
  }

  @Test func `reads at most sixty-four answers`() {
    let many = Array(repeating: address("192.0.2.1"), count: 100)
    #expect(answers(dnsResponse("vpn.example", many))?.addresses.count == 64)
  }
}
