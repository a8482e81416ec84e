import TestNeeds
import TestSupport
import Testing

/// Questions that Docker's engine asks for containers: certain where the kernel shows them.
///
/// The engine is a program of its name in a namespace of the test's, beside another namespace for the container.
@Suite(.needs(.root, .namespaces, .iproute, .python)) struct EngineQuestionTests {
  /// The notices of a watch while the container asks for some names, and then the engine, or another program.
  private static func notices() throws -> [Summary.Notice] {
    let directory = try TemporaryDirectory()
    let script = """
      import socket, struct, sys
      def ask(address, name):
          labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
          sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          sender.connect((address, 53))
          sender.send(struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\\0\\0\\1\\0\\1")
      for name in sys.argv[2:]: ask(sys.argv[1], name)
      """
    let ask = try directory.file("ask.py", Array(script.utf8))
    let result = try Command.shell(
      """
      unshare --net sh -euc '
        dir=$1 ask=$2
        cp "$(python3 -c "import os, sys; print(os.path.realpath(sys.executable))")" "$dir/dockerd"
        home=$(python3 -c "import sys; print(sys.base_prefix)")
        ip link set lo up
        ip link add br9 type bridge
        ip link add eth9 type veth peer name far
        ip address add 192.0.2.1/24 dev eth9
        for name in br9 eth9 far; do ip link set "$name" up; done
        ip neighbour add 192.0.2.53 lladdr 02:00:c0:00:02:35 dev eth9
        unshare --net sh -c "ip link set lo up && touch $dir/up && exec sleep 30" & box=$!
        "$leakaudit" watch -i eth9 -i br9 --role eth9=nic --role br9=bridge --no-docker --scope all --format json \\
          --duration 4 2>"$dir/log" & watch=$!
        for _ in $(seq 50); do grep -q watching "$dir/log" && test -e "$dir/up" && break; sleep 0.1; done
        nsenter -t $box --net python3 "$ask" 127.0.0.11 both.example alone.example twice.example
        python3 "$ask" 192.0.2.53 alone.example
        PYTHONHOME=$home "$dir/dockerd" "$ask" 192.0.2.53 both.example own.example
        wait $watch || true
        kill $box
        cat "$dir/log" >&2' - '\(directory.path)' '\(ask)'
      """)
    #expect(!result.errors.contains("not named"), "\(result.errors)")
    let summary = try result.summary()
    let asked = summary.leaks.filter { $0.reason == "dns" }.flatMap(\.questions)
    #expect(Set(asked) == ["both.example A", "alone.example A", "own.example A"], "\(result.errors)")
    return summary.notices.filter { $0.kind == "docker-dns-via-host" }
  }

  @Test func `a question is the container's if it and then the engine asked for the name`() throws {
    let texts = try Self.notices().map(\.text)
    #expect(texts.count == 1)
    #expect(
      texts.first?.hasPrefix(
        "DNS: the host asked on eth9 for both.example, because a container asked Docker's resolver for it.") == true,
      "\(texts)")
    #expect(texts.first?.contains("Confidence: certain") == true)
  }
}
