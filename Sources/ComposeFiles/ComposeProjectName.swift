import Foundation
import TextFiles

/// A project's name: `COMPOSE_PROJECT_NAME`, else `name:` in a file, else the folder's (docs.docker.com,
/// "Specify a project name").
struct ComposeProjectName {
  private let variable: String?
  private let folder: String

  init(variables: [String: String], folder: String) {
    variable = variables["COMPOSE_PROJECT_NAME"].flatMap { $0.isEmpty ? nil : $0 }
    self.folder = folder
  }

  /// Whether the environment gives the name, so that no file can.
  var isGiven: Bool { variable != nil }

  /// The name that is known before a file is read.
  var beforeFiles: String { variable ?? Self.normal(Self.lastName(folder)) }

  func resolved(stated: ComposeNode?, _ reading: inout ComposeReading) -> String {
    if let variable {
      if Self.normal(variable) != variable {
        reading.report("COMPOSE_PROJECT_NAME \(Self.rule(variable))", at: SourcePlace("COMPOSE_PROJECT_NAME"))
      }
      return variable
    }
    if let stated, let name = stated.scalar, !name.isEmpty {
      if Self.normal(name) != name { reading.report("the project's name \(Self.rule(name))", at: stated.place) }
      return name
    }
    return beforeFiles
  }

  private static func rule(_ name: String) -> String {
    "\(quoted(name)) may hold only small letters, digits, '-' and '_', and starts with a letter or digit"
  }

  private static func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Lower-case letters, digits, `-` and `_`, without `-` and `_` at the start.
  static func normal(_ name: String) -> String {
    let kept = name.lowercased().utf8.filter { byte in
      switch byte {
      case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    return String(decoding: kept.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }, as: UTF8.self)
  }
}
