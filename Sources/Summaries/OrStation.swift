import Foundation
import Policy
package import Wire

/// An IP value, or a station of the link.
package enum OrStation<Value: TextCoded & Equatable & Sendable>: TextCoded, Codable, Equatable, Sendable {
  case ip(Value)
  case station(MACAddress)

  package init?(coded text: String) {
    if let station = MACAddress(text) {
      self = .station(station)
    } else if let value = Value(coded: text) {
      self = .ip(value)
    } else {
      return nil
    }
  }

  package var coded: String {
    switch self {
    case .ip(let value): value.coded
    case .station(let station): station.coded
    }
  }
}
