import CLinux
import Glibc
import Text

/// The process with the privileges that it was started with, and one thread.
///
/// What needs privileges takes this value: to open the capture, sockets and files, and to start processes that connect
/// to Docker's engine. What reads bytes from outside or starts a thread takes an `Unprivileged`, which only `drop`
/// makes. So neither can come in the wrong order: it would not compile.
///
/// `unsafe` because system calls take and return addresses. Sound: there is one thread, and what getpwnam(3) returns is
/// copied at once.
public struct Privileged: ~Copyable {
  /// The user that root becomes if none is named.
  public static let usualUser = "nobody"

  /// Made once, at the start of a command, before there is another thread.
  public init() {}

  /// Becomes an unprivileged user with no capabilities, for good (prctl(2) PR_SET_NO_NEW_PRIVS), whom other processes
  /// of that user cannot trace (PR_SET_DUMPABLE). Comes before any other thread: the kernel takes some privileges away
  /// from one thread only.
  ///
  /// Without root there is no other user to become: then `user` must be nil or the user that runs the program.
  public consuming func drop(to user: String?) throws(PrivilegeError) -> Unprivileged {
    if geteuid() == 0 {
      try Self.become(user ?? Self.usualUser)
    } else if let user, try Self.account(user).user != geteuid() {
      throw .user("--user \(user): only root can become another user")
    }
    guard linux_drop_capabilities() == 0, linux_set_no_new_privileges() == 0 else { throw Self.kept("capabilities") }
    guard linux_forbid_tracing() == 0 else { throw Self.kept("being traced by others of the same user") }
    guard linux_has_capabilities() == 0 else {
      throw .kept("some capabilities are left after they were dropped; stopping")
    }
    return Unprivileged()
  }

  private static func become(_ user: String) throws(PrivilegeError) {
    let account = try account(user)
    var group = account.group
    guard account.user != 0 else { throw .user("--user \(user): this is root; name an unprivileged user") }
    guard unsafe setgroups(1, &group) == 0, setresgid(group, group, group) == 0,
      setresuid(account.user, account.user, account.user) == 0
    else {
      guard errno == EPERM else { throw kept("root") }
      throw .kept(
        "root cannot be given up without CAP_SETUID and CAP_SETGID, which a container has by default or with "
          + "cap_add: [SETUID, SETGID]; refusing to continue as root")
    }
  }

  private static func account(_ name: String) throws(PrivilegeError) -> (user: uid_t, group: gid_t) {
    guard let entry = unsafe getpwnam(name) else { throw .user("--user \(name): there is no such user") }
    return unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  private static func kept(_ what: String) -> PrivilegeError {
    .kept("\(what) cannot be given up: \(SystemError.message(errno)); stopping")
  }
}
