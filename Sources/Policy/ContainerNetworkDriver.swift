/// The container network drivers that matter here (`docker network create --driver`).
public enum ContainerNetworkDriver {
  /// Whether containers are on the NIC's own network with their own addresses. No bridge shows and no NAT hides them.
  public static func isOnLink(_ driver: String) -> Bool { driver == "macvlan" || driver == "ipvlan" }
}
