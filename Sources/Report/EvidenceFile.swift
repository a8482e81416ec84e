import Policy
import Savefile
import Text
package import Wire

/// The frames of leaks as they were captured, in a pcapng file that Wireshark shows with a comment on each.
///
/// The size is bounded: frames beyond the bound of their severity are counted and not written. If the disk or this
/// process fails, the file stays readable up to its last whole frame. Calls wait for the disk, so call them from one
/// thread, not the capture's.
package struct EvidenceFile: ~Copyable {
  package private(set) var outcome: EvidenceOutcome
  private var file: BlockFile
  private let bounds: EvidenceBounds
  /// Nanoseconds between a failed write and the next attempt, measured by the frames' own time.
  private let retryInterval: Int64
  private var failure: Timestamp?
  private var interfaces: [Interface: UInt32] = [:]

  /// Each different value gets its own interface in the file.
  package struct Interface: Hashable, Sendable {
    package let name: String
    package let linkType: LinkType
    /// In bytes; 0 is no limit.
    package let snapLength: Int

    package init(name: String, linkType: LinkType, snapLength: Int) {
      self.name = name
      self.linkType = linkType
      self.snapLength = snapLength
    }
  }

  /// How many names to try if evidence of the same second exists already.
  private static var greatestSuffix: Int { 1000 }

  /// Creates the file in an existing directory. The time gives its name; only its owner can read it. Call it before
  /// privileges are dropped: from then on only the open descriptor is used.
  ///
  /// `application` is the name and version that the file states as its writer.
  /// `audited` interfaces are described from the start: it is evidence, too, that one of them leaked nothing, and roles
  /// stated for them stay right. Other interfaces are described with their first frame.
  package init(
    in directory: String, at time: Timestamp, application: String, operatingSystem: String? = nil,
    comment: String? = nil, audited: [Interface] = [],
    bounds: EvidenceBounds = EvidenceBounds(), retryInterval: Int64 = 1_000_000_000
  ) throws(EvidenceFileError) {
    try self.init(
      Self.create(in: directory, named: "leakaudit-\(Self.compact(time))"), application: application,
      operatingSystem: operatingSystem, comment: comment, audited: audited, bounds: bounds,
      retryInterval: retryInterval)
  }

  /// Creates a file with this name, which must not exist yet.
  package init(
    creating path: String, application: String, comment: String? = nil, bounds: EvidenceBounds = EvidenceBounds()
  ) throws(EvidenceFileError) {
    let file: BlockFile
    do throws(WriteError) { file = try BlockFile(creating: path) } catch {
      throw error.isTaken ? .isThere(path: path) : .cannotWrite(path: path, error)
    }
    try self.init(file, application: application, comment: comment, bounds: bounds)
  }

  private init(
    _ file: consuming BlockFile, application: String, operatingSystem: String? = nil, comment: String? = nil,
    audited: [Interface] = [], bounds: EvidenceBounds, retryInterval: Int64 = 1_000_000_000
  ) throws(EvidenceFileError) {
    do throws(WriteError) {
      try file.append(
        PcapngWriter.sectionHeader(
          application: application, operatingSystem: operatingSystem, comment: comment.map(Formatting.safe)))
      for interface in audited where interfaces[interface] == nil {
        try file.append(Self.description(interface))
        interfaces[interface] = UInt32(interfaces.count)
      }
    } catch {
      file.removeFromDirectory()
      throw .cannotWrite(path: file.path, error)
    }
    outcome = EvidenceOutcome(path: file.path)
    outcome.bytes = file.length
    self.file = file
    self.bounds = bounds
    self.retryInterval = retryInterval
  }

  private static func create(in directory: String, named name: String) throws(EvidenceFileError) -> BlockFile {
    for suffix in 1...greatestSuffix {
      do throws(WriteError) {
        return try BlockFile(creating: "\(directory)/\(name)\(suffix == 1 ? "" : "-\(suffix)").pcapng")
      } catch {
        guard error.isTaken else { throw .cannotCreate(directory: directory, error) }
      }
    }
    throw .allNamesTaken(directory: directory, name: name)
  }

  /// `20261123T231001Z`.
  private static func compact(_ time: Timestamp) -> String {
    Formatting.time(time).prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" } + "Z"
  }

  /// Writes a frame, or counts it as refused or lost.
  package mutating func write(_ record: EvidenceRecord) {
    guard !outcome.refuses(record.severity) else {
      outcome.refusals[record.severity] += 1
      return
    }
    guard !isPaused(at: record.timestamp) else {
      outcome.lost += 1
      return
    }
    let interface = Interface(name: record.interfaceName, linkType: record.linkType, snapLength: record.snapLength)
    let known = interfaces[interface]
    let number = known ?? UInt32(interfaces.count)
    let description = known == nil ? Self.description(interface) : []
    let packet = PcapngWriter.enhancedPacket(
      record.bytes, originalLength: record.originalLength, timestamp: record.timestamp, interface: number,
      direction: record.direction, comment: record.comment.map(Formatting.safe))
    let described = max(Int(number) + 1, interfaces.count)
    if let bound = boundReached(by: description.count + packet.count, interfaces: described, record.severity) {
      outcome.bound = bound
      outcome.full = record.severity
      outcome.refusals[record.severity] += 1
      return
    }
    do throws(WriteError) {
      if known == nil {
        try append(description)
        interfaces[interface] = number
      }
      try append(packet)
      outcome.framesWritten += 1
      failure = nil
    } catch {
      note(error)
      outcome.lost += 1
      failure = record.timestamp
    }
  }

  /// Writes what the captures counted, and waits until everything is on the disk. Call it once, after the last frame.
  package mutating func finish(_ statistics: [EvidenceStatistics] = [], at time: Timestamp) {
    do throws(WriteError) {
      for entry in statistics {
        // Only the first one with that name: the same losses must not be counted twice.
        guard let number = interfaces.filter({ $0.key.name == entry.interfaceName }).values.min() else { continue }
        try append(PcapngWriter.interfaceStatistics(entry.counts, timestamp: time, interface: number))
      }
    } catch {
      note(error)
    }
    do throws(WriteError) { try file.synchronize() } catch { note(error) }
  }

  private static func description(_ interface: Interface) -> [UInt8] {
    PcapngWriter.interfaceDescription(
      name: interface.name, linkType: interface.linkType, snapLength: interface.snapLength)
  }

  /// The bound that this write would exceed, if any. Room for the statistics of all interfaces is kept free.
  private func boundReached(by length: Int, interfaces: Int, _ severity: Severity) -> EvidenceOutcome.Bound? {
    let limits = bounds.upTo(severity)
    if outcome.framesWritten >= limits.frames { return .frames(bounds.frames) }
    let reserved = interfaces * PcapngWriter.greatestStatisticsLength
    return file.length + length + reserved > limits.bytes ? .bytes(bounds.bytes) : nil
  }

  /// Whether writing still waits after a failure. A clock that was set back must not keep the file waiting.
  private func isPaused(at time: Timestamp) -> Bool {
    guard let failure, time >= failure else { return false }
    let (passed, overflow) = time.nanoseconds.subtractingReportingOverflow(failure.nanoseconds)
    return !overflow && passed < retryInterval
  }

  private mutating func append(_ block: [UInt8]) throws(WriteError) {
    try file.append(block)
    outcome.bytes = file.length
  }

  private mutating func note(_ error: WriteError) {
    outcome.firstError = outcome.firstError ?? error.description
  }
}
