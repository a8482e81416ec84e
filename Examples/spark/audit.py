#!/usr/bin/env python3
"""Audits captures on an Apache Spark cluster: a task for each, and `leakaudit report` merges what they find.

    spark-submit [--master URL] audit.py [--leakaudit PATH] [--format FORMAT] [--output FILE] CAPTURE... [-- OPTION...]

Every machine of the cluster sees the captures and what the options name by the same paths (a mount that they share), and
has leakaudit. OPTIONs are those of `leakaudit replay`, as --wg-config; FORMAT is one of `leakaudit report` (text unless told).
spark-submit mixes what is said with the result on standard output: for programs, name a FILE.

With a policy that states the Endpoints, result and exit status are those of one `leakaudit replay --each CAPTURE...`: 0 clean,
1 leaks, 3 incomplete. Without, each capture infers them from its own handshakes alone. --expect-leak is of one capture, and refused. One
capture that cannot be audited is said on a line, and fails the whole: 64 to 77 as leakaudit has it, 69 where a machine has no
leakaudit, 70 where the cluster gave up. What spark-submit itself refuses, as a URL that it does not know, ends with its own 1
and without a result: FILE is empty then, or not there.
"""
import argparse, contextlib, os, subprocess, sys, tempfile, time


def run(*command):
    """Standard output of a leakaudit that came to a conclusion; or why there is none, with the status for it."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        return "", [(69, f"{command[0]}: {error.strerror}")]
    if done.returncode in (0, 1, 3):
        return done.stdout, []
    words = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
    return "", [(done.returncode if done.returncode > 0 else 70, f"{command[2]}: {words[0]}")]


def audit(leakaudit, capture, options):
    return run(leakaudit, "replay", capture, *options, "--format", "json")


def merge(leakaudit, one, other):
    """Any two of these in any order are the same in the end: Spark chooses."""
    if failures := one[1] + other[1]:
        return "", failures
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in ("one.json", "other.json")]
        for path, (summary, _) in zip(paths, (one, other)):
            with open(path, "w") as file:
                file.write(summary)
        return run(leakaudit, "report", *paths, "--format", "json")


def fail(status, *lines):
    for line in lines:
        print(f"audit.py: {line}", file=sys.stderr)
    sys.exit(status)


def main():
    arguments, options = sys.argv[1:], []
    if "--" in arguments:
        middle = arguments.index("--")
        arguments, options = arguments[:middle], arguments[middle + 1:]
    parser = argparse.ArgumentParser(usage="audit.py [--leakaudit PATH] [--format FORMAT] [--output FILE] CAPTURE... [-- OPTION...]")
    parser.error = lambda words: fail(64, words)
    parser.add_argument("--leakaudit", default="leakaudit")
    parser.add_argument("--format", default="text")
    parser.add_argument("--output")
    parser.add_argument("captures", nargs="+")
    wanted = parser.parse_args(arguments)
    leakaudit, captures = wanted.leakaudit, wanted.captures

    if "--expect-leak" in options:
        fail(64, "--expect-leak asks one capture, and all of them would have to answer")
    if wanted.output:
        # What an earlier audit left there must not pass for this one's result.
        open(wanted.output, "w").close()
    # Here, so that its absence has a status of its own.
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("leakaudit").getOrCreate()
    began = time.monotonic()
    try:
        summary, failures = (
            spark.sparkContext.parallelize(captures, len(captures))
            .map(lambda capture: audit(leakaudit, capture, options))
            .treeReduce(lambda one, other: merge(leakaudit, one, other)))
        took = time.monotonic() - began
    finally:
        spark.stop()
    if failures:
        fail(failures[0][0], *[line for _, line in failures])
    print(f"audit.py: {len(captures)} captures in {took:.1f} s", file=sys.stderr)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(summary)
        file.flush()
        try:
            with open(wanted.output, "w") if wanted.output else contextlib.nullcontext() as output:
                status = subprocess.run(
                    [leakaudit, "report", file.name, "--format", wanted.format], stdout=output).returncode
        except OSError as error:
            fail(69, f"{error.filename or leakaudit}: {error.strerror}")
    sys.exit(status if status >= 0 else 70)


try:
    main()
except Exception as error:
    # Python's own status for it is that of leaks.
    fail(70, f"no result: {(str(error) or repr(error)).splitlines()[0]}")
