import Glibc

/// A folder of this process alone.
///
/// `unsafe` for mkdtemp(3). Sound: it changes its template's bytes in place, and not their number.
package enum TemporaryFolder {
  /// Makes one, named by the prefix and six letters that nobody can guess. Nil, with errno, if that cannot be done.
  package static func make(in parent: String, prefix: String) -> String? {
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { return nil }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
