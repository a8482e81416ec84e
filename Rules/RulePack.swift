/// The shipped rules: `default.yaml`, embedded in the binary so that an audit needs no file beside it.
package enum RulePack {
  package static let fileName = "Rules/default.yaml"
  package static var yaml: String { String(decoding: PackageResources.default_yaml, as: UTF8.self) }
}
