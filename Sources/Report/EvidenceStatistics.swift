import Audit
import Policy
package import Savefile
import Wire

/// What a capture counted on one interface; written at the end of the evidence.
package struct EvidenceStatistics: Sendable {
  package var interfaceName: String
  package var counts: CaptureCounts

  package init(interfaceName: String, counts: CaptureCounts) {
    self.interfaceName = interfaceName
    self.counts = counts
  }
}
