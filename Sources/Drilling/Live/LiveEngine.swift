/// This machine, as far as its engine is asked: nothing that goes on is started here.
struct LiveEngine: Machine {
  var folder: String { "/" }
  var program: String { "" }
  var environment: [String: String] { Command.userEnvironment }
  var standstill: Int32 { -1 }
  func outside(_ path: String) -> String { path }
  func words(_ words: [String]) -> [String] { words }
  func lasting(_ words: [String]) -> [String] { words }
  func container(inGroups text: String) -> String? { LiveHost.container(inGroups: text) }
}
