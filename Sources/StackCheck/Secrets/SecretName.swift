/// Tells names whose values are secrets: of variables, YAML and wg0.conf keys, options and headers.
enum SecretName {
  private static let parts = ["key", "pass", "secret", "token", "auth", "cred", "psk"]

  /// Public keys are no secret, and to bypass is no password.
  static func isSecret(_ name: some Collection<Unicode.Scalar>) -> Bool {
    var text = ""
    text.unicodeScalars.append(contentsOf: name)
    text = text.lowercased().replacing("bypass", with: "")
    return !text.contains("public") && parts.contains { text.contains($0) }
  }

  /// Characters of names. A hyphen begins options, and a dot divides labels.
  static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "0"..."9", "_", "-", ".": true
    default: false
    }
  }

  /// Characters of base64.
  static func isBase64(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "A"..."Z", "a"..."z", "0"..."9", "+", "/": true
    default: false
    }
  }
}
