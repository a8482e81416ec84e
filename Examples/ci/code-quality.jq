# SARIF as GitLab's code quality report: a list of findings with a place, and a mark that stays the same between runs.
[.runs[].results[] | (.locations[0].physicalLocation // {}) as $place | {
  description: .message.text,
  check_name: .ruleId,
  severity: {error: "critical", warning: "major", note: "info"}[.level // "warning"],
  location: {path: ($place.artifactLocation.uri // "compose.yaml"), lines: {begin: ($place.region.startLine // 1)}},
  fingerprint: ([.ruleId, $place.artifactLocation.uri, .partialFingerprints[]?] | map(tostring) | join(" ") | @base64)
}]
