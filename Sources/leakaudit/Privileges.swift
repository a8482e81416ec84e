import CLinux
import Glibc

/// The program's special privileges: needed to open the capture, and given up right after it.
enum Privileges {
  /// The user that root becomes if none is named.
  static let usualUser = "nobody"

  /// Becomes an unprivileged user with no capabilities, for good (prctl(2) PR_SET_NO_NEW_PRIVS), whom other processes
  /// of that user cannot trace (PR_SET_DUMPABLE). Must come before any other thread: the kernel takes some privileges
  /// away from one thread only.
  ///
  /// Without root there is no other user to become: then `user` must be nil or the user that runs the program.
  static func drop(to user: String?) throws {
    if geteuid() == 0 {
      try become(user ?? usualUser)
    } else if let user, try account(user).user != geteuid() {
      throw Failure(status: .usage, message: "--user \(user): only root can become another user")
    }
    guard linux_drop_capabilities() == 0, linux_set_no_new_privileges() == 0 else {
      throw failure("capabilities")
    }
    guard linux_forbid_tracing() == 0 else { throw failure("being traced by others of the same user") }
    guard linux_has_capabilities() == 0 else {
      throw Failure(status: .noPermission, message: "some capabilities are left after they were dropped; stopping")
    }
  }

  private static func become(_ user: String) throws {
    let account = try account(user)
    var group = account.group
    guard account.user != 0 else {
      throw Failure(status: .usage, message: "--user \(user): this is root; name an unprivileged user")
    }
    guard unsafe setgroups(1, &group) == 0, setresgid(group, group, group) == 0,
      setresuid(account.user, account.user, account.user) == 0
    else {
      guard errno == EPERM else { throw failure("root") }
      throw Failure(
        status: .noPermission,
        message: "root cannot be given up without CAP_SETUID and CAP_SETGID, which a container has by default or with "
          + "cap_add: [SETUID, SETGID]; refusing to continue as root")
    }
  }

  private static func account(_ name: String) throws -> (user: uid_t, group: gid_t) {
    guard let entry = unsafe getpwnam(name) else {
      throw Failure(status: .usage, message: "--user \(name): there is no such user")
    }
    return unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  private static func failure(_ what: String) -> Failure {
    Failure(status: .noPermission, message: "\(what) cannot be given up: \(SystemError.message(errno)); stopping")
  }
}
