/// GET /images/{id}/json.
struct InspectedImage: Decodable {
  var tags: [String]?
  var config: InspectedContainer.Config?

  enum CodingKeys: String, CodingKey {
    case tags = "RepoTags"
    case config = "Config"
  }
}
