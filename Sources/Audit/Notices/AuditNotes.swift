/// What is reported besides the verdicts.
struct AuditNotes: Sendable {
  var facts = WireFacts()
  var hostLookups = HostLookups()
  var timeline = Timeline()
}
