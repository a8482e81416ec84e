/// The filter that an interface was recorded through (if_filter, draft-ietf-opsawg-pcapng section 4.2): frames that it
/// turned away are not in the file.
public enum CaptureFilter: Hashable, Sendable {
  /// In the language of pcap-filter(7).
  case expression(String)
  /// A program of the Berkeley packet filter, with so many instructions.
  case program(instructions: Int)
  /// In a form that the format does not describe.
  case unknown

  /// Bytes of an expression that are kept.
  static var greatestLength: Int { 1024 }
  /// Of one instruction of a program.
  static var instructionLength: Int { 8 }
}

extension CaptureFilter: CustomStringConvertible {
  public var description: String {
    switch self {
    case .expression(let text): "the filter '\(text)'"
    case .program(let count): "a filter program of \(count) instruction\(count == 1 ? "" : "s")"
    case .unknown: "a filter of unknown form"
    }
  }
}

extension SavefileReader {
  //      0      1
  //     +------+------------------------------
  //     | form | 0: text, 1: instructions
  //     +------+------------------------------

  /// Nil for what lets every frame through: no text at all, or a program that only returns a length (libpcap's for no text).
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
      // BPF_RET | BPF_K, whose operand is how much of the frame to keep.
      let keepsAll = count == 1 && window.uint16(at: start, order) == 6 && window.uint32(at: start + 4, order) > 0
      return keepsAll ? nil : .program(instructions: count)
    default: return .unknown
    }
  }
}
