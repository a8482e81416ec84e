/// What a script does to its variables.
extension ShellInterpreter {
  mutating func bind(_ arguments: [String?]) {
    scope.variables["@"] = arguments
    scope.variables["*"] = arguments
    scope.variables["#"] = ["\(arguments.count)"]
    for index in 0..<max(arguments.count, 9) {
      scope.variables["\(index + 1)"] = index < arguments.count ? [arguments[index]] : []
    }
  }

  mutating func assign(_ assignment: ShellNode.SimpleCommand.Assignment) {
    var values: [String?] = []
    if assignment.isArray {
      for word in assignment.words {
        // `[name]=value` is not an element by itself.
        if word.written.hasPrefix("["), word.written.contains("]=") {
          _ = text(of: word)
          evaluateVariables(in: word.written)
          values.append(nil)
        } else {
          values += expand(word).map(\.value)
        }
      }
    } else {
      values = [assignment.words.first.flatMap { text(of: $0) }]
    }
    if let index = assignment.index { return assign(assignment, at: index, values[0]) }
    guard assignment.isAppending else { return assign(assignment.name, values) }
    guard let before = scope.variables[assignment.name] else { return assign(assignment.name, [nil]) }
    if assignment.isArray { return assign(assignment.name, before + values) }
    let first = (before.first ?? "").flatMap { start in values[0].map { start + $0 } }
    assign(assignment.name, [first] + before.dropFirst())
  }

  /// `name[0]=value`. If the elements of the array are not all known, or it has gaps, nobody can say which is which.
  private mutating func assign(_ assignment: ShellNode.SimpleCommand.Assignment, at index: Int, _ value: String?) {
    let before = scope.variables[assignment.name]
    guard var elements = before ?? (index == 0 ? [] : nil), index <= elements.count, !elements.contains(nil),
      !assignment.isAppending
    else { return assign(assignment.name, [nil]) }
    if index < elements.count { elements[index] = value } else { elements.append(value) }
    assign(assignment.name, elements)
  }

  mutating func assign(_ name: String, _ values: [String?]) {
    if scope.constants.contains(name) {
      host.leaveOut(
        line: line, text: "\(name)=", because: "it is read-only: the shell skips the commands around it")
    }
    if scope.numbers.contains(name) { for case let value? in values { evaluateVariables(in: value, isValue: true) } }
    scope.variables[name] = values
    if let reason = Self.reason(against: name, values) { host.leaveOut(line: line, text: "\(name)=", because: reason) }
  }

  /// Why nobody knows what runs after the assignment.
  private static func reason(against name: String, _ values: [String?]) -> String? {
    switch name {
    case "PATH":
      let folders = values.count == 1 ? values[0]?.split(separator: ":", omittingEmptySubsequences: false) : nil
      if folders?.allSatisfy({ ShellPath.systemFolders.contains(String($0)) }) == true { return nil }
    case "IFS":
      // Only blanks are followed. If it is unset, the shell uses them, too.
      if values.isEmpty { return nil }
      if values.count == 1, let text = values[0], text.allSatisfy(" \t\n".contains) { return nil }
    case "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "PS4", "GLOBIGNORE", "EXECIGNORE",
      "MALLOC_PERTURB_", "BASH_CMDS", "BASH_ALIASES", "FUNCNEST", "POSIXLY_CORRECT", "BASH_COMPAT",
      "BASH_LOADABLES_PATH",
      "BASH_ARGV0", "TMOUT":
      break
    default:
      guard ["LD_", "BASH_FUNC_", "XTABLES_", "IPTABLES_", "GLIBC_", "GCONV_"].contains(where: name.hasPrefix) else {
        return nil
      }
    }
    return "what commands do after it depends on this variable"
  }

  /// `export` and its like.
  mutating func declare(
    _ command: ShellCommand, _ declarations: [ShellNode.SimpleCommand.Assignment]
  ) -> ShellOutcome {
    let name = command.words[0].value
    if name == "local", hidden.isEmpty { return .fails }
    var isOpaque = false
    var isNumber = false
    var isConstant = name == "readonly"
    var names: [String] = []
    for word in command.words.dropFirst() {
      guard let text = word.value else { return leaveOut(command, "which variable it uses is not known") }
      if text.hasPrefix("-") || text.hasPrefix("+") {
        if text == "-" { return leaveOut(command, "options that are set back later are not followed") }
        isNumber = isNumber || text.contains("i")
        isConstant = isConstant || text.contains("r")
        // A number, a case or a table of names changes a value; a reference stands for another variable.
        if text.contains("n"), name != "export" {
          return leaveOut(command, "a variable that refers to another one is not followed")
        }
        isOpaque = isOpaque || text.contains { "iluAc".contains($0) }
        if text.contains("f") {
          return name == "export" ? leaveOut(command, "functions of other shells are not followed") : .succeeds
        }
        if text.contains("x") { names += declarations.map(\.name) }
        continue
      }
      if let sign = text.firstIndex(of: "=") {
        let variable = String(text[..<sign])
        guard isVariableName(variable) else {
          return leaveOut(command, "which variable it uses is not known")
        }
        hide(variable, name)
        assign(variable, [String(text[text.index(after: sign)...])])
        names.append(variable)
      } else {
        guard isVariableName(text) else {
          return leaveOut(command, "which variable it uses is not known")
        }
        hide(text, name)
        names.append(text)
      }
    }
    if isNumber { scope.numbers.formUnion(declarations.map(\.name)) }
    for declaration in declarations {
      hide(declaration.name, name)
      assign(declaration)
      if isOpaque { scope.variables[declaration.name] = [nil] }
    }
    if isNumber { scope.numbers.formUnion(names) }
    if isConstant { scope.constants.formUnion(names + declarations.map(\.name)) }
    if name == "export"
      || command.words.dropFirst().contains(where: {
        $0.value?.hasPrefix("-") == true && $0.value?.contains("x") == true
      })
    {
      scope.exported.formUnion(names + declarations.map(\.name))
    }
    return .succeeds
  }

