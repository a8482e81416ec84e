/// What the command line asks for.
struct Options {
  /// Names of rows; all where none is named.
  var rows: [String] = []
  /// Replaces each row's own number.
  var frames: Int?
  /// The maximum; two are enough if they meet the bounds.
  var rounds = 4
  var directory = "/tmp"
  /// Of the random mix.
  var seed = UInt64.random(in: .min ... .max)
  /// Where captures and commands for other programs are written; nothing is measured then.
  var kept: String?
  /// Whether lower measured values become the new bounds.
  var tightens = false

  init(_ arguments: [String]) throws(Failure) {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--tighten" {
        tightens = true
        continue
      }
      guard let value = rest.popFirst() else { throw Self.usage }
      switch (name, UInt64(value)) {
      case ("--rows", _): rows = value.split(separator: ",").map(String.init)
      case ("--frames", let number?) where number <= 1 << 32: frames = Int(number)
      case ("--rounds", let number?) where 1...100 ~= number: rounds = Int(number)
      case ("--seed", let number?): seed = number
      case ("--directory", _): directory = value
      case ("--keep", _): kept = value
      default: throw Self.usage
      }
    }
  }

  func wants(_ row: String) -> Bool { rows.isEmpty || rows.contains(row) }

  private static let usage = Failure(
    status: 64,
    message: "usage: benchmarks [--rows NAME,...] [--frames N] [--rounds N] [--seed N] [--directory PATH] "
      + "[--keep PATH] [--tighten]"
  )
}
