import Wire

/// When interfaces were seen.
extension Summary {
  /// Called before summaries are added. The audit of a file only states its first and last frame; the time between them
  /// is filled in. A sum of several audits that did not state it stays unknown.
  mutating func stateSight() {
    guard audits == 1 else { return }
    for index in interfaces.indices where interfaces[index].seen == nil {
      guard let first = interfaces[index].first, let last = interfaces[index].last else {
        interfaces[index].seen = []
        continue
      }
      interfaces[index].seen = [Part(from: first, to: last)]
    }
  }

  /// The parts sorted and joined, so that no two touch.
  package static func union(_ parts: [Part]) -> [Part] {
    parts.sorted { ($0.from, $0.to) < ($1.from, $1.to) }.reduce(into: []) { union, part in
      guard let last = union.last, part.from <= last.to else { return union.append(part) }
      union[union.count - 1].to = max(last.to, part.to)
    }
  }
}
