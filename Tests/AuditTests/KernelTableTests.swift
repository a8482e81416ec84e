import CCounting
import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// The audit's half of what it shares with the kernel; the test plays the kernel. The real one is in
/// `KernelCountingTests`.
@safe struct KernelTableTests {
  /// Memory as the kernel's, which is never given back either.
  private static func memory() -> OpaquePointer {
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: Int(counting_size()), alignment: 4096)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0, count: Int(counting_size()))
    let shared = OpaquePointer(bytes)
    unsafe counting_begin(shared, 0x1234_5678_9ABC_DEF0, 2048)
    return unsafe shared
  }

  private static func flow(_ port: UInt32) -> LinkFlow {
    LinkFlow(
      link: LinkWords(), tag: 0, addresses: (0xAC12_0002_CB00_71B2, 0, 0, 0), isIPv6: false, ports: port << 16 | 51820,
      protocolNumber: 17, interface: 0, .outgoing)
  }

  /// As the kernel counts a message: it takes the word, and then adds.
  private static func count(_ frames: UInt64, _ shared: OpaquePointer, _ place: Int) {
    let flow = unsafe counting_flow(shared, UInt32(place))!
    unsafe flow.pointee.word += frames
    unsafe flow.pointee.bytes += 100 * frames
    unsafe flow.pointee.last = 7
    unsafe flow.pointee.done += frames
  }

  /// As the kernel lets the message before `counter` pass.
  private static func arm(_ counter: UInt64, _ shared: OpaquePointer, _ place: Int) {
    let flow = unsafe counting_flow(shared, UInt32(place))!
    unsafe flow.pointee.first = counter
    unsafe flow.pointee.word = flow.pointee.word & ~((1 << 48) - 1) | counter
  }

  @Test func `flows that differ in their ports fill the table`() {
    var table = unsafe KernelTable(Self.memory())
    var opened = 0
    for port in 0..<2048 {
      guard let place = table.place(for: Self.flow(UInt32(20000 + port))).free else { continue }
      table.open(place, for: port, Self.flow(UInt32(20000 + port)), isTunnel: false, receiver: nil, at: 0)
      opened += 1
    }
    // With half as many flows as places, four for each, one in twenty finds none.
    #expect(opened > 1850)
  }

  @Test func `what is counted is taken once`() throws {
    let shared = unsafe Self.memory()
    var table = unsafe KernelTable(shared)
    let free = table.place(for: Self.flow(1)).free
    let place = try #require(free)
    table.open(place, for: 3, Self.flow(1), isTunnel: false, receiver: nil, at: 0)
    let nothing = table.take(place)
    #expect(nothing == nil)
    unsafe Self.count(5, shared, place)
    let taken = table.take(place)
    let counted = try #require(taken)
    #expect(counted.frames == 5 && counted.bulk.bytes == 500 && counted.last == 7)
    let again = table.take(place)
    #expect(again == nil)
  }

  @Test func `a flow that was stopped and armed again is counted from the new message on`() throws {
    let shared = unsafe Self.memory()
    var table = unsafe KernelTable(shared)
    let free = table.place(for: Self.flow(1)).free
    let place = try #require(free)
    table.open(place, for: 0, Self.flow(1), isTunnel: true, receiver: 9, at: 0)
    unsafe Self.arm(100, shared, place)
    unsafe Self.count(5, shared, place)
    table.stop(place)
    let isStopped = table.isStopped(place)
    let isEmpty = table.hasNothingLeft(place)
    #expect(isStopped && !isEmpty)
    let left = table.take(place)
    #expect(left?.counter == 100)
    let isEmptied = table.hasNothingLeft(place)
    #expect(isEmptied)
    let before = unsafe counting_flow(shared, UInt32(place))!.pointee.word
    table.arm(place)
    let isStoppedStill = table.isStopped(place)
    #expect(!isStoppedStill)
    unsafe Self.arm(300, shared, place)
    unsafe Self.count(1, shared, place)
    let rearmed = table.take(place)
    #expect(rearmed?.counter == 300)
    // Who has read the word before cannot count by it now.
    let after = unsafe counting_flow(shared, UInt32(place))!.pointee.word
    #expect(before >> 48 & 0x7FFF != after >> 48)
  }

  @Test func `a frame that is never counted in whole counts, and its place is used no more`() throws {
    let shared = unsafe Self.memory()
    var table = unsafe KernelTable(shared)
    let free = table.place(for: Self.flow(1)).free
    let place = try #require(free)
    table.open(place, for: 3, Self.flow(1), isTunnel: false, receiver: nil, at: 0)
    unsafe Self.count(2, shared, place)
    unsafe counting_flow(shared, UInt32(place))!.pointee.word += 1
    table.stop(place)
    let taken = table.take(place)
    #expect(taken?.frames == 3)
    table.free(place)
    let next = table.place(for: Self.flow(1)).free
    #expect(next != nil && next != place)
  }

  @Test func `a place that is free again is for another flow, and none is at both`() throws {
    var table = unsafe KernelTable(Self.memory())
    let free = table.place(for: Self.flow(1)).free
    let place = try #require(free)
    table.open(place, for: 5, Self.flow(1), isTunnel: false, receiver: nil, at: 0)
    let position = table.position(place)
    let others = table.others
    #expect(position == 5 && others == [place])
    table.stop(place)
    table.free(place)
    let noPosition = table.position(place)
    let noOthers = table.others
    #expect(noPosition == nil && noOthers.isEmpty)
    table.open(place, for: 6, Self.flow(1), isTunnel: true, receiver: 1, at: 0)
    let newPosition = table.position(place)
    let tunnels = table.tunnels
    #expect(newPosition == 6 && tunnels == [place])
  }

  /// How many flows the kernel counts now.
  private static func counted(_ shared: OpaquePointer) -> Int {
    (0..<UInt32(COUNTED_FLOWS)).filter { place in
      unsafe counting_flow(shared, place)!.pointee.word >> 63 == 0
    }.count
  }

  @Test(arguments: [false, true])
  func `what changes a verdict takes flows back from the kernel, and an Endpoint without an address keeps them`(
    _ hasName: Bool
  ) {
    let shared = unsafe Self.memory()
    var auditor = Auditor(
      policy {
        $0.local = [stated(prefix("192.168.0.0/16"))]
        if hasName { $0.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820))] }
      }, seed: 1)
    unsafe auditor.count(inKernel: shared)
    var cursor = SourceCursor()
    let interface = auditor.attach(InterfaceTally(name: "br-stack", linkType: .linuxCooked2, role: .bridge))
    cursor.interfaces.append(interface)
    let packet = udpPacket("172.18.0.2:4000", "192.168.1.9:5000", [1, 2, 3])
    let frames = (0..<40).map { number in
      SampleFrame(
        cooked2(packet), .linuxCooked2, time: Timestamp(nanoseconds: Int64(number)), direction: .incoming)
    }
    var observer = NoObserver()
    var source = FrameList(frames)
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: 100, observer: &observer)
    // Each of its addresses may still turn out to be the Endpoint's.
    #expect(unsafe Self.counted(shared) == (hasName ? 0 : 1))
    auditor.setRole(.nic, on: interface)
    #expect(unsafe Self.counted(shared) == 0)
    auditor.endCountingInKernel()
    #expect(auditor.frames == 40)
  }

  @Test func `messages wait for the one before them, unless it never comes`() {
    var counters = TransportCounters()
    func note(_ counter: UInt64, _ messages: UInt64 = 1) {
      counters.note(
        interface: 0, receiver: 9, counter: MessageCounter(counter), messages: messages, sessionWasSeen: false)
    }
    note(0, 100)
    var owed = OwedMessages()
    // The messages 100 to 299 wait in the ring, and 300 to 399 were counted behind the last of them.
    owed.add(.init(receiver: 9, interface: 0, counter: 300, count: 50, since: 5))
    owed.add(.init(receiver: 9, interface: 0, counter: 350, count: 50, since: 6))
    owed.note(in: &counters, at: 7)
    #expect(owed.runs.count == 1 && counters.missed(interface: 0) == 0)
    owed.note(in: &counters, before: (9, 0, 100), at: 8)
    note(100, 200)
    owed.note(in: &counters, at: 9)
    #expect(owed.isEmpty && counters.missed(interface: 0) == 0)
    #expect(counters.expected(receiver: 9, interface: 0) == 400)
    // The ring had no room for the message 400.
    owed.add(.init(receiver: 9, interface: 0, counter: 401, count: 70, since: 10))
    owed.note(in: &counters, at: 11)
    #expect(!owed.isEmpty)
    owed.note(in: &counters, at: 2_000_000_000)
    #expect(owed.isEmpty && counters.missed(interface: 0) == 1)
  }
}
