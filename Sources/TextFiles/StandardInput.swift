/// Standard input, which is named `-`, as usual for programs of this kind.
package enum StandardInput {
  package static let path = "/dev/stdin"

  /// The path that can be opened.
  package static func path(_ name: String) -> String { name == "-" ? path : name }
}
