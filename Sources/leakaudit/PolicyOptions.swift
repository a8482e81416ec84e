import ArgumentParser
import Policy
import PolicyFiles
import TextFiles
import Wire

/// Where traffic should go: files first, flags on top (CONTRACT 7). Lists add up.
struct PolicyOptions: ParsableArguments {
  @OptionGroup var compose: ComposeOptions

  @Option(
    name: .customLong("wg-config"),
    help: "A wg0.conf as wg-quick reads it, or - for standard input. Its private key is never kept.",
    transform: StandardInput.path)
  var wireGuardConfigs: [String] = []

  @Option(
    name: .customLong("policy"),
    help: "A YAML policy, or - for standard input; it can say everything that the options below say.",
    transform: StandardInput.path)
  var policyFiles: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where tunnelled packets go, for example 203.0.113.178:51820; without a port, 51820. With /tcp behind the port: OpenVPN "
        + "over TCP.", valueName: "address:port"))
  var endpoint: [String] = []

  @Option(help: ArgumentHelp("A client address inside the tunnel, as in Address =.", valueName: "address"))
  var tunnelAddress: [String] = []

  @Option(
    name: .customLong("tunnel-dns"),
    help: ArgumentHelp("A resolver that must only be reached inside the tunnel (DNS).", valueName: "address"))
  var tunnelDNS: [String] = []

  @Option(help: ArgumentHelp("A resolver that may be asked outside the tunnel.", valueName: "address"))
  var resolver: [String] = []

  @Option(help: ArgumentHelp("A prefix that is on the premises, beside private space.", valueName: "prefix"))
  var local: [String] = []

  @Flag(help: "Count traffic to undeclared private space as a leak.")
  var strictLocal = false

  @Option(help: ArgumentHelp("The audited side: what comes from it is egress.", valueName: "prefix or MAC"))
  var audited: [String] = []

  @Flag(help: "Ignore traffic that does not involve the audited side (it counts as ingress).")
  var auditedOnly = false

  @Option(help: ArgumentHelp("What an interface is: bridge or nic.", valueName: "interface=role"))
  var role: [String] = []

  @Option(help: ArgumentHelp("The address of an Endpoint that is given by name.", valueName: "name=address"))
  var resolve: [String] = []

  @Option(help: ArgumentHelp("A directory of rule files to add to the shipped rules, or to replace them by id."))
  var rules: String?

  /// The policy, and the problems in the configurations that it was read from.
  struct Understood {
    var policy: TunnelPolicy
    var problems: [PolicyFileProblem]
    /// Whether handshakes must show the Endpoint: without a stack, if no configuration, policy file or --endpoint is given;
    /// with one, if a gateway chooses its server itself, as gluetun does with a provider's name, and nothing names it.
    var saysNoEndpoint: Bool
    /// The compose project, if one was given.
    var stack: VPNStack?
  }

  /// - Parameters:
  ///   - asksEngine: whether to ask the engine for the only possible container, if no policy is given.
  ///   - asksGateway: whether running gateways may be asked where their tunnels go.
  func understand(asksEngine: Bool = false, asksGateway: Bool = false) throws -> Understood {
    var policy = TunnelPolicy()
    var problems: [PolicyFileProblem] = []
    var names: [String: [IPAddress]] = [:]
    var stack: VPNStack?
    policy.labelRules = try Self.labelRules(rules)
    var statesEndpointInPolicyFile = false
    var statedByStack = (0, 0)
    do {
      stack = try compose.stack()?.stack
      if asksEngine, isSilent { (stack, problems) = findStack() }
      if let stack { problems += stack.apply(to: &policy) }
      if asksGateway {
        guard let stack else {
          throw Failure(
            status: .usage, message: "--ask-gateway: name the stack whose gateway it is, with --compose or --container")
        }
        try GatewayQuestion.ask(stack, &policy, &problems)
      }
      statedByStack = (policy.endpoints.count, policy.namedEndpoints.count)
      for path in wireGuardConfigs { problems += try Self.readConfig(path).apply(to: &policy) }
      for path in policyFiles {
        let known = policy.endpoints.count + policy.namedEndpoints.count
        let (file, configProblems) = try PolicyFile.load(path, into: &policy)
        statesEndpointInPolicyFile =
          statesEndpointInPolicyFile || policy.endpoints.count + policy.namedEndpoints.count > known
        problems += configProblems
        names.merge(file.names) { _, later in later }
      }
    } catch let error as PolicyFileError {
      throw Self.failure(error.problems, error.description)
    } catch let problem as PolicyFileProblem {
      throw Self.failure([problem], problem.description)
    }
    problems += try applyFlags(to: &policy)
    stack?.nameClients(in: &policy, from: statedByStack)
    // Endpoints that the user states answer what the stack's files leave open.
    let missing = stack?.gateways.compactMap(\.missingConfig) ?? []
    if policy.endpoints.count + policy.namedEndpoints.count - statedByStack.0 - statedByStack.1 >= missing.count {
      problems.removeAll(where: missing.contains)
    }
    // A policy file may know the address of an endpoint that only a flag names.
    PolicyFiles.resolve(names: names, in: &policy)
    stack?.nameContainers(in: &policy)
    let isLeftOpen =
      stack?.gateways.contains { $0.choosesItsEndpoint } == true && wireGuardConfigs.isEmpty && endpoint.isEmpty
      && !statesEndpointInPolicyFile
    return Understood(
      policy: policy, problems: problems, saysNoEndpoint: stack == nil && isSilent || isLeftOpen,
      stack: stack)
  }

  /// Whether nothing says where the tunnel goes.
  private var isSilent: Bool {
    compose.isEmpty && wireGuardConfigs.isEmpty && policyFiles.isEmpty && endpoint.isEmpty
  }

  private func findStack() -> (VPNStack?, [PolicyFileProblem]) {
    switch ComposeOptions.find() {
    case .none: return (nil, [])
    case .one(let found, let name):
      let message = "no policy is given, and this is the only container that holds a tunnel: auditing its stack"
      return (found.stack, [PolicyFileProblem(file: "docker inspect \(name)", message: message)])
    case .several(let names):
      let message = "no policy is given, and several containers hold a tunnel: \(ComposeOptions.list(names)); name one"
      return (nil, [PolicyFileProblem(file: "--container", message: message)])
    }
  }

  /// The shipped rules and those of a directory.
  static func labelRules(_ directory: String?) throws -> LabelRules {
    guard let directory else { return .shipped }
    do {
      return LabelRules.shipped.adding(try RuleFile.readDirectory(directory))
    } catch {
      throw failure(error.problems, error.description)
    }
  }

  static func readConfig(_ path: String) throws -> WireGuardConfig {
    let config = try WireGuardConfig.read(path)
    if let refusal = config.refusal { throw Failure(status: .data, message: refusal) }
    return config
  }

  /// A file that does not exist is missing input; wrong content is a usage error.
  static func failure(_ problems: [PolicyFileProblem], _ message: String) -> Failure {
    Failure(status: problems.allSatisfy { FileSystem.exists($0.file) } ? .usage : .noInput, message: message)
  }

  /// Returns the assumptions that were made.
  private func applyFlags(to policy: inout TunnelPolicy) throws -> [PolicyFileProblem] {
    var problems: [PolicyFileProblem] = []
    for (index, text) in endpoint.enumerated() {
      let origin = OptionOrigins.of("--endpoint", index)
      do throws(EndpointTextError) {
        let (bare, stated) = EndpointText.splitTransport(text)
        let transport = stated ?? .udp
        // WireGuard has no other transport than UDP.
        let shape: TunnelEndpoint.Shape = transport == .tcp ? .openVPN : .wireGuard
        let whole = transport == .tcp ? nil : EndpointText.withUsualPort(bare)
        switch try EndpointText(whole ?? bare) {
        case .address(let address):
          policy.endpoints.append(
            Stated(TunnelEndpoint(address, over: transport, shape: shape), origin: origin))
        case .name(let name, let port):
          policy.namedEndpoints.append(
            Stated(NamedEndpoint(name: name, port: port, over: transport, shape: shape), origin: origin))
        }
        if let whole {
          problems.append(
            PolicyFileProblem(
              file: "\(origin) \(text)", message: "it gives no port, so WireGuard's usual one is used: \(whole)"))
        }
      } catch {
        throw usage(origin, text, error.reason)
      }
    }
    policy.tunnelAddresses += try parse(
      tunnelAddress, "--tunnel-address", "an IPv4 or IPv6 address, or one with its length as Address = has it"
    ) { text in
      WireGuardConfig.InterfaceAddress(text).flatMap { $0.isNetwork ? nil : $0.address }
    }
    policy.tunnelResolvers += try parse(tunnelDNS, "--tunnel-dns", "an IPv4 or IPv6 address", IPAddress.init)
    policy.resolvers += try parse(resolver, "--resolver", "an IPv4 or IPv6 address", IPAddress.init)
    policy.local += try parse(local, "--local", "a prefix such as 192.168.1.0/24", IPPrefix.init)
    for (index, text) in audited.enumerated() {
      let origin = OptionOrigins.of("--audited", index)
      if let address = MACAddress(text) {
        policy.auditedMACs.append(Stated(address, origin: origin))
      } else if let prefix = IPPrefix(text) {
        policy.audited.append(Stated(prefix, origin: origin))
      } else {
        throw usage(origin, text, "it takes a prefix such as 172.18.0.0/16, or a MAC address")
      }
    }
    policy.strictLocal = policy.strictLocal || strictLocal
    policy.auditedOnly = policy.auditedOnly || auditedOnly
    if policy.auditedOnly, policy.audited.isEmpty, policy.auditedMACs.isEmpty {
      throw Failure(
        status: .usage, message: "--audited-only without an audited side would see nothing: name it with --audited")
    }
    for (index, text) in role.enumerated() {
      let origin = OptionOrigins.of("--role", index)
      let parts = text.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let role = InterfaceRole(rawValue: String(parts[1])) else {
        throw usage(origin, text, "it has the form eth0=nic or br-stack=bridge")
      }
      policy.roles[String(parts[0])] = role
      policy.roleOrigins[String(parts[0])] = origin
    }
    try resolveNames(in: &policy)
    return problems
  }

  private func resolveNames(in policy: inout TunnelPolicy) throws {
    var names: [String: [IPAddress]] = [:]
    for (index, text) in resolve.enumerated() {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let address = IPAddress(parts[1]) else {
        throw usage(OptionOrigins.of("--resolve", index), text, "it has the form vpn.example.net=203.0.113.178")
      }
      names[String(parts[0]), default: []].append(address)
    }
    if let unused = PolicyFiles.resolve(names: names, in: &policy).first {
      throw usage("--resolve", unused, "no Endpoint has this name")
    }
  }

  private func parse<Value: Sendable>(
    _ texts: [String], _ option: String, _ form: String, _ read: (String) -> Value?
  ) throws -> [Stated<Value>] {
    try texts.enumerated().map { index, text in
      let origin = OptionOrigins.of(option, index)
      guard let value = read(text) else { throw usage(origin, text, "it takes \(form)") }
      return Stated(value, origin: origin)
    }
  }

  private func usage(_ option: String, _ text: String, _ reason: String) -> Failure {
    Failure(status: .usage, message: "\(option) '\(text)': \(reason)")
  }
}
