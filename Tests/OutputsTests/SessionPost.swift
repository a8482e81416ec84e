import Dispatch
import Foundation
import FoundationNetworking
import Outputs
import Synchronization

extension Webhook {
  /// A webhook that speaks HTTP through Foundation.
  init(
    _ address: String, format: WebhookFormat = .json, backoff: Backoff = Backoff(), limit: Duration = .seconds(10)
  ) throws(DeliveryFailure) {
    try self.init(address, format: format, backoff: backoff, limit: limit) { sessionPost($0) }
  }
}

private func sessionPost(_ post: WebhookPost) -> WebhookPost.Reply {
  guard let url = URL(string: post.address) else { return .none(reason: "no address") }
  var request = URLRequest(url: url)
  request.httpMethod = "POST"
  request.httpBody = Data(post.body)
  for field in post.fields { request.setValue(field.value, forHTTPHeaderField: field.name) }
  let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
  defer { session.finishTasksAndInvalidate() }
  let answer = Answer()
  let task = session.dataTask(with: request) { _, response, error in
    if let response = response as? HTTPURLResponse {
      let retryAfter = response.value(forHTTPHeaderField: "Retry-After")
      answer.reply.withLock { $0 = .answered(status: response.statusCode, retryAfter: retryAfter) }
    } else if error != nil {
      answer.reply.withLock { $0 = .none(reason: "no connection") }
    }
    answer.isThere.signal()
  }
  task.resume()
  if answer.isThere.wait(timeout: .now() + post.limit / .seconds(1)) == .timedOut { task.cancel() }
  return answer.reply.withLock { $0 }
}

private final class Answer: Sendable {
  let isThere = DispatchSemaphore(value: 0)
  let reply = Mutex(WebhookPost.Reply.none(reason: "no answer in time"))
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate {
  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) { completionHandler(nil) }
}
