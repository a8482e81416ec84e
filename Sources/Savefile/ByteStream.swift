/// A savefile's bytes in order, from a file, a pipe or standard input, decompressed if necessary.
///
/// With `follow`, the stream can read a file that is still being written: at its end it waits for more,
/// until the stop flag is raised.
public struct ByteStream: ~Copyable {
  /// The file's path, or "standard input". Messages about this stream begin with it.
  public let name: String
  private var source: ByteSource
  private var gzip: GzipInflater?
  private var zstd: ZstdInflater?
  private var xz: XzInflater?
  private var lz4: LZ4Inflater?

  /// Opens a file, a FIFO, or standard input if the path is `-`.
  public init(path: String, follow: Bool = false, stop: StopFlag = StopFlag()) throws(SavefileError) {
    let isStandardInput = path == "-"
    name = isStandardInput ? "standard input" : path
    let descriptor =
      isStandardInput ? try FileDescriptor.standardInput() : try FileDescriptor(path: path)
    source = ByteSource(descriptor, follow: follow, stop: stop)
  }

  /// A stream over bytes in memory, for tests and fuzzing; `readLimit` imitates short reads.
  package init(bytes: [UInt8], readLimit: Int = .max, stop: StopFlag = StopFlag()) {
    name = "memory"
    source = ByteSource(memory: bytes, readLimit: readLimit, stop: stop)
  }

  /// Bytes read from the underlying file so far, before any decompression.
  var bytesRead: UInt64 { source.bytesRead }
  /// The underlying file's size when it was opened, if it is a regular file.
  var fileSize: UInt64? { source.size }
  var wasStopped: Bool { source.wasStopped }
  var wasStoppedEarly: Bool { source.wasStoppedEarly }

  /// Decompresses from here on, beginning with the compressed bytes that were read already (`beginning`).
  mutating func inflate(_ compression: Compression, from beginning: [UInt8]) throws(SavefileError) {
    source.putBack(beginning)
    switch compression {
    case .gzip: gzip = try GzipInflater()
    case .zstd: zstd = try ZstdInflater()
    case .xz: xz = try XzInflater()
    case .lz4: lz4 = try LZ4Inflater()
    }
  }

  /// Reads the next bytes, at most as many as fit. Returns 0 at the end.
  mutating func read(into span: inout MutableRawSpan) throws(SavefileError) -> Int {
    if gzip != nil { return try gzip!.read(into: &span, from: &source) }
    if zstd != nil { return try zstd!.read(into: &span, from: &source) }
    if xz != nil { return try xz!.read(into: &span, from: &source) }
    if lz4 != nil { return try lz4!.read(into: &span, from: &source) }
    return try source.read(into: &span)
  }
}
