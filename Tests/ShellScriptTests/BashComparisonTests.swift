import Foundation
import ShellScript
import Testing

/// The same script in bash, where the program `probe` prints its arguments: what the interpreter predicts
/// must be what runs.
struct BashComparisonTests {
  @Test(arguments: scripts)
  func `walks a script as bash runs it`(_ script: String) throws {
    let expected = try Self.bash(script)
    let host = ShellInterpreter.walk(script, variables: ["GIVEN": "from outside"])
    let seen = host.commands.filter { $0.name == "probe" }.map { command in
      command.words.dropFirst().map { $0.value.map { "<\($0)>" } ?? "?" }.joined()
    }
    #expect(seen == expected)
    #expect(!host.commands.contains { !$0.isCertain })
    #expect(host.passed.isEmpty)
  }

  static let scripts = [
    "probe a b c",
    "A=1; probe $A \"$A\" '$A' \\$A",
    "A='x  y'; probe $A \"$A\" ${A}z",
    "A=; probe \"$A\" $A end",
    "probe ${MISSING:-192.168.1.0/24} ${MISSING-d} ${GIVEN:-d}",
    "A=x; probe ${A:+set} ${A+set} ${NONE:+set}end",
    "for n in 10.0.0.0/8 172.16.0.0/12; do probe -d $n; done",
    "NETS=\"a b\"; for n in $NETS c; do probe $n; done; probe \"$n\"",
    "NETS=(a 'b c' d); for n in \"${NETS[@]}\"; do probe \"$n\"; done; probe ${NETS[0]}x",
    "f() { probe \"f:$1\" $#; }; f one two; f",
    "f() {\n  local x=$1\n  probe $x\n}\nf a # comment\nf b",
    "probe 'a b'\"c d\"e",
    "probe a \\\n  b",
    "probe a >/dev/null 2>&1 </dev/null; probe b",
    "true && probe yes; false && probe no; false || probe or; true || probe no",
    "if true; then probe then; else probe else; fi",
    "if false; then probe then; elif true; then probe elif; else probe else; fi",
    "if ! false; then probe not; fi",
    "[ a = a ] && probe eq; [ a = b ] && probe ne; [ -n \"$GIVEN\" ] && probe given; [ -z '' ] && probe empty",
    "[[ a == a ]] && probe two",
    "case b in a) probe a ;; b|c) probe bc ;; *) probe rest ;; esac",
    "case x in a) probe a ;; *) probe rest ;; esac",
    "case 10.0.0.0/24 in */1[6-9] | */2[0-9]) probe fits ;; *) probe not ;; esac",
    "case abc in a?d) probe no ;; [!x]*c) probe yes ;; esac; case x-y in *-*-*) probe no ;; *-*) probe one ;; esac",
    "for n in 1 2 3; do case $n in 2) continue ;; esac; probe $n; done; probe end",
    "for n in 1 2 3; do [ $n = 3 ] && continue; probe $n; done",
    "for n in 1 2 3; do probe $n; [ $n = 2 ] && break; done; probe end",
    "f() { probe a; return 0; probe never; }; f; probe b",
    "NET=a; [ \"$NET\" != b ] || probe no; probe last",
    "{ probe in; }; (A=2; probe $A); probe ${A:-none}",
    "set -e\nprobe first\nfalse\nprobe never",
    "set -euo pipefail\nprobe one\nfalse || true\nprobe two",
    "probe one; exit 0; probe never",
    "cat <<END >/dev/null\nprobe not-me\nEND\nprobe after",
    "cat <<-'END' >/dev/null\n\tprobe $not\n\tEND\nprobe after",
    "X=$(echo hello); probe $X",
    "X=`echo back`; probe $X",
    "probe \"a\\\"b\" 'c\"d'",
    "probe $'x' >/dev/null; probe \"$(echo 'a b')\"",
    "A=1 B=2; probe $A$B",
    "A=one.two; probe \"${A%%.*}\" ${A%%.*} \"${A#*.}\" \"<${A%.*}>\"",
    "set -- 'a b' c; probe \"$*\" $* \"$@\" $@; A=('a b' c); probe \"${A[*]}\" ${A[*]} ${A[@]}x \"x${A[@]}\"",
    "trap 'probe end' EXIT; probe one; (probe two); exit 0",
    "(trap 'probe inner' EXIT; probe one); trap 'probe outer' EXIT; trap - EXIT; probe two",
    "fw::up() { probe in; }; function a:b { probe in; }; fw::up; a:b",
    "cat <<E >/dev/null\nx \\\nE\nprobe not\nE\nprobe after",
    "export E=v; probe $E; readonly R=w; probe $R",
    "probe one & wait; probe two",
    "bash -c 'true'; sh -c \"true\"; probe after",
    "probe x #no comment\nprobe a#b",
    "for i in 1 2; do for j in x y; do probe $i$j; done; done",
    "(exit 0); probe a; (exit 1) || probe b; (A=1; probe $A); probe ${A:-none}",
    "A=1; echo x | A=2; probe $A; { A=3; }; probe $A",
    "A=1; A=2 true; probe $A; A=3 probe $A",
    "A=(x y); A+=(z 'u v'); probe \"${A[@]}\" ${#A[@]}; B=a; B+=b; probe $B ${#B}",
    "N=10.0.0.0/8,172.16.0.0/12; for n in ${N//,/ }; do probe $n; done; probe ${N/,/} ${N%%,*} ${N#*,} ${N##*/} ${N%/*}",
    "f() { local x=in; probe $x; }; x=out; f; probe $x; g() { local x; x=2; }; g; probe $x",
    "set -- a 'b c'; probe \"$@\" $# \"$2\"; shift; probe \"$1\" $#; set -eu -- d; probe $1",
    ": ${D:=deflt} ${E=e}; probe $D $E; D=; probe ${D:=again}; probe $D",
    "IFS=$'\\n\\t'; A='a b'; probe $A; unset IFS; probe $A",
    "while true; do probe once; break; done; until true; do probe no; done; while false; do probe no; done; probe end",
    "for n in 1 2 3; do if [ $n = 2 ]; then continue; fi; [[ $n == 3 ]] && break; probe $n; done; probe end",
    "X=good; [[ $X == g* ]] && probe glob; [[ $X == 'g*' ]] && probe no; [[ $X != b* ]] && probe not; [[ -z $X ]] || probe full",
    "f() { for n in 1 2; do return 0; done; probe never; }; f; probe after",
    "unset A; probe ${A-unset} ${A:-none}; A=1; unset A; probe ${A-unset}; f() { probe f; }; unset -f f; probe end",
    "eval 'probe one; X=2'; probe $X; true && { probe four; }",
    "set -n\nprobe never",
    "exec 4>/dev/null; probe a; exec true; probe never",
    "cat <<A <<B >/dev/null; probe x\none\nA\ntwo\nB\nprobe y",
    "break; continue; probe after",
    "X=$(printf '%s' abc); probe \"$X\"; Y=$(f() { :; }; echo out); probe end",
    "A='a\"b'; probe \"$A\" \"${A}\"; probe \"${NONE:-a b}\" ${NONE:-c}",
    "export E1=1 E2=2; readonly R1=(x y); declare -a L=(p q); probe $E1$E2 ${R1[1]} ${L[0]}",
    "sh -c 'exit 3' || true; bash -c 'probe() { :; }; true'; probe z",
    "case $- in *i*) ;; esac; case a.b in *.?) probe fits ;; esac; case 'x y' in 'x y') probe spaced ;; esac",
  ]

  /// The lines that `probe` prints, each argument in angle brackets.
  private static func bash(_ script: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    let probe = "probe() { local a; for a; do printf '<%s>' \"$a\"; done >&3; echo >&3; }\nexport -f probe\n"
    process.arguments = ["-c", probe + script]
    process.environment = ["PATH": "/usr/bin:/bin", "GIVEN": "from outside"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    // Descriptor 3 is where probe writes, whatever the script redirects.
    process.arguments = ["-c", "exec 3>&1\n" + probe + script]
    try process.run()
    let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return output.split(separator: "\n").map(String.init)
  }
}
