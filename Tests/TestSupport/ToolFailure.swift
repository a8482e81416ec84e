/// A program that a test needs did not do what it must.
public struct ToolFailure: Error {
  public let message: String

  public init(message: String) { self.message = message }
}
