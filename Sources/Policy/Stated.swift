import Wire

/// A statement of the policy and where it was made: `wg0.conf:7`, `--endpoint`, `policy.yaml:12`.
public struct Stated<Value: Sendable>: Sendable {
  public var value: Value
  public var origin: String

  public init(_ value: Value, origin: String) {
    self.value = value
    self.origin = origin
  }
}
