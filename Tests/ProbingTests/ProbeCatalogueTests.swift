import Probing
import Testing
import Wire

struct ProbeCatalogueTests {
  @Test func `placeholder`() { #expect(!ProbeCatalogue.probes.isEmpty) }
}
