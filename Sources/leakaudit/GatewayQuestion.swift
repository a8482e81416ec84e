import Containers
import Foundation
import Policy
import PolicyFiles
import Text
import TextFiles

/// Asks running gateways where their tunnels go, if the user allows it. This enters the container and runs its `wg`,
/// with arguments for which it prints no secret.
enum GatewayQuestion {
  private static let timeout = Duration.seconds(5)
  private static let linesOfLog = 2000

  /// Adds the answers to the policy. A gateway without an answer becomes a problem in the list.
  static func ask(_ stack: VPNStack, _ policy: inout TunnelPolicy, _ problems: inout [PolicyFileProblem]) throws {
    let engine: Engine
    do throws(Engine.Problem) {
      engine = try Engine(environment: ProcessInfo.processInfo.environment)
    } catch {
      throw Failure(status: .usage, message: error.reason)
    }
    for gateway in stack.gateways {
      let name = stack.containerName(gateway.service)
      let (endpoints, origin, reason) = answer(of: name, engine)
      if endpoints.isEmpty {
        problems.append(
          PolicyFileProblem(
            file: "--ask-gateway",
            message: "the container \(Formatting.safe(name)): its Endpoint was not found: \(Formatting.safe(reason))"))
      } else {
        policy.endpoints += endpoints.map { Stated($0, origin: origin) }
        stack.drop(whatIsMissingOf: gateway, from: &problems)
      }
    }
  }

  private static func answer(
    of name: String, _ engine: Engine
  ) -> (endpoints: [TunnelEndpoint], origin: String, reason: String) {
    var reason = ""
    do throws(Engine.Problem) {
      let endpoints = try engine.output(of: ["wg", "show", "all", "endpoints"], in: name, within: timeout)
      let allowed = try engine.output(of: ["wg", "show", "all", "allowed-ips"], in: name, within: timeout)
      let found = AskedGateway.endpoints(endpoints, allowed: allowed)
      if !found.isEmpty { return (found, "wg show in the container \(name)", "") }
      reason = "its wg shows no peer with an Endpoint"
    } catch {
      reason = error.reason
    }
    do throws(Engine.Problem) {
      let log = try engine.log(of: name, lines: linesOfLog, within: timeout)
      if let found = AskedGateway.endpoint(inLog: log) { return ([found], "the log of the container \(name)", "") }
      return ([], "", "\(reason), and its log names no server")
    } catch {
      return ([], "", "\(reason), and its log cannot be read: \(error.reason)")
    }
  }
}
