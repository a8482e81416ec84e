import Glibc

/// The environment of a command that alerts run. What was set for the watch, or for root, may be secret or may change what programs
/// do (LD_PRELOAD, BASH_ENV): of that only what says how to write, what time it is, and where programs and the engine are.
enum ShellEnvironment {
  /// Taken over as they are, and names that begin with `LC_`.
  private static let kept: Set = ["DOCKER_HOST", "LANG", "PATH", "TZ"]
  private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// As `name=value`. HOME, LOGNAME, SHELL and USER are those of the user that runs the program now.
  static func variables(of environment: [String: String]) -> [String] {
    var variables = environment.filter { kept.contains($0.key) || $0.key.hasPrefix("LC_") }
    if variables["PATH"]?.isEmpty != false { variables["PATH"] = usualPath }
    variables["SHELL"] = "/bin/sh"
    variables["HOME"] = "/"
    if let entry = unsafe getpwuid(geteuid()) {
      let name = unsafe String(cString: entry.pointee.pw_name)
      (variables["USER"], variables["LOGNAME"]) = (name, name)
      variables["HOME"] = unsafe String(cString: entry.pointee.pw_dir)
    }
    return variables.map { "\($0.key)=\($0.value)" }.sorted()
  }
}
