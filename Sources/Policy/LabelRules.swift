import Synchronization

/// The rules that name leaks, in the order in which they are tried. They are made when first needed, so an
/// audit that finds no leak never reads them, and starts faster.
public struct LabelRules: Sendable {
  private let storage: Storage
  /// The rules that the user added to the original ones.
  public private(set) var added: [LabelRule] = []

  private final class Storage: Sendable {
    private let make: @Sendable () -> [LabelRule]
    private let made = Mutex<[LabelRule]?>(nil)

    init(_ make: @escaping @Sendable () -> [LabelRule]) { self.make = make }

    var list: [LabelRule] {
      made.withLock { made in
        if let made { return made }
        let list = make()
        made = list
        return list
      }
    }
  }

  public init(_ rules: [LabelRule] = []) { self.init { rules } }

  /// Creates rules that `make` makes once, when they are first needed.
  public init(_ make: @escaping @Sendable () -> [LabelRule]) { storage = Storage(make) }

  public var list: [LabelRule] { storage.list }

  /// These rules and some more. A new rule with the id of an existing one replaces it. All other new rules are tried
  /// before the existing ones, in their own order.
  public func adding(_ more: [LabelRule]) -> LabelRules {
    guard !more.isEmpty else { return self }
    var rules = LabelRules { [storage] in Self.join(more, storage.list) }
    rules.added = Self.join(more, added)
    return rules
  }

  private static func join(_ more: [LabelRule], _ rules: [LabelRule]) -> [LabelRule] {
    var result = rules
    var first: [LabelRule] = []
    for rule in more {
      if let place = result.firstIndex(where: { $0.id == rule.id }) {
        result[place] = rule
      } else {
        first.append(rule)
      }
    }
    return first + result
  }
}

extension LabelRules: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { list.count }
  public subscript(position: Int) -> LabelRule { list[position] }
}

extension [LabelRule] {
  /// The rules in the order in which they are tried: by their basis; rules with the same basis keep their order.
  public var inOrderTried: [LabelRule] {
    RuleBasis.allCases.flatMap { basis in filter { $0.basis == basis } }
  }
}

extension LabelRules: ExpressibleByArrayLiteral {
  public init(arrayLiteral rules: LabelRule...) { self.init(rules) }
}
