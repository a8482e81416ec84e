import FuzzInput
import Glibc
import Transfer

/// Any bytes as an engine's answer over an existing connection: the pieces in which they come change nothing,
/// no more is returned than came, and it ends.
///
/// A message socket replaces the stream, so that each piece is received alone (unix(7), SOCK_SEQPACKET).
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe fuzzInput(bytes, count)
  // The first byte says where the pieces end.
  let answer = input.dropFirst()
  guard let step = input.first.map({ Int($0) + 1 }), answer.count <= 16 << 10 else { return 0 }
  let whole = read([answer])
  let sizes = max(step, answer.count / 100 + 1)
  let pieces = stride(from: answer.startIndex, to: answer.endIndex, by: sizes).map {
    answer[$0..<min($0 + sizes, answer.endIndex)]
  }
  precondition(read(pieces) == whole, "the pieces changed what was read")
  if case .success(let reply) = whole {
    precondition((200...599).contains(reply.status), "a status that ends no answer")
    precondition(reply.body.count <= answer.count, "more than came")
  }
  return 0
}

private struct Reply: Equatable {
  var status: Int
  var body: [UInt8]
}

private func read(_ pieces: [ArraySlice<UInt8>]) -> Result<Reply, TransferError> {
  var ends: [Int32] = [-1, -1]
  let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
  precondition(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
  for piece in pieces where !piece.isEmpty {
    let sent = unsafe piece.withUnsafeBytes { unsafe send(ends[1], $0.baseAddress, $0.count, 0) }
    precondition(sent == piece.count, "room for every piece")
  }
  shutdown(ends[1], Int32(SHUT_WR))
  defer { close(ends[1]) }
  var request = HTTPRequest("http://localhost/events")
  request.connection = ends[0]
  do throws(TransferError) {
    let reply = try HTTPTransfer.perform(request)
    return .success(Reply(status: reply.status, body: reply.body))
  } catch {
    return .failure(error)
  }
}
