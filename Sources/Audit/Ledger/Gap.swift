/// One way in which an audit saw less than happened (CONTRACT 6, `incomplete`).
public struct Gap: Hashable, Sendable {
  public enum Nature: Sendable {
    /// What the audit waits for was not heard yet: usual at the start, a blind audit later.
    case unheard
    /// Something that was there is gone now.
    case absent
    /// Something was missed. It stays missed, but the audit may see everything from now on.
    case lost
  }

  public var text: String
  public var nature: Nature
  /// What the reader can do so that the next audit says more, in the imperative.
  public var action: String
  /// Names in the text from outside that a stranger must not read, and that cannot be recognised by their form.
  public var names: [String]

  public init(_ text: String, _ nature: Nature, do action: String, names: [String] = []) {
    self.names = names
    self.text = text
    self.nature = nature
    self.action = action
  }
}
