/// A piece of a file as it may appear in a message.
///
/// Short, without control and formatting characters, which could drive a terminal, and without any long
/// run of base64: a mistyped line can hold a private key, and a private key is never printed.
func quoted(_ text: some StringProtocol) -> String {
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

private func isBase64(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "A"..."Z", "a"..."z", "0"..."9", "+", "/", "=": true
  default: false
  }
}
