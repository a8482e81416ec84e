/// One way in which an audit saw less than happened (CONTRACT 6, `incomplete`).
public struct Gap: Hashable, Sendable {
  public enum Nature: Sendable {
    /// Nothing was heard yet of what the audit waits for: usual at the start, a blind audit later.
    case unheard
    /// What was there is not there now.
    case absent
    /// Something was missed. It stays missed, while the audit may see all that comes.
    case lost
  }

  public var text: String
  public var nature: Nature
  /// What the reader can do so that the next audit says more, in the imperative.
  public var action: String
  /// What the text takes from outside that a stranger is not to read and that is known by no form.
  public var names: [String]

  public init(_ text: String, _ nature: Nature, do action: String, names: [String] = []) {
    self.names = names
    self.text = text
    self.nature = nature
    self.action = action
  }
}
