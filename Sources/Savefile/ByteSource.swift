/// The file's bytes before any decompression. Waits for more if necessary.
struct ByteSource: ~Copyable {
  private static var pollInterval: Int32 { 100 }
  private static var followInterval: Int32 { 50 }

  private let descriptor: FileDescriptor
  private let follow: Bool
  private let stop: StopFlag
  private let memory: [UInt8]
  private let readLimit: Int
  /// The stream's first bytes, which were read to detect its format and must be read again.
  private var held: [UInt8] = []

  private(set) var bytesRead: UInt64 = 0
  private(set) var wasStopped = false
  /// Whether the stop came while there may have been more to read. A partial record is then no sign of a cut file.
  private(set) var wasStoppedEarly = false

  var size: UInt64? { descriptor.size }

  init(_ descriptor: consuming FileDescriptor, follow: Bool, stop: StopFlag) {
    self.descriptor = descriptor
    self.follow = follow
    self.stop = stop
    memory = []
    readLimit = .max
  }

  init(memory: [UInt8], readLimit: Int, stop: StopFlag) {
    descriptor = FileDescriptor()
    follow = false
    self.stop = stop
    self.memory = memory
    self.readLimit = max(1, readLimit)
  }

  /// Reads the next bytes of the stream, at most as many as fit. Returns 0 at the end.
  mutating func read(into span: inout MutableRawSpan) throws(SavefileError) -> Int {
    if !held.isEmpty {
      let count = span.copy(held, from: 0, limit: .max)
      held.removeFirst(count)
      return count
    }
    return try readFresh(into: &span)
  }

  /// Takes back bytes that were read. The next reads return them again.
  mutating func putBack(_ bytes: [UInt8]) { held = bytes }

  private mutating func readFresh(into span: inout MutableRawSpan) throws(SavefileError) -> Int {
    if stop.isRequested {
      wasStopped = true
      wasStoppedEarly = true
      return 0
    }
    let count = descriptor.isAbsent ? readMemory(into: &span) : try readDescriptor(into: &span)
    bytesRead += UInt64(count)
    return count
  }

  private func readMemory(into span: inout MutableRawSpan) -> Int {
    span.copy(memory, from: Int(bytesRead), limit: readLimit)
  }

  private mutating func readDescriptor(into span: inout MutableRawSpan) throws(SavefileError) -> Int {
    while true {
      if !descriptor.isRegular {
        while !descriptor.wait(milliseconds: Self.pollInterval) {
          if isStopped() { return 0 }
        }
      }
      switch descriptor.read(into: &span) {
      case .bytes(0):
        guard follow, descriptor.isRegular else { return 0 }
        if isStopped() { return 0 }
        FileDescriptor.sleep(milliseconds: Self.followInterval)
      case .bytes(let count):
        return count
      case .interrupted:
        if isStopped() { return 0 }
      case .failed(let code):
        throw SavefileError(.cannotRead(code: code), at: bytesRead)
      }
    }
  }

  private mutating func isStopped() -> Bool {
    if stop.isRequested { wasStopped = true }
    return wasStopped
  }
}
