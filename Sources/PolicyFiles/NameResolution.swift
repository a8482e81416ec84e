package import Policy
package import Wire

/// Gives named endpoints the addresses that the user states for their names (`--resolve`, `resolve:`).
///
/// Names are compared as DNS compares them: without regard to case or to a trailing dot. A name with
/// several addresses becomes several endpoints, all with the origin of the name. Nothing is looked up.
///
/// Returns the names that no endpoint has, in order: mostly misspellings.
@discardableResult
package func resolve(names: [String: [IPAddress]], in policy: inout TunnelPolicy) -> [String] {
  var addresses: [String: [IPAddress]] = [:]
  for name in names.keys.sorted() { addresses[canonicalName(name), default: []] += names[name] ?? [] }
  var used: Set<String> = []
  policy.namedEndpoints.removeAll { stated in
    let name = canonicalName(stated.value.name)
    guard let found = addresses[name] else { return false }
    used.insert(name)
    policy.endpoints += found.map { address in
      Stated(stated.value.endpoint(at: address), origin: stated.origin)
    }
    if !found.isEmpty { policy.resolvedNames.append(stated.value.name) }
    return !found.isEmpty
  }
  return names.keys.filter { !used.contains(canonicalName($0)) }.sorted()
}

/// A domain name in its form for comparison: in lower case, without the trailing dot.
func canonicalName(_ name: String) -> String {
  (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
}
