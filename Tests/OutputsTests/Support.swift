import Dispatch
import Foundation
import Glibc
import Outputs
import Policy
import Synchronization
import Testing

func alert(_ number: Int = 1, _ severity: Severity = .high, reason: String = "dns") -> RenderedAlert {
  RenderedAlert(
    severity: severity, reason: reason, title: "leakaudit: dns leak", text: "alert \(number): a query for example.org",
    json: #"{"number":\#(number),"reason":"\#(reason)"}"#)
}

/// Runs on its own thread: a test's thread belongs to a pool that must not block.
func start(in group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
  group.enter()
  Thread.detachNewThread {
    body()
    group.leave()
  }
}

func pause(_ length: Duration) { Thread.sleep(forTimeInterval: length / .seconds(1)) }

/// Why a delivery failed, or nil if it did not.
func failure<Outlet: AlertOutlet & ~Copyable>(
  _ outlet: inout Outlet, _ alert: RenderedAlert, _ ending: Ending = Ending()
) -> String? {
  do throws(DeliveryFailure) {
    try outlet.deliver(alert, ending)
    return nil
  } catch { return error.reason }
}

/// Messages of an outlet.
final class Diagnostics: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }
  func say(_ line: String) { lines.withLock { $0.append(line) } }
}
