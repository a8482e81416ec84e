import Text

/// Names a process for people.
enum ProgramName {
  /// Programs that run others, which their first argument names.
  private static let interpreters = [
    "bash", "bun", "dash", "deno", "java", "lua", "mono", "node", "perl", "php", "python", "ruby", "sh", "zsh",
  ]

  /// - Parameters:
  ///   - executable: the name of the file that runs.
  ///   - name: what the process is called, which it may choose; cut by the kernel.
  ///   - arguments: its first words, of which the last may be cut.
  static func text(executable: String, name: String, arguments: [String]) -> String {
    var words = [executable, name].filter { !$0.isEmpty }
    if let script = script(executable, arguments) {
      words = [executable, script]
    } else if executable.hasPrefix(name) {
      words = [executable]
    }
    // Otherwise a program of busybox, or a script that was started by its own name.
    if words.allSatisfy(\.isEmpty) { words = ["?"] }
    let shown = words.map(Formatting.safe).joined(separator: " ")
    return shown.count > SocketOwner.Process.longest ? shown.prefix(SocketOwner.Process.longest - 1) + "…" : shown
  }

  /// The file that an interpreter runs. What is not clearly a file may be a secret.
  private static func script(_ executable: String, _ arguments: [String]) -> String? {
    // The last one is not whole.
    guard arguments.count > 2, interpreters.contains(where: { isVersion(executable, of: $0) }) else { return nil }
    let word = arguments[1]
    guard !word.isEmpty, !word.hasPrefix("-"), !word.contains("://") else { return nil }
    return word
  }

  /// `python3.11` is one of `python`.
  private static func isVersion(_ executable: String, of interpreter: String) -> Bool {
    executable.hasPrefix(interpreter)
      && executable.dropFirst(interpreter.count).allSatisfy { $0 == "." || $0 == "-" || $0.isASCII && $0.isNumber }
  }
}

/// A container's id in the name of its control group: `docker-<id>.scope`, `cri-containerd-<id>.scope`, or the id alone.
enum ContainerID {
  private static let length = 64

  /// Nil if there is none. The last bytes of a long name are cut, and the id with them: then it is not found.
  static func find(in name: String) -> String? {
    let parts = name.split { !$0.isASCII || !($0.isHexDigit && !$0.isUppercase) }
    return parts.first { $0.utf8.count == length }.map(String.init)
  }
}
