// The static standard library of a release build has no Swift Testing; there this module is empty.
#if canImport(Testing)
public import Testing

/// Skips a test on a machine that lacks what it needs, and counts it (`Skips`).
public struct NeedTrait: TestTrait, SuiteTrait {
  let needs: [Need]

  public var isRecursive: Bool { true }

  public func prepare(for test: Test) async throws {
    // The tests of a suite are checked and counted one by one.
    guard !test.isSuite else { return }
    let lacking = needs.filter { !$0.missing.isEmpty }
    guard !lacking.isEmpty else { return }
    let words = lacking.map { "needs \($0.name): \($0.missing.joined(separator: ", "))" }.joined(separator: "; ")
    guard !Skips.areFailures else { throw Lack(words: words) }
    Skips.add(lacking.map(\.name))
    try await ConditionTrait.disabled("\(words)").prepare(for: test)
  }
}

extension Trait where Self == NeedTrait {
  /// The needs of the test that a machine may lack.
  public static func needs(_ needs: Need...) -> Self { NeedTrait(needs: needs) }
}
#endif
