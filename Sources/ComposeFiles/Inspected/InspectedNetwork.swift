/// An element of GET /networks.
struct InspectedNetwork: Decodable {
  var id: String
  var name: String
  var driver: String?
  var isInternal: Bool?
  var enablesIPv6: Bool?
  var addresses: Addresses?
  var options: [String: String]?

  struct Addresses: Decodable {
    var pools: [Pool]?

    enum CodingKeys: String, CodingKey { case pools = "Config" }
  }

  struct Pool: Decodable {
    var subnet: String?

    enum CodingKeys: String, CodingKey { case subnet = "Subnet" }
  }

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case name = "Name"
    case driver = "Driver"
    case isInternal = "Internal"
    case enablesIPv6 = "EnableIPv6"
    case addresses = "IPAM"
    case options = "Options"
  }
}
