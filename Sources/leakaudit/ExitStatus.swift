import ArgumentParser
import Audit
import Capture
import Text
import Watching

/// The program's exit statuses (CONTRACT 6). The numbers from 64 on are those of sysexits.h.
enum ExitStatus: Int32 {
  case clean = 0
  case leaks = 1
  case incomplete = 3
  case usage = 64
  case data = 65
  case noInput = 66
  case outputError = 74
  case noPermission = 77
}

extension ExitStatus {
  init(_ conclusion: AuditSummary.Conclusion) {
    switch conclusion {
    case .clean: self = .clean
    case .leaks: self = .leaks
    case .incomplete: self = .incomplete
    }
  }
}

extension ExitStatus {
  init(_ kind: WatchError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .noInput: self = .noInput
    case .noPermission: self = .noPermission
    }
  }

  init(_ error: PrivilegeError) {
    switch error {
    case .user: self = .usage
    case .kept: self = .noPermission
    }
  }
}
