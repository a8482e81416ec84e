/// `$NAME` and the forms of `${…}`.
extension ShellInterpreter {
  /// Variables that a shell sets by itself.
  private static var always: Set<String> {
    [
      "?", "$", "!", "-", "0", "#", "@", "*", "HOME", "PWD", "OLDPWD", "HOSTNAME", "UID", "EUID", "PPID", "RANDOM",
      "SECONDS", "LINENO", "BASH", "BASH_SOURCE", "BASH_COMMAND", "BASH_VERSION", "FUNCNAME", "OSTYPE", "MACHTYPE",
      "SHLVL", "TERM",
    ]
  }

  /// The values of a reference: one for a scalar, any number for a whole array, none if it is unset.
  mutating func values(of reference: ShellWord.Reference) -> [String?] {
    let name = reference.name
    let stated = scope.variables[name]
    let isUnset = stated?.isEmpty ?? true
    let isEmpty = stated.map { $0.allSatisfy { $0 == "" } }
    switch reference.modifier {
    case .useDefault: return isUnset ? [other(reference)] : stated!
    case .useDefaultIfEmpty: return isEmpty != false ? [other(reference)] : stated!
    case .assignDefault, .assignDefaultIfEmpty:
      var isMeant = isUnset
      if case .assignDefaultIfEmpty = reference.modifier { isMeant = isEmpty != false }
      guard isMeant else { return stated! }
      let value = other(reference)
      assign(name, [value])
      return [value]
    case .useOther: return isUnset ? [""] : [other(reference)]
    case .useOtherIfNotEmpty: return isEmpty == false ? [other(reference)] : [""]
    case .orEnd, .orEndIfEmpty:
      var mayEnd = isUnset
      if case .orEndIfEmpty = reference.modifier { mayEnd = isEmpty != false || stated!.contains(nil) }
      if mayEnd { self.mayEnd(at: line, because: "${\(name)?}") }
      return stated ?? [nil]
    case .length:
      guard let stated else { return [nil] }
      if reference.isWhole { return ["\(stated.count)"] }
      return [(stated.first ?? "").map { "\($0.count)" }]
    case .replace(let text, let other, let all):
      return (stated ?? [nil]).map { value in
        value.map { all ? $0.replacing(text, with: other) : $0.replacing(text, with: other, maxReplacements: 1) }
      }
    case .cutShortestPrefix, .cutLongestPrefix, .cutShortestSuffix, .cutLongestSuffix:
      guard let pattern = reference.word, pattern.isPlain, Glob.isFollowed(pattern.written) else {
        _ = other(reference)
        return [nil]
      }
      return (stated ?? [nil]).map { value in value.flatMap { cut($0, pattern.written, reference.modifier) } }
    case .none:
      if scope.endsOnUnset, isUnset, !reference.isWhole, !Self.always.contains(name) {
        if stated != nil, isCertain { end(.fails) } else { mayEnd(at: line, because: "$\(name)") }
      }
      return stated ?? [nil]
    }
  }

  private mutating func other(_ reference: ShellWord.Reference) -> String? { reference.word.flatMap { text(of: $0) } }

  /// `${X%pattern}` and its like; nil for a long text.
  private mutating func cut(_ value: String, _ pattern: String, _ modifier: ShellWord.Reference.Modifier) -> String? {
    let text = Array(value)
    // Each length may be compared with the pattern.
    guard text.count <= 256, spend(text.count * text.count) else { return nil }
    let isPrefix: Bool
    var lengths = Array(0...text.count)
    switch modifier {
    case .cutShortestPrefix: isPrefix = true
    case .cutLongestPrefix: (isPrefix, lengths) = (true, lengths.reversed())
    case .cutShortestSuffix: isPrefix = false
    default: (isPrefix, lengths) = (false, lengths.reversed())
    }
    for length in lengths {
      let part = isPrefix ? text.prefix(length) : text.suffix(length)
      if Glob.matches(pattern, String(part)) {
        return String(isPrefix ? text.dropFirst(length) : text.dropLast(length))
      }
    }
    return value
  }
}
