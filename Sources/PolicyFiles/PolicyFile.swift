package import Policy
package import TextFiles
package import Wire

/// A policy that people write in YAML: everything that a `TunnelPolicy` can hold.
///
/// A wg0.conf is audited as it is, but a policy is an instruction. One mistake in it makes it unusable, because a
/// policy that is only half understood could call a leak allowed.
package struct PolicyFile: Sendable {
  /// The file's name as the user gave it.
  package let fileName: String
  /// What the file states, with origins such as `policy.yaml:12`.
  package internal(set) var policy = TunnelPolicy()
  /// `strict-local` and `audited-only` as stated; nil keeps what an earlier source said.
  package internal(set) var strictLocal: Bool?
  package internal(set) var requiresVerifiedPeer: Bool?
  package internal(set) var auditedOnly: Bool?
  /// `wg-config`, each as a path that can be opened: relative to the policy file's folder.
  package internal(set) var wireGuardConfigs: [Stated<String>] = []
  /// `resolve`: the addresses of endpoints that are given by name.
  package internal(set) var names: [String: [IPAddress]] = [:]

  /// Reads the text of a policy file. Throws everything that is wrong with it. Opens no other file.
  package init(_ text: String, fileName: String) throws(PolicyFileError) {
    self.fileName = fileName
    var reader = YAMLReader(file: fileName)
    if let root = reader.root(of: text) { reader.read(root, into: &self) }
    try reader.throwProblems()
  }

  /// Reads a policy file from disk.
  package static func read(_ path: String) throws(PolicyFileError) -> PolicyFile {
    try PolicyFile(yamlText(of: path), fileName: path)
  }

  /// Reads a policy file and the configurations that it names, and adds all of it to the policy.
  ///
  /// Returns the file, whose `names` may serve endpoints of later sources, and what is wrong in the configurations,
  /// which does not make the policy unusable. Throws if the policy file is unusable, or if a configuration that it
  /// names cannot be read.
  package static func load(
    _ path: String, into policy: inout TunnelPolicy
  ) throws(PolicyFileError) -> (file: PolicyFile, configProblems: [PolicyFileProblem]) {
    let file = try read(path)
    var configs: [WireGuardConfig] = []
    var unreadable: [PolicyFileProblem] = []
    for path in file.wireGuardConfigs {
      do {
        configs.append(try WireGuardConfig.read(path.value))
      } catch {
        var problem = error
        problem.message += "; it is named in \(path.origin)"
        unreadable.append(problem)
      }
    }
    guard unreadable.isEmpty else { throw PolicyFileError(unreadable) }
    let problems = configs.flatMap { $0.apply(to: &policy) }
    file.apply(to: &policy)
    return (file, problems)
  }

  /// Adds what the file states to what earlier sources said. Lists are joined, and single values replace. Rules with
  /// the ids of the pack's rules replace those. Names are resolved in the whole policy.
  ///
  /// Call this after the rule pack is loaded. Does not read `wireGuardConfigs`.
  package func apply(to policy: inout TunnelPolicy) {
    addEndpoints(to: &policy)
    policy.tunnelAddresses += self.policy.tunnelAddresses
    policy.tunnelResolvers += self.policy.tunnelResolvers
    policy.resolvers += self.policy.resolvers
    policy.servedPorts += self.policy.servedPorts
    policy.local += self.policy.local
    policy.audited += self.policy.audited
    policy.auditedMACs += self.policy.auditedMACs
    policy.allowRules += self.policy.allowRules
    policy.strictLocal = strictLocal ?? policy.strictLocal
    policy.requiresVerifiedPeer = requiresVerifiedPeer ?? policy.requiresVerifiedPeer
    policy.auditedOnly = auditedOnly ?? policy.auditedOnly
    policy.roles.merge(self.policy.roles) { _, later in later }
    policy.roleOrigins.merge(self.policy.roleOrigins) { _, later in later }
    policy.labelRules = policy.labelRules.adding(self.policy.labelRules.list)
    resolve(names: names, in: &policy)
  }

  /// If an earlier source stated an Endpoint, the shape that the file states applies to that one: its key is known
  /// there.
  private func addEndpoints(to policy: inout TunnelPolicy) {
    for stated in self.policy.endpoints {
      guard stated.value.shape != .wireGuard,
        let known = policy.endpoints.firstIndex(where: { $0.value.name == stated.value.name })
      else {
        policy.endpoints.append(stated)
        continue
      }
      policy.endpoints[known].value.shape = stated.value.shape
      policy.endpoints[known].value.amnezia = stated.value.amnezia
      policy.endpoints[known].origin += ", \(stated.origin)"
    }
    for stated in self.policy.namedEndpoints {
      guard stated.value.shape != .wireGuard,
        let known = policy.namedEndpoints.firstIndex(where: {
          canonicalName($0.value.name) == canonicalName(stated.value.name) && $0.value.port == stated.value.port
            && $0.value.transport == stated.value.transport
        })
      else {
        policy.namedEndpoints.append(stated)
        continue
      }
      policy.namedEndpoints[known].value.shape = stated.value.shape
      policy.namedEndpoints[known].value.amnezia = stated.value.amnezia
      policy.namedEndpoints[known].origin += ", \(stated.origin)"
    }
  }
}
