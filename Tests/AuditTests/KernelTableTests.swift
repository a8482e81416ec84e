import CCounting
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
    let nothing = table.take(place, expected: nil, emptied: 0)
    #expect(nothing == nil)
    unsafe Self.count(5, shared, place)
    let taken = table.take(place, expected: nil, emptied: 0)
    let counted = try #require(taken)
    #expect(counted.frames == 5 && counted.bulk.bytes == 500 && counted.last == 7)
    let again = table.take(place, expected: nil, emptied: 0)
    #expect(again == nil)
  }

  @Test func `messages wait for the one before them, unless it was lost`() throws {
    let shared = unsafe Self.memory()
    var table = unsafe KernelTable(shared)
    let free = table.place(for: Self.flow(1)).free
    let place = try #require(free)
    table.open(place, for: 0, Self.flow(1), isTunnel: true, receiver: 9, at: 0)
    // The message 99 passed, and 100 to 104 were counted.
    unsafe Self.arm(100, shared, place)
    unsafe Self.count(5, shared, place)
    let waiting = table.take(place, expected: 99, emptied: 4)
    #expect(waiting == nil)
    let waitingStill = table.take(place, expected: 99, emptied: 5)
    #expect(waitingStill == nil)
    let lost = table.take(place, expected: 99, emptied: 6)
    let late = try #require(lost)
    #expect(late.counter == 100 && late.frames == 5)
    unsafe Self.count(2, shared, place)
    let following = table.take(place, expected: 105, emptied: 6)
    let next = try #require(following)
    #expect(next.counter == 105 && next.frames == 2)
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
    let left = table.take(place, expected: nil, emptied: 0)
    #expect(left?.counter == 100)
    let isEmptied = table.hasNothingLeft(place)
    #expect(isEmptied)
    let before = unsafe counting_flow(shared, UInt32(place))!.pointee.word
    table.arm(place)
    let isStoppedStill = table.isStopped(place)
    #expect(!isStoppedStill)
    unsafe Self.arm(300, shared, place)
    unsafe Self.count(1, shared, place)
    let rearmed = table.take(place, expected: 300, emptied: 0)
    #expect(rearmed?.counter == 300)
    // Who has read the word before cannot count by it now.
    let after = unsafe counting_flow(shared, UInt32(place))!.pointee.word
    #expect(before >> 48 & 0x7FFF != after >> 48)
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
}
