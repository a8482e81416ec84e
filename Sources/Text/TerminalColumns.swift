extension StringProtocol {
  /// The columns that a terminal takes to show the text. Styles take none (`TextStyle`). Text from outside is made safe
  /// first (`Formatting.safe`): control characters have no known width.
  package var columns: Int {
    var columns = 0
    var isStyle = false
    for scalar in unicodeScalars {
      if isStyle {
        isStyle = scalar != "m"
      } else if scalar == "\u{1B}" {
        isStyle = true
      } else {
        columns += scalar.columns
      }
    }
    return columns
  }
}

extension Unicode.Scalar {
  /// The columns of one character: 0 for a mark that is set over the one before, 2 for the wide ones of East Asia
  /// (Unicode Standard Annex 11, W and F) and for pictures, else 1.
  package var columns: Int {
    if isASCII { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch value {
    // Vowels and final consonants of Hangul join the syllable before.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
      0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD:
      return 2
    default: return properties.isEmojiPresentation ? 2 : 1
    }
  }
}
