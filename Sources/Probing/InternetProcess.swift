import CLinux
import Glibc
import Text

/// The process that is a drill's internet.
package enum InternetProcess {
  /// Prints `ready` once all ports are bound, and answers until standard input or the process that started it ends.
  ///
  /// What the probes and the drilled containers send is read without any capability.
  package static func run(names: InternetNames) throws(InternetFailure) {
    _ = linux_end_with_parent()
    _ = signal(SIGPIPE, SIG_IGN)
    let internet = try Internet(names: names)
    guard linux_drop_capabilities() == 0, linux_set_no_new_privileges() == 0 else {
      throw InternetFailure(step: "privileges cannot be dropped", cause: SocketFailure(errno))
    }
    if StandardOutput.write("ready\n", to: STDOUT_FILENO) == nil { internet.run() }
  }
}
