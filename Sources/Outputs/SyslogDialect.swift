import Glibc
import Policy
import Wire

/// How a message for the log begins.
package enum SyslogDialect: String, Sendable, CaseIterable {
  /// As syslog(3) writes it, which daemons expect on /dev/log: `<27>Nov 24 22:20:01 leakaudit[4711]: …`. journald
  /// (systemd issue 19251) and rsyslog's parser of the local socket (rsyslog issue 4749) mistake the header of RFC 5424
  /// for text.
  case local
  /// RFC 5424, for a daemon that is configured for it: `<27>1 2026-11-24T22:20:01.123456Z host leakaudit 4711 dns - …`.
  case rfc5424
}
