import ComposeFiles
import FuzzInput
import TextFiles

/// Any bytes as the files of a Compose project: a project or errors with their places.
///
/// Files are separated by a line of `%%`. The first is the Compose file; an included or extended file, an `env_file`
/// and `.env` are the others in turn, whatever their names.
@c(LLVMFuzzerTestOneInput)
func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var files: [[UInt8]] = [[]]
  for line in unsafe fuzzInput(bytes, count).split(separator: 0x0A, omittingEmptySubsequences: false) {
    if line.elementsEqual("%%".utf8) {
      files.append([])
    } else {
      files[files.count - 1] += line + [0x0A]
    }
  }
  let contents = files
  do {
    let project = try ComposeProject.load(
      ["stack/compose.yaml"], environment: ["HOME": "/home/user", "A": "a"], currentFolder: "/srv"
    ) { path throws(PolicyFileProblem) in
      if path == "stack/compose.yaml" { return contents[0] }
      guard contents.count > 1 else { return nil }
      // The name says which one, the same every time.
      return contents[1 + path.utf8.reduce(0) { $0 &+ Int($1) } % (contents.count - 1)]
    }
    precondition(!project.services.isEmpty)
    for service in project.services {
      precondition(service.networks.isEmpty == (service.networkMode != nil))
      for attachment in service.networks { precondition(project.network(attachment.network) != nil) }
    }
  } catch {
    precondition(!error.problems.isEmpty)
  }
  return 0
}
