/// A piece of a file as it may appear in a message.
///
/// It is short, and has no control and formatting characters, which could drive a terminal. It has no long run of
/// base64 either: a mistyped line can hold a private key, and a private key is never printed.
package func quoted(_ text: some StringProtocol) -> String {
  var result = ""
  var run = ""
  var length = 0
  func endRun() {
    result += run.utf8.count >= 32 ? "(a key?)" : run
    run = ""
  }
  for scalar in text.unicodeScalars {
    length += 1
    if length > 200 { break }
    if isBase64(scalar) {
      run.unicodeScalars.append(scalar)
    } else {
      endRun()
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
  endRun()
  if result.unicodeScalars.count > 60 {
    result = String(String.UnicodeScalarView(result.unicodeScalars.prefix(60))) + "…"
  }
  return "'" + result + "'"
}

/// `'a', 'b' and 'c'`; of many names the first eight, and how many more there are.
package func quotedList(_ names: [String]) -> String {
  var shown = names.prefix(names.count > 9 ? 8 : 9).map { quoted($0) }
  if names.count > 9 { shown.append("\(names.count - 8) more") }
  guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
  return shown.dropLast().joined(separator: ", ") + " and " + last
}

private func isBase64(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "A"..."Z", "a"..."z", "0"..."9", "+", "/", "=": true
  default: false
  }
}
