/// The drivers of container networks that matter here (`docker network create --driver`).
public enum ContainerNetworkDriver {
  /// Whether containers are on the NIC's own network, with addresses of their own: no bridge shows them and no NAT hides them.
  public static func isOnLink(_ driver: String) -> Bool { driver == "macvlan" || driver == "ipvlan" }
}
