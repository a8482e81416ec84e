import Audit
import Policy
import Summaries
package import Text
import Wire

/// The answer to "did I leak then?", the conclusion first.
package enum MomentText {
  private static let shownFrames = 10

  package static func text(_ moment: MomentDocument, _ layout: TextLayout) -> String {
    var page = TextPage(layout)
    page.paragraph(layout.concluding(sentence(moment)))
    for seen in moment.seen { write(seen, to: &page) }
    if !moment.seen.isEmpty, !moment.unseen.isEmpty {
      page.heading("Not seen")
      for part in moment.unseen {
        page.paragraph("from \(part.from.coded) to \(part.to.coded)", first: "  ", rest: "    ")
      }
    }
    let (others, unchecked) = (moment.otherEvidence ?? 0, moment.uncheckedEvidence ?? 0)
    if others + unchecked > 0 { page.heading("Evidence") }
    if others > 0 {
      page.paragraph(
        "\(Formatting.count(others, "leaking frame")) of that time \(others == 1 ? "is" : "are") of no leak in these "
          + "summaries: name the summary of the same watch", first: "  ", rest: "    ")
    }
    if unchecked > 0 {
      page.paragraph(
        "\(Formatting.count(unchecked, "further leaking frame")) of that time: ask for a shorter one", first: "  ",
        rest: "    ")
    }
    return page.text
  }

  private static func sentence(_ moment: MomentDocument) -> String {
    let length = Formatting.duration(nanoseconds: (moment.until - moment.at).nanoseconds)
    let when = "at \(moment.at.coded), for \(length)"
    let files = Formatting.count(moment.seen.count, "summary").replacing("summarys", with: "summaries")
    switch moment.conclusion {
    case .leaks:
      let sure = moment.seen.reduce(0) { $0 + $1.leaks.count }
      let kinds =
        sure > 0
        ? "\(Formatting.count(sure, "kind")) of leak"
        : "one of \(Formatting.count(moment.seen.reduce(0) { $0 + $1.perhaps.count }, "kind")) of leak at least"
      return "LEAKS \(when): \(kinds) (\(files) saw that time)."
    case .clean:
      let tunnel = moment.seen.reduce(0) { $0 + ($1.tunnel ?? 0) }
      let frames = moment.seen.reduce(0) { $0 + ($1.frames ?? 0) }
      let vpn =
        frames == 0
        ? "no packet at all was seen"
        : tunnel == 0
          ? "no packet went through the tunnel either" : "\(Formatting.count(tunnel, "frame")) of the tunnel"
      let none = moment.seen.allSatisfy(\.leaks.isEmpty) ? "no leak was seen" : "nothing that fails the audit leaked"
      return "CLEAN \(when): \(none); \(vpn) (\(files) saw that time)."
    case .incomplete:
      if !moment.seen.isEmpty {
        return "INCOMPLETE \(when): no leak is certain, but that is no proof that nothing leaked; see below."
      }
      let sides = [
        moment.endedBefore.map { "the audit before ended at \($0.coded)" },
        moment.beganAfter.map { "the next began at \($0.coded)" },
      ].compactMap(\.self)
      return (["INCOMPLETE \(when): none of the summaries saw that time"] + sides).joined(separator: "; ") + "."
    }
  }

  private static func write(_ seen: MomentDocument.Seen, to page: inout TextPage) {
    page.heading(Formatting.safe(seen.name))
    page.paragraph("packets from \(seen.first.coded) to \(seen.last.coded)", first: "  ", rest: "    ")
    if let frames = seen.frames, let leak = seen.leak, let tunnel = seen.tunnel, let from = seen.from, let to = seen.to
    {
      page.paragraph(
        "\(Formatting.count(frames, "frame")) from \(from.coded) to \(to.coded): \(Formatting.number(tunnel)) of the tunnel, "
          + "\(Formatting.number(leak)) leaking", first: "  ", rest: "    ")
    }
    for leak in seen.leaks { write(leak, "", to: &page) }
    for leak in seen.perhaps { write(leak, "perhaps: ", to: &page) }
    for frame in (seen.evidence ?? []).prefix(shownFrames) {
      let target = [frame.destination?.coded, frame.port.map(String.init)].compactMap(\.self).joined(separator: " ")
      page.paragraph(
        "\(frame.time.coded)  frame \(Formatting.number(frame.frame)) of \(Formatting.safe(frame.file)) on \(Formatting.safe(frame.interface)): "
          + frame.reason.rawValue + (target.isEmpty ? "" : " to \(target)"),
        first: "  ", rest: "    ")
    }
    if let more = seen.evidence.map({ $0.count - shownFrames }), more > 0 {
      page.line("  and \(Formatting.count(more, "more frame")) of the evidence at least; see --format json")
    }
    for event in seen.events {
      page.paragraph("\(event.time.coded)  \(Formatting.safe(event.text))", first: "  ", rest: "    ")
    }
    for reason in seen.incomplete {
      page.paragraph("incomplete: \(Formatting.safe(reason))", first: "  - ", rest: "    ")
    }
  }

  private static func write(_ leak: Summary.LeakEntry, _ doubt: String, to page: inout TextPage) {
    page.paragraph(
      "\(doubt)\(leak.severity.rawValue) \(leak.reason.rawValue): \(Formatting.safe(leak.title)), \(leak.target) on "
        + Formatting.safe(leak.interface), first: "  ", rest: "    ")
    let facts = [
      leak.whose, leak.sources.isEmpty ? nil : "from " + leak.naming(leak.sources.map(\.coded), of: [.sources]),
      leak.names.isEmpty ? nil : "asked for or named " + leak.naming(leak.names, of: [.questions, .details]),
    ].compactMap(\.self)
    if !facts.isEmpty { page.paragraph(Formatting.safe(facts.joined(separator: "; ")), first: "    ", rest: "    ") }
    page.paragraph("first \(leak.first.coded)\(leak.frameWords), last \(leak.last.coded)", first: "    ", rest: "    ")
  }
}
