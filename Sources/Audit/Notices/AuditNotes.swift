/// What is told beside the verdicts.
struct AuditNotes: Sendable {
  var facts = WireFacts()
  var hostLookups = HostLookups()
  var timeline = Timeline()
}
