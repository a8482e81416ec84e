import Transfer

extension WebhookPost {
  /// Makes the POST with libcurl.
  package static let transfer: Sender = { post in
    var request = HTTPRequest(post.address)
    request.method = "POST"
    request.fields = post.fields
    request.body = post.body
    request.connectLimit = post.connectLimit
    request.limit = post.limit
    request.bodyLimit = 1 << 20
    do throws(TransferError) {
      let reply = try HTTPTransfer.perform(request)
      return .answered(status: reply.status, retryAfter: reply.retryAfter)
    } catch {
      return .none(reason: error.reason)
    }
  }
}
