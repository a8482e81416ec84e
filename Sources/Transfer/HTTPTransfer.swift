import CCurl
import Glibc

/// Makes HTTP requests with libcurl, on the calling thread. No redirects, no other protocols, no signals.
///
/// Calls libcurl, hence `unsafe`. Sound: each call has its own easy handle and list of fields, and libcurl calls back
/// only while `http_perform` runs. The receiver is kept alive that long.
package enum HTTPTransfer {
  package static func perform(_ request: HTTPRequest) throws(TransferError) -> HTTPReply {
    let receiver = Receiver(bodyLimit: request.bodyLimit)
    let status = try perform(request, receiver)
    return HTTPReply(status: status, retryAfter: receiver.retryAfter, body: receiver.body)
  }

  /// Passes the body of a successful reply to `onBytes` in pieces as they arrive, until `onBytes` returns false or the
  /// stream ends. Returns the status. `onStart` gets the status once the reply's header fields are complete, which may
  /// be long before the first piece.
  package static func stream(
    _ request: HTTPRequest, onStart: @escaping (Int) -> Void = { _ in }, onBytes: @escaping ([UInt8]) -> Bool
  ) throws(TransferError) -> Int {
    try perform(request, Receiver(bodyLimit: .max, onStart: onStart, onBytes: onBytes))
  }

  private static func perform(_ request: HTTPRequest, _ receiver: Receiver) throws(TransferError) -> Int {
    if let connection = request.connection {
      defer { close(connection) }
      var transfer = ConnectedTransfer(connection, until: request.limit.map { .now + $0 })
      let status = try transfer.perform(request, receiver)
      if receiver.isTooLong { throw tooLong(request) }
      return status
    }
    guard http_load() == 0, let handle = unsafe http_open() else {
      throw TransferError(reason: "libcurl.so.4 cannot be loaded; is it installed?")
    }
    defer { unsafe http_close(handle) }
    var list: UnsafeMutablePointer<curl_slist>?
    defer { unsafe http_free(list) }
    for field in request.fields {
      let line = "\(field.name): \(field.value)"
      // A line feed in the value would begin another field.
      guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let longer = unsafe http_append(list, line) else {
        throw TransferError(reason: "the header field \(field.name) cannot be sent")
      }
      unsafe list = longer
    }
    var codes = unsafe [
      http_set_text(handle, CURLOPT_URL, request.address),
      http_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method),
      http_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      http_set_text(handle, CURLOPT_USERAGENT, "leakaudit"),
      http_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
      http_set_long(handle, CURLOPT_NOSIGNAL, 1),
      http_set_long(handle, CURLOPT_TCP_KEEPALIVE, 1),
      http_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectLimit)),
      http_set_long(handle, CURLOPT_TIMEOUT_MS, request.limit.map(milliseconds) ?? 0),
      http_set_fields(handle, list),
    ]
    if !request.allowsProxy { unsafe codes.append(http_set_text(handle, CURLOPT_NOPROXY, "*")) }
    if let path = request.socketPath {
      // A proxy named in the environment (http_proxy) is only for hosts.
      unsafe codes += [
        http_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, path), http_set_text(handle, CURLOPT_NOPROXY, "*"),
      ]
    }
    if let body = request.body { unsafe codes.append(http_set_body(handle, body, body.count)) }
    let context = unsafe Unmanaged.passUnretained(receiver)
    unsafe codes.append(http_set_receivers(handle, receiveBody, receiveHead, context.toOpaque()))
    if let code = codes.first(where: { $0 != CURLE_OK }) { throw error(code) }

    let code = withExtendedLifetime(receiver) { unsafe http_perform(handle) }
    if receiver.isTooLong { throw tooLong(request) }
    // A write error is no error if the stream's reader ended it.
    guard code == CURLE_OK || code == CURLE_WRITE_ERROR && receiver.wasEnded else { throw error(code) }
    return unsafe http_status(handle)
  }

  private static func tooLong(_ request: HTTPRequest) -> TransferError {
    TransferError(reason: "the answer is longer than \(request.bodyLimit) bytes")
  }

  /// Milliseconds, at least 1: 0 would mean no limit.
  private static func milliseconds(_ duration: Duration) -> Int {
    max(1, Int(min(duration / .milliseconds(1), 1e9).rounded(.up)))
  }

  private static func error(_ code: CURLcode) -> TransferError {
    TransferError(reason: unsafe String(cString: http_error(code)))
  }
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
  let receiver = unsafe Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
  let length = size * count
  return receiver.receive(unsafe Array(UnsafeRawBufferPointer(start: bytes, count: length))) ? length : 0
}

private func receiveHead(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
  let receiver = unsafe Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
  let length = size * count
  receiver.receiveHead(unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self))
  return length
}
