import CPcap
import Synchronization

/// A pcap-filter(7) expression that is evaluated for each packet. libpcap compiles it once for raw IP (DLT_RAW), so
/// that no link-layer header ever shifts its offsets.
///
/// The program is written once, under a lock, and only read after `state` says that it is compiled. That makes
/// sharing it sound. It is freed with the filter, which libpcap does not know beyond a call.
@safe
package final class PacketFilter: @unchecked Sendable {
  /// The longest expression that is compiled, in bytes. Longer ones take libpcap's optimizer too much time and stack.
  package static let lengthLimit = 16_384

  private enum State: UInt8, AtomicRepresentable { case waiting, compiled, broken }

  package let expression: String
  /// Allocated separately, because each access to a class's property would be checked.
  private let program: UnsafeMutablePointer<bpf_program>
  /// The same, for analysis.
  private var compiled: [FilterAnalysis.Instruction] = []
  private let state: Atomic<State>
  private let compiling = Mutex(())

  /// Throws libpcap's own message if the expression does not compile.
  ///
  /// Also throws for an empty expression, which libpcap compiles to match every packet, and for a NUL byte,
  /// because C does not see what follows it. Also throws if libpcap would ask DNS for a host's address: an auditor
  /// must not send the packets that it looks for, and its rules must not depend on the answer.
  package convenience init(_ expression: String) throws(PacketFilterError) {
    self.init(onDemand: expression)
    try compile()
  }

  /// Makes a filter that is compiled when the first packet needs it, for expressions that are known to compile. If the
  /// expression does not compile, the filter matches nothing.
  package init(onDemand expression: String) {
    self.expression = expression
    unsafe program = .allocate(capacity: 1)
    unsafe program.initialize(to: bpf_program())
    state = Atomic(.waiting)
  }

  /// Compiles the expression now, unless it is compiled already. Throws the same errors as `init`.
  package func compile() throws(PacketFilterError) {
    try check()
    try compileOnce()
  }

  private func compileOnce() throws(PacketFilterError) {
    try compiling.withLock { _ throws(PacketFilterError) in
      guard state.load(ordering: .relaxed) != .compiled else { return }
      do throws(PacketFilterError) {
        try compileProgram()
        state.store(.compiled, ordering: .releasing)
      } catch {
        state.store(.broken, ordering: .relaxed)
        throw error
      }
    }
  }

  /// Rejects expressions that libpcap would accept, but should not.
  private func check() throws(PacketFilterError) {
    guard expression.utf8.contains(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) else {
      throw PacketFilterError(expression: expression, message: "an empty expression would match every packet")
    }
    guard !expression.utf8.contains(0) else {
      throw PacketFilterError(expression: expression, message: "it holds a NUL byte")
    }
    guard expression.utf8.count <= Self.lengthLimit else {
      throw PacketFilterError(expression: expression, message: "it is longer than \(Self.lengthLimit) bytes")
    }
    if let name = Self.hostName(in: expression) {
      throw PacketFilterError(
        expression: expression,
        message: "'\(name)' is not a keyword for raw IP, a number or an address, and would be looked up as a name"
      )
    }
  }

  private func compileProgram() throws(PacketFilterError) {
    guard let handle = unsafe pcap_open_dead(DLT_RAW, 262_144) else {
      throw PacketFilterError(expression: expression, message: "libpcap could not open a handle to compile with")
    }
    defer { unsafe pcap_close(handle) }
    // 0xFFFFFFFF is PCAP_NETMASK_UNKNOWN, a macro that the importer cannot see. It makes `ip broadcast` an error.
    guard unsafe pcap_compile(handle, program, expression, 1, 0xFFFF_FFFF) == 0 else {
      throw PacketFilterError(expression: expression, message: unsafe String(cString: pcap_geterr(handle)))
    }
    compiled = unsafe UnsafeBufferPointer(start: program.pointee.bf_insns, count: Int(program.pointee.bf_len)).map {
      FilterAnalysis.Instruction(code: $0.code, ifTrue: $0.jt, ifFalse: $0.jf, operand: $0.k)
    }
  }

  /// The compiled program. Nil if the expression does not compile.
  var instructions: [FilterAnalysis.Instruction]? {
    guard state.load(ordering: .acquiring) == .compiled || (try? compileOnce()) != nil else { return nil }
    return compiled
  }

  deinit {
    unsafe pcap_freecode(program)
    unsafe program.deallocate()
  }

  /// Whether the packet matches; it starts with its IP header. `originalLength` is the length for `len` and `greater`.
  package func matches(_ packet: RawSpan, originalLength: Int) -> Bool {
    if state.load(ordering: .acquiring) != .compiled {
      guard state.load(ordering: .relaxed) == .waiting, (try? compileOnce()) != nil else { return false }
    }
    var header = pcap_pkthdr()
    header.caplen = UInt32(clamping: packet.byteCount)
    header.len = UInt32(clamping: max(originalLength, packet.byteCount))
    return unsafe packet.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      return unsafe pcap_offline_filter(program, &header, start.assumingMemoryBound(to: UInt8.self)) != 0
    }
  }
}

package struct PacketFilterError: Error, Equatable {
  package let expression: String
  /// The message of libpcap, or of the checks made before it.
  package let message: String
}
