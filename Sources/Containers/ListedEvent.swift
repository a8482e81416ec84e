/// A line of GET /events.
struct ListedEvent: Decodable {
  var type: String?
  var action: String?
  var subject: Subject?
  /// In nanoseconds since the epoch.
  var time: Int64?

  struct Subject: Decodable {
    var id: String?
    var attributes: [String: String]?

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case attributes = "Attributes"
    }
  }

  enum CodingKeys: String, CodingKey {
    case type = "Type"
    case action = "Action"
    case subject = "Actor"
    case time = "timeNano"
  }
}
