import Glibc
import Outputs
import Policy
import Report
import Text

/// The outlet for the terminal, or for another reader of standard output.
struct ScreenOutlet: AlertOutlet {
  let name = "standard output"
  let screen: LiveScreen

  func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    if alert.subject == .end { return }
    if let code = screen.write(alert) { throw DeliveryFailure(SystemError.message(code)) }
  }
}
