import CLinux
import CPcap
import Glibc
import Text
import Wire

/// An open libpcap handle on all interfaces of the machine (pcap(3PCAP), device `any`). It is closed when the value's
/// lifetime ends.
///
/// One packet socket serves all interfaces and is bound to none. It survives interfaces that vanish and come back, sees
/// the first packet of a new one, keeps the kernel's order of frames across interfaces, and needs its privilege only to
/// be opened. Frames carry interface index, direction and source address in a LINUX_SLL2 header.
///
/// Calls libpcap, hence `unsafe`. Sound: this value owns the handle, the ring stays mapped as long as the value lives,
/// and a frame's bytes are lent until the next read, which the compiler forbids while they are in use. libpcap returns
/// a block of the ring to the kernel with the block's last frame. The kernel may then overwrite that frame, but only if
/// it finds no other room and so has dropped other frames; the audit is incomplete then.
@safe
struct PcapHandle: ~Copyable {
  /// The current frame's bytes and lengths, after a successful read.
  private(set) var bytes: UnsafePointer<UInt8>?
  private(set) var capturedLength = 0
  private(set) var originalLength = 0
  private(set) var timestamp = Timestamp(nanoseconds: 0)

  private let handle: OpaquePointer
  /// Readable when the ring holds frames (poll(2)).
  let descriptor: Int32

  /// Opens the handle and begins to capture. `bufferSize` is the size of the kernel's ring, in bytes.
  init(snapLength: Int32, bufferSize: Int32) throws(CaptureError) {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let handle = unsafe pcap_create("any", &message) else { throw .failed(Self.text(message)) }
    do throws(CaptureError) {
      unsafe try Self.activate(handle, snapLength: snapLength, bufferSize: bufferSize)
    } catch {
      unsafe pcap_close(handle)
      throw error
    }
    unsafe self.handle = handle
    descriptor = unsafe pcap_get_selectable_fd(handle)
  }

  private static func activate(
    _ handle: OpaquePointer, snapLength: Int32, bufferSize: Int32
  ) throws(CaptureError) {
    unsafe pcap_set_snaplen(handle, snapLength)
    unsafe pcap_set_promisc(handle, 0)
    // How long the kernel may hold back a ring block that is not full, in milliseconds.
    unsafe pcap_set_timeout(handle, 1)
    unsafe pcap_set_buffer_size(handle, bufferSize)
    unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    let status = unsafe pcap_activate(handle)
    if status < 0 {
      let words = unsafe String(cString: pcap_geterr(handle))
      let reason = words.isEmpty ? unsafe String(cString: pcap_statustostr(status)) : words
      throw status == PCAP_ERROR_PERM_DENIED ? .notPermitted(reason) : .failed(reason)
    }
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard unsafe pcap_set_datalink(handle, DLT_LINUX_SLL2) == 0, unsafe pcap_setnonblock(handle, 1, &message) == 0,
      unsafe pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO,
      unsafe pcap_get_selectable_fd(handle) >= 0
    else { throw .failed(unsafe String(cString: pcap_geterr(handle))) }
  }

  deinit { unsafe pcap_close(handle) }

  /// Makes the kernel pass only frames of these interfaces and of those newer than `newest`.
  ///
  /// The filter is set without libpcap, which would let nothing through while it changes a filter.
  func select(_ indices: [UInt32], newerThan newest: UInt32, snapLength: Int) throws(CaptureError) {
    let status = unsafe linux_attach_interface_filter(
      descriptor, indices, UInt32(indices.count), newest, UInt32(clamping: snapLength))
    guard status == 0 else {
      throw .failed("the interfaces cannot be selected: \(SystemError.message(errno))")
    }
  }

  /// Moves to the next frame in the ring. Returns false if the ring is empty.
  mutating func advance() throws(CaptureError) -> Bool {
    var arrival = unsafe pcap_arrival()
    switch unsafe pcap_next_in_place(handle, &arrival) {
    case 1:
      unsafe bytes = arrival.bytes
      capturedLength = Int(unsafe arrival.header.caplen)
      originalLength = Int(unsafe arrival.header.len)
      // With nanosecond precision the microseconds field holds nanoseconds.
      let (seconds, fraction) = unsafe (Int64(arrival.header.ts.tv_sec), Int64(arrival.header.ts.tv_usec))
      timestamp = Timestamp(seconds: seconds, nanoseconds: fraction)
      return true
    case 0: return false
    default: throw .failed(unsafe String(cString: pcap_geterr(handle)))
    }
  }

  /// The frame's bytes, lent until the next read.
  var span: RawSpan {
    @_lifetime(borrow self) get {
      let span = unsafe RawSpan(_unsafeStart: bytes ?? Self.nothing, byteCount: bytes == nil ? 0 : capturedLength)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  private static var nothing: UnsafePointer<UInt8> { unsafe UnsafePointer(bitPattern: 1)! }

  /// Frames that reached the ring, and frames that found it full, since the capture began. Nil if libpcap does not say.
  func statistics() -> CaptureStatistics? {
    var statistics = pcap_stat()
    guard unsafe pcap_stats(handle, &statistics) == 0 else { return nil }
    return CaptureStatistics(received: UInt64(statistics.ps_recv), dropped: UInt64(statistics.ps_drop))
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// What the capture as a whole received and lost.
public struct CaptureStatistics: Hashable, Sendable {
  /// Frames that matched the filter, including lost ones.
  public var received: UInt64
  /// Frames that the kernel dropped because the ring was full.
  public var dropped: UInt64
}
