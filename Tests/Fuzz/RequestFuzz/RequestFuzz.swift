import FuzzInput
import Serving
import TestSupport

/// Any bytes as the head of a request: what is read from a part holds for the whole, and every accepted request uses
/// the right name and the token, and changes nothing.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe fuzzInput(bytes, count)
  let whole = RequestHead.read(input)
  let part = RequestHead.read(Array(input.prefix(input.count / 2)))
  if part != .unfinished { precondition(part == whole, "what follows changed what was read") }
  guard case .head(let head) = whole else {
    if whole == .unfinished { precondition(input.count < RequestHead.limit, "a head without an end") }
    return 0
  }
  precondition(head.fields.count <= RequestHead.fieldLimit, "too many fields")
  precondition(head.target.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "printable ASCII only")
  _ = Request(head.target)
  if access.refusal(head, at: nil) == nil {
    precondition(head.method == "GET" || head.method == "HEAD", "a method that changes something")
    precondition(head.values("host").count == 1 && head.values("authorization").count == 1, "who asks, and whom")
  }
  return 0
}

private let access = AccessCheck(names: ["audit.example"], token: "0123456789abcdef")
