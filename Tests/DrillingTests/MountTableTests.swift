import Testing

@testable import Drilling

struct MountTableTests {
  private static let text = """
    22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
    30 22 0:25 / /srv/my\\040stack/data rw - tmpfs tmpfs rw
    31 22 0:26 / /srv/other rw - tmpfs tmpfs rw
    a line that is cut

    """

  @Test(arguments: [
    ("/srv/my stack", "/srv/my stack/data"), ("/srv/my stack/data", nil), ("/srv/my", nil),
    ("/srv", "/srv/my stack/data"),
    ("/srv/other", nil), ("/home", nil),
  ])
  func `a file system below a folder is found`(_ folder: String, _ found: String?) {
    #expect(MountTable(Self.text).first(below: folder) == found)
    #expect(MountTable(nil).first(below: folder) == nil)
  }
}
