package import Audit
import Policy
import Summaries
import Wire

/// What summaries know about one moment: `"schema": "leakaudit.moment/1"`.
///
/// A provider's letter or a tracker's log names a second. For each leak, a summary knows when it was first and last
/// seen. It also knows how many frames of each class each step of its traffic had. The document states what follows
/// from that, and no more.
package struct MomentDocument: Codable, Equatable, Sendable {
  /// One summary that has packets around the moment.
  struct Seen: Codable, Equatable, Sendable {
    var name: String
    var first, last: Timestamp
    /// The steps of the traffic that hold the moment, and the frames in them; absent if the summary has no traffic.
    var from, to: Summary.Traffic.Start?
    var frames, tunnel, leak: Int?
    /// `leaks` certainly had a packet in the moment; `perhaps` were seen before and after it.
    var leaks, perhaps: [Summary.LeakEntry]
    /// Frames of evidence files that fall into the moment and may be of these leaks: the first 100. Absent without
    /// such files.
    var evidence: [Frame]?
    var events: [Summary.Event]
    var incomplete: [String]
    var conclusion: AuditSummary.Conclusion
  }

  /// A leaking frame of an evidence file.
  struct Frame: Codable, Equatable, Sendable {
    var file: String
    /// From 1, as Wireshark counts.
    var frame: Int
    var time: Timestamp
    var interface: String
    var reason: LeakReason
    var destination: IPAddress?
    var port: Int?
  }

  struct Part: Codable, Equatable, Sendable { var from, to: Timestamp }

  var schema = "leakaudit.moment/1"
  package var conclusion: AuditSummary.Conclusion
  var at, until: Timestamp
  var seen: [Seen]
  /// Parts of the moment that no summary covers.
  var unseen: [Part]
  /// If no summary covers the moment: when the summary before it ended, and when the one after it began.
  var endedBefore, beganAfter: Timestamp?
  /// Leaking frames of the evidence files in the moment: those of no leak of these summaries, and those that were too
  /// many to be looked up. Absent without such files.
  var otherEvidence, uncheckedEvidence: Int?
}
