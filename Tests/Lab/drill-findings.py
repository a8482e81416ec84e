"""The table of Tests/Lab/drill-findings: what became of each finding's two examples."""
import json
import os
import sys

findings, out = sys.argv[1:3]


def results(name):
    with open(os.path.join(out, name + ".json")) as file:
        document = json.load(file)
    return [result for result in document["results"] if result["id"] != "control"], document.get("problem")


def packets(result):
    return sum(leak.get("packets") or leak["frames"] for leak in result["leaks"])


def through(ways):
    """The kinds of attempts that got through the tunnel."""
    return {probe["id"] for way in ways for probe in way["probes"] if probe["attempts"]["through"]}


def told(ways):
    leaks = [f"{packets(way):,} in {way['id']}" for way in ways if way["leaks"]]
    return ", ".join(leaks)


failed = False
print("| finding | scenarios | flagged leaks | mended leaks | so it is |")
print("| --- | --- | --- | --- | --- |")
for finding in sorted(os.listdir(findings)):
    path = os.path.join(findings, finding, "drill")
    if not os.path.exists(path):
        continue
    with open(path) as file:
        text = file.read().strip()
    if text.startswith("not shown: "):
        print(f"| {finding} | – | – | – | not shown: {text[len('not shown: '):]} |")
        continue
    if not all(os.path.exists(os.path.join(out, f"{finding}.{version}.json")) for version in ("flagged", "mended")):
        continue
    (flagged, problem), (mended, trouble) = results(finding + ".flagged"), results(finding + ".mended")
    holding = {way["id"] for way in mended if way["grade"] == "holds"}
    stopped = through(mended) - through(flagged)
    if any(way["leaks"] for way in mended):
        verdict = "wrong: the mended one leaks"
    elif trouble or not holding:
        verdict = "wrong: the mended one was not drilled: " + (trouble or "; ".join(mended[0]["reasons"]))
    elif any(way["leaks"] and way["id"] in holding for way in flagged):
        verdict = "confirmed"
    elif stopped:
        verdict = "confirmed: no tunnel"
        if through(flagged):
            verdict += f" for {len(stopped)} of {len(through(mended))} kinds of attempts"
    else:
        verdict = "wrong: the flagged one leaks nowhere"
    failed |= verdict.startswith("wrong")
    ways = ", ".join(word for word in text.split() if "=" not in word)
    print(f"| {finding} | {ways} | {told(flagged) or 'none'} | {told(mended) or 'none'} | {verdict} |")
sys.exit(failed)
