import CPcap
import Synchronization

/// A pcap-filter(7) expression, compiled once by libpcap against raw IP (DLT_RAW), so that no link-layer
/// header ever shifts it, and asked per packet.
///
/// The program is written once, under a lock, and only read after `state` has said that it is there; that makes
/// sharing it sound.
@safe
package final class PacketFilter: @unchecked Sendable {
  /// The longest expression that is compiled, in bytes: libpcap's optimizer needs time and stack for more.
  package static let lengthLimit = 16_384

  private enum State: UInt8, AtomicRepresentable { case waiting, compiled, broken }

  package let expression: String
  /// In memory of its own: of a property of a class, each access would be checked.
  private let program: UnsafeMutablePointer<bpf_program>
  private let state: Atomic<State>
  private let compiling = Mutex(())

  /// Throws libpcap's own message where the expression does not compile.
  ///
  /// Also throws where libpcap would match every packet: for an expression of nothing, and for what stands
  /// behind a NUL byte, which C never sees. And where libpcap would ask DNS for a host's address: an auditor
  /// must not send the packets that it looks for, and its rules must not change with the answer.
  package convenience init(_ expression: String) throws(PacketFilterError) {
    self.init(onDemand: expression)
    try compile()
  }

  /// A filter that is compiled by the first packet that asks it: for expressions that are known to compile. One
  /// that does not matches nothing.
  package init(onDemand expression: String) {
    self.expression = expression
    unsafe program = .allocate(capacity: 1)
    unsafe program.initialize(to: bpf_program())
    state = Atomic(.waiting)
  }

  /// Compiles the expression now, if that was not done. Throws as `init` does.
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

  /// What libpcap would take, and should not.
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
        expression: expression, message: "'\(name)' is no keyword for raw IP, number or address, and would be looked up"
      )
    }
  }

  private func compileProgram() throws(PacketFilterError) {
    guard let handle = unsafe pcap_open_dead(DLT_RAW, 262_144) else {
      throw PacketFilterError(expression: expression, message: "libpcap could not open a handle to compile with")
    }
    defer { unsafe pcap_close(handle) }
    // 0xFFFFFFFF is PCAP_NETMASK_UNKNOWN, a macro that the importer cannot see: `ip broadcast` is then an error.
    guard unsafe pcap_compile(handle, program, expression, 1, 0xFFFF_FFFF) == 0 else {
      throw PacketFilterError(expression: expression, message: unsafe String(cString: pcap_geterr(handle)))
    }
  }

  /// The compiled program; nil where the expression does not compile.
  var instructions: [FilterAnalysis.Instruction]? {
    guard state.load(ordering: .acquiring) == .compiled || (try? compileOnce()) != nil else { return nil }
    return unsafe UnsafeBufferPointer(start: program.pointee.bf_insns, count: Int(program.pointee.bf_len)).map {
      FilterAnalysis.Instruction(code: $0.code, ifTrue: $0.jt, ifFalse: $0.jf, operand: $0.k)
    }
  }

  deinit {
    unsafe pcap_freecode(program)
    unsafe program.deallocate()
  }

  /// Whether the packet, from its IP header on, matches. `originalLength` is what `len` and `greater` see.
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
  /// What libpcap said.
  package let message: String
}
