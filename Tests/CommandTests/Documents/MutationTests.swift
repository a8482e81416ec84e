import Foundation
import TestNeeds
import Testing

/// The faults of Tests/Mutation, each of which must still fit the code.
@Suite(.needs(.python)) struct MutationTests {
  @Test func `every fault's text occurs in its file exactly once`() throws {
    let result = try Command.shell("Tests/Mutation/run --check")
    #expect(result.status == 0, "\(result.errors)")
    let count = try #require(result.output.split(separator: " ").first.flatMap { Int($0) })
    #expect(count >= 40)
  }
}
