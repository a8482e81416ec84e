import Savefile
import Wire

/// A frame that outlives its reader.
struct OwnedFrame: Hashable {
  var bytes: [UInt8]
  var originalLength: Int
  var nanoseconds: Int64
  var linkType: LinkType
  var interface: Int
  var direction: RecordDirection
  var number = 0

  init(_ frame: borrowing CapturedFrame) {
    bytes = unsafe frame.bytes.withUnsafeBytes { unsafe Array($0) }
    originalLength = frame.originalLength
    nanoseconds = frame.timestamp.nanoseconds
    linkType = frame.linkType
    interface = frame.interface
    direction = frame.recordDirection
  }
}

/// Everything that reading a stream to its end returns.
struct Replay: Equatable {
  var frames: [OwnedFrame] = []
  var error: SavefileError?
  var interfaces: [SavefileInterface] = []
  var wasStopped = false

  init(_ bytes: [UInt8], readLimit: Int = .max, skipUnsupported: Bool = false, windowCapacity: Int = 4096) {
    self.init(
      ByteStream(bytes: bytes, readLimit: readLimit), skipUnsupported: skipUnsupported, windowCapacity: windowCapacity)
  }

  init(_ stream: consuming ByteStream, skipUnsupported: Bool = false, windowCapacity: Int = 1 << 20) {
    do throws(SavefileError) {
      var reader = try SavefileReader(stream, skipUnsupported: skipUnsupported, windowCapacity: windowCapacity)
      do throws(SavefileError) {
        while try reader.advance() {
          frames.append(OwnedFrame(reader.frame))
          frames[frames.count - 1].number = reader.number
        }
      } catch {
        self.error = error
      }
      interfaces = reader.interfaces
      wasStopped = reader.wasStopped
      // At its end a reader stays at the end.
      let first = try reader.advance()
      let second = try reader.advance()
      precondition(!first && !second)
      precondition(reader.frame.bytes.byteCount == 0)
    } catch {
      self.error = error
    }
  }

  var lengths: [Int] { frames.map(\.bytes.count) }
}
