import FuzzInput
import TestSupport
import Wire

/// Any bytes as a DNS message: names come out escaped, and the walk ends. Also as a DHCP message, with a bounded number
/// of routes.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe fuzzInput(bytes, count)
  if let questions = DNSQuestions(message: input.rawSpan) {
    for question in questions.list {
      precondition(question.name.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "printable ASCII only")
    }
  }
  if let answers = DNSAnswers(message: input.rawSpan) { precondition(answers.addresses.count <= 64) }
  if let message = DHCPMessage(input.rawSpan) { precondition(message.routes.count <= 64) }
  return 0
}
