import Foundation
import TestNeeds
import Testing

/// The recipe for archives that one machine takes too long for, on a cluster of processes with Spark's own scheduler
/// (Tests/Lab/spark); what two workers gain over one is measured by `.ci/run`.
@Suite(.serialized, .needs(.spark, .minutes)) struct SparkTests {
  private func spark(_ subject: String) throws {
    let result = try Lab.run("spark", [Command.binary.path, subject], limit: .seconds(600))
    #expect(result.output == "\(subject): as it must be\n")
  }

  @Test func `one worker and two give the same bytes as one program`() throws { try spark("equal") }

  @Test func `a file that cannot be audited fails the whole job and says why`() throws { try spark("failures") }
}
