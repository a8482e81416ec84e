/// The filter with which an interface was recorded (if_filter, draft-ietf-opsawg-pcapng section 4.2). Frames that it
/// rejected are not in the file.
public enum CaptureFilter: Hashable, Sendable {
  /// An expression in the language of pcap-filter(7).
  case expression(String)
  /// A Berkeley packet filter program, with its number of instructions.
  case program(instructions: Int)
  /// The rules by which netfilter logged packets (LINKTYPE_NFLOG).
  case netfilterRules
  /// A filter of a type that the format does not describe.
  case unknown

  /// How many bytes of an expression are kept.
  static var greatestLength: Int { 1024 }
  /// The length of one instruction of a program, in bytes.
  static var instructionLength: Int { 8 }
}

extension CaptureFilter: CustomStringConvertible {
  public var description: String {
    switch self {
    case .expression(let text): "the filter '\(text)'"
    case .program(let count): "a filter program of \(count) instruction\(count == 1 ? "" : "s")"
    case .netfilterRules: "rules of netfilter (NFLOG)"
    case .unknown: "a filter of unknown form"
    }
  }
}

extension SavefileReader {
  //      0      1
  //     +------+------------------------------
  //     | form | 0: text, 1: instructions
  //     +------+------------------------------

  /// Nil for a filter that passes every frame: an empty text, or a program that only returns a length, as libpcap
  /// compiles from an empty text.
  func captureFilter(_ option: PcapngOptionPlace) -> CaptureFilter? {
    guard option.length > 0 else { return .unknown }
    let (start, length) = (option.start + 1, option.length - 1)
    switch window.uint8(at: option.start) {
    case 0:
      let bytes = window.copy(at: start, atMost: min(length, CaptureFilter.greatestLength))
      let isBlank = length <= bytes.count && bytes.allSatisfy { $0 <= 0x20 }
      return isBlank ? nil : .expression(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    case 1:
      let count = length / CaptureFilter.instructionLength
      guard count > 0, length % CaptureFilter.instructionLength == 0 else { return .unknown }
      // BPF_RET | BPF_K; its operand is how many bytes of the frame to keep.
      let keepsAll = count == 1 && window.uint16(at: start, order) == 6 && window.uint32(at: start + 4, order) > 0
      return keepsAll ? nil : .program(instructions: count)
    default: return .unknown
    }
  }
}
