/// The shipped rules, a file per family, embedded in the binary so that an audit needs no file beside it.
package enum RulePack {
  package struct File: Sendable {
    package let name: String
    package let yaml: String

    fileprivate init(_ name: String, _ bytes: [UInt8]) {
      self.name = "Rules/" + name
      yaml = String(decoding: bytes, as: UTF8.self)
    }
  }

  /// In the order of their names, which is the order of asking among rules that rest on the same.
  package static var files: [File] {
    [
      File("administration.yaml", PackageResources.administration_yaml),
      File("control.yaml", PackageResources.control_yaml),
      File("databases.yaml", PackageResources.databases_yaml),
      File("discovery.yaml", PackageResources.discovery_yaml),
      File("dns.yaml", PackageResources.dns_yaml),
      File("encrypted-dns.yaml", PackageResources.encrypted_dns_yaml),
      File("mail.yaml", PackageResources.mail_yaml),
      File("other-tunnels.yaml", PackageResources.other_tunnels_yaml),
      File("peer-to-peer.yaml", PackageResources.peer_to_peer_yaml),
      File("real-time.yaml", PackageResources.real_time_yaml),
      File("time.yaml", PackageResources.time_yaml),
      File("web.yaml", PackageResources.web_yaml),
    ]
  }
}
