/// Where file systems are mounted (proc_pid_mountinfo(5)).
struct MountTable {
  private let places: [String]

  /// - Parameter text: of `/proc/PID/mountinfo`; nil is as good as an empty one.
  init(_ text: String?) {
    places = (text ?? "").split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count > 4 ? Self.unescaped(fields[4]) : nil
    }
  }

  /// One below a folder; what hides in an overlay of that folder.
  func first(below folder: String) -> String? { places.first { $0.hasPrefix(folder + "/") } }

  /// Blanks and a few others are written as a backslash and three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