  /// Keeps what `local` hides until the function's end.
  private mutating func hide(_ variable: String, _ command: String?) {
    guard ["local", "declare", "typeset"].contains(command), !hidden.isEmpty else { return }
    if hidden[hidden.count - 1][variable] == nil {
      hidden[hidden.count - 1][variable] = .some(scope.variables[variable])
      if command == "local" { scope.variables[variable] = [] }
    }
  }

  mutating func unset(_ command: ShellCommand) -> ShellOutcome {
    var isFunction = false
    for word in command.words.dropFirst() {
      guard let name = word.value else { return leaveOut(command, "which variable it uses is not known") }
      switch name {
      case "-f": isFunction = true
      case "-v": isFunction = false
      case _ where name.hasPrefix("-") || name.contains("["):
        return leaveOut(command, "which variable it uses is not known")
      default:
        // Without -f it removes a function if there is no variable of that name.
        if isFunction || scope.functions[name] != nil {
          scope.functions[name] = isCertain ? nil : .unknown(line: line, text: name)
        }
        if !isFunction { assign(name, []) }
      }
    }
    return .succeeds
  }

  /// The input is not known, so the variables become unknown.
  mutating func read(_ command: ShellCommand) -> ShellOutcome {
    let values = command.words.dropFirst().map(\.value)
    guard !values.contains(nil) else { return leaveOut(command, "which variables it sets is not known") }
    let isArray = command.words[0].value != "read"
    var words = values.map { $0! }[...]
    while let word = words.first, word.hasPrefix("-") {
      words = words.dropFirst()
      guard isArray ? word == "-t" : word.dropFirst().allSatisfy("rseaptnNdu".contains), word.count > 1 else {
        return leaveOut(command, "what this option does is not followed")
      }
      if !isArray, let last = word.last, "ptnNdu".contains(last) { _ = words.popFirst() }
    }
    guard words.allSatisfy(isVariableName) else {
      return leaveOut(command, "which variables it sets is not known")
    }
    if command.input == .inherited { host.mayWait(at: line, because: command.text) }
    for name in ["REPLY", "MAPFILE"] + values.map({ $0! }) where name.utf8.allSatisfy(isNameByte) {
      assign(name, [nil])
    }
    return .unknown
  }

  /// `(( … ))` and `$(( … ))`: a variable that may get another value there becomes unknown.
  mutating func calculate(_ text: String) {
    evaluateNothing(of: text)
    evaluateVariables(in: text)
    let plain = text.replacing("==", with: " ").replacing("!=", with: " ").replacing("<=", with: " ")
      .replacing(">=", with: " ")
    guard plain.contains("=") || text.contains("++") || text.contains("--") else { return }
    for name in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
    where name.first?.isNumber == false {
      assign(String(name), [nil])
    }
  }

  /// A calculation also evaluates the values of its variables, and runs commands in these. Reports a value that is not
  /// a number; an unknown value is taken for a number. `isValue` says whether the text itself is such a value.
  mutating func evaluateVariables(in text: String, isValue: Bool = false) {
    let names = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    let values = names.flatMap { scope.variables[$0] ?? [] }.compactMap(\.self) + (isValue ? [text] : [])
    for value in values where value.contains("[") || value.contains("$") || value.contains("`") {
      host.leaveOut(line: line, text: text, because: "what is in '\(value.prefix(200))' would be evaluated too")
    }
  }

  /// Reports commands in a text that is not evaluated.
  mutating func evaluateNothing(of text: String) {
    guard text.contains("$(") && !text.hasPrefix("$((") || text.dropFirst(3).contains("$(") || text.contains("`") else {
      return
    }
    host.leaveOut(line: line, text: text, because: "commands in such an expression are not followed")
  }
}
