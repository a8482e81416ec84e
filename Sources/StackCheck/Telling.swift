import Policy
import Wire

/// How an opening is described to people.
struct Telling {
  let what: String
  /// A packet that leaves, in parentheses.
  let example: String

  init(_ state: Openings, _ open: Openings.Opening) {
    what = RegionText(state, open.kind).describe(open.possible)
    let region = open.sure.isEmpty ? open.possible : open.sure
    example = region.witness(state.context).map { " (such as \($0.text))" } ?? ""
  }
}
