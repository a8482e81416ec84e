import Glibc

/// The environment of a command that is run for alerts. Variables set for the watch or for root may be secret, or
/// change what programs do (LD_PRELOAD, BASH_ENV). So only those are kept that set the language, the time zone, and
/// where programs and the engine are.
///
/// `unsafe` because getpwuid(3) returns an address. Sound: only one thread of the program asks for users, and the
/// texts are copied at once.
enum ShellEnvironment {
  /// These are kept unchanged, and so are names that begin with `LC_`.
  private static let kept: Set = ["DOCKER_HOST", "LANG", "PATH", "TZ"]
  private static let usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// The variables as `name=value`. HOME, LOGNAME, SHELL and USER are set for the user that runs the program now.
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
