import Wire

/// A port of the machine that Docker forwards to a container.
public struct PublishedPort: Hashable, Sendable, CustomStringConvertible {
  /// The machine's address and port or port range as written. Empty if the engine chooses.
  public var published: String
  /// The container's port or range as written.
  public var target: String
  /// `tcp` or `udp`.
  public var transport: String

  public init(published: String, target: String, transport: String) {
    self.published = published
    self.target = target
    self.transport = transport
  }

  public var description: String { "\(published.isEmpty ? "any port" : published) -> \(target)/\(transport)" }
}
