import CLinux
import Glibc
import Text

extension PrivilegeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .user(let message), .kept(let message): message
    }
  }
}
