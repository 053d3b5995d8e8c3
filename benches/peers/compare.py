#!/usr/bin/env python3
"""Compares the workspace with Python libraries: same machine, same inputs, same run.

    benches/peers/compare.py AREA... [--only PATTERN] [--json FILE] [--no-docs]
    benches/peers/compare.py --list

For each area it builds the workspace's side (`cargo build --release -p tangency-benches --bin peers`), makes a virtual
environment beside this file from requirements.txt (once), and for each piece of work

1. writes the inputs to files that both sides read;
2. times ours, then each peer at 1 and at 2 threads in a process of its own, then ours again (best of both, so that a
   drift of the machine does not favour one side; once where memory is asked for as well);
3. compares the results, and stops if they disagree beyond the stated tolerance;
4. prints a table with medians and extremes and writes it to docs/benchmarks.md.

Times are the best of repeated runs in one process, after a warm-up, and without start-up, imports or reading of inputs.
`--json` writes a list of objects with the keys area, work, size, ours_ms, ours_one_ms, peer, peer_ms, ratio, limit_ms,
over_limit, ours_mb, peer_mb.
Only the standard library is needed to start it.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
DOCS = ROOT / "docs" / "benchmarks.md"
AREAS = sorted(p.stem for p in (HERE / "areas").glob("*.py") if not p.stem.startswith("_"))


def environment(threads):
    """An environment in which every numerical library uses this many threads and chooses its own kernels."""
    env = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS"):
        env[name] = str(threads)
    # Settings that some machines carry to work around old builds; they slow current ones.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        env.pop(name, None)
    return env


def prepare_venv():
    """The virtual environment of requirements.txt, made anew when that file changes."""
    wanted = (HERE / "requirements.txt").read_text()
    stamp = VENV / "requirements.txt"
    if not (stamp.exists() and stamp.read_text() == wanted):
        print("making the virtual environment (once) ...", file=sys.stderr)
        venv.create(VENV, clear=True, with_pip=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted)


def build():
    """Builds our side and returns the path of the program."""
    command = ["cargo", "build", "--release", "-p", "tangency-benches", "--bin", "peers", "--message-format=json"]
    out = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in reversed(out.splitlines()):
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "peers":
            return message["executable"]
    sys.exit("cargo built no program called peers")


def ask(command, threads):
    """Runs one side on one piece of work and reads the JSON object that it prints."""
    done = subprocess.run([str(c) for c in command], env=environment(threads), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(program, area, work):
    """Rows of one piece of work, one for each peer."""
    runner = HERE / "areas" / "_run.py"
    with tempfile.TemporaryDirectory() as folder:
        description = ask([PYTHON, runner, area, work, "prepare", "-", folder], 1)

        on_one = []

        def ours():
            answers = [ask([program, area, work, folder], threads) for threads in (1, 2)]
            on_one.append(answers[0]["ms"])
            return min(answers, key=lambda a: a["ms"])

        first = ours()
        rows = []
        for peer in description["peers"]:
            answers = [ask([PYTHON, runner, area, work, peer, str(threads), folder], threads) for threads in (1, 2)]
            # A peer that does not get there has no time.
            best = min(range(2), key=lambda k: answers[k]["ms"] or float("inf"))
            ask([PYTHON, runner, area, work, "check", peer, folder], 1)
            rows.append((peer, answers[best], best + 1))
        # One run of a large problem takes minutes.
        second = first if first.get("mb") else ours()
    mine = min((first, second), key=lambda a: a["ms"])
    limit = mine.get("limit_ms")
    return [
        {
            "area": area,
            "work": work,
            "size": description["size"],
            "ours_ms": mine["ms"],
            "ours_one_ms": min(on_one),
            "peer": answer["peer"] + ("" if " thread" in answer["peer"] else f", {threads} thread{'s' if threads > 1 else ''}"),
            "peer_ms": answer["ms"],
            "ratio": answer["ms"] / mine["ms"] if answer["ms"] else None,
            "limit_ms": limit,
            "over_limit": mine["ms"] / limit if limit else None,
            "limit": mine.get("limit"),
            "ours_mb": mine.get("mb"),
            "peer_mb": answer.get("mb"),
        }
        for peer, answer, threads in rows
    ]


def figure(x):
    """Three significant digits."""
    if x is None:
        return "–"
    return f"{x:.0f}" if x >= 100 else f"{x:.3g}"


def table(rows):
    lines = [
        "| work | size | ours, ms | peer | peer, ms | peer / ours | limit, ms | ours / limit | the limit |",
        "|---|---|---:|---|---:|---:|---:|---:|---|",
    ]
    for r in rows:
        cells = [r["work"], r["size"], figure(r["ours_ms"]), r["peer"], figure(r["peer_ms"]), figure(r["ratio"])]
        cells += [figure(r["limit_ms"]), figure(r["over_limit"]), r["limit"] or "–"]
        lines.append("| " + " | ".join(cells) + " |")
    if any(r["ours_mb"] for r in rows):
        head = "| work | ours, MB above the inputs | peer | peer, MB above the inputs | ours / peer |"
        lines += ["", head, "|---|---:|---|---:|---:|"]
        for r in (r for r in rows if r["ours_mb"] and r["peer_mb"]):
            share = figure(r["ours_mb"] / r["peer_mb"])
            lines.append(f"| {r['work']} | {figure(r['ours_mb'])} | {r['peer']} | {figure(r['peer_mb'])} | {share} |")
    return "\n".join(lines)


def summary(rows):
    """What the rows have in common: ours against each library, and against the limit."""
    lines = []
    rows = [r for r in rows if r["ratio"] is not None]
    names = list(dict.fromkeys(r["peer"].split(",")[0].split(":")[0] for r in rows))
    for name in names:
        ratios = [r["ratio"] for r in rows if r["peer"].startswith(name)]
        lines.append(
            f"{name} / ours: median {figure(statistics.median(ratios))}, least {figure(min(ratios))}, "
            f"not slower in {sum(x >= 1 for x in ratios)} of {len(ratios)}"
        )
    best = {}
    for r in rows:
        best[r["work"]] = min(best.get(r["work"], r["ratio"]), r["ratio"])
    if len(names) > 1:
        lines.append(f"the best of them / ours: median {figure(statistics.median(best.values()))}, least {figure(min(best.values()))}")
    one = [r["peer_ms"] / r["ours_one_ms"] for r in rows if "1 thread" in r["peer"]]
    if one:
        middle, least = figure(statistics.median(one)), figure(min(one))
        lines.append(f"peers that ran on one thread / ours on one thread: median {middle}, least {least}")
    over = list({r["work"]: r["over_limit"] for r in rows if r["over_limit"] is not None}.values())
    if over:
        lines.append(f"ours / limit: median {figure(statistics.median(over))}, largest {figure(max(over))}")
    return "\n\n".join(lines)


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}; {rustc}"


def write_docs(area, rows):
    """Replaces the area's part of docs/benchmarks.md."""
    begin, end = f"<!-- {area}: begin -->", f"<!-- {area}: end -->"
    text = DOCS.read_text()
    part = f"{begin}\n## {area}\n\n{machine()}; {datetime.date.today().isoformat()}\n\n{table(rows)}\n\n{summary(rows)}\n{end}"
    if begin in text:
        text = text[: text.index(begin)] + part + text[text.index(end) + len(end) :]
    else:
        text = text.rstrip("\n") + "\n\n" + part + "\n"
    DOCS.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("areas", nargs="*", metavar="AREA", help="one or more of: " + ", ".join(AREAS))
    parser.add_argument("--only", metavar="PATTERN", default="", help="the works in whose name this regular expression is found")
    parser.add_argument("--json", metavar="FILE", help="also write the rows to FILE")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/benchmarks.md as it is")
    parser.add_argument("--list", action="store_true", help="list the areas and leave")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(AREAS))
        return
    unknown = [a for a in arguments.areas if a not in AREAS]
    if unknown or not arguments.areas:
        parser.error(f"no area called {unknown[0]}" if unknown else "name at least one area, or --list")
    prepare_venv()
    program = build()
    everything = []
    for area in arguments.areas:
        works = ask([PYTHON, HERE / "areas" / "_run.py", area, "-", "list", "-", "-"], 1)["works"]
        rows = []
        for work in filter(lambda name: re.search(arguments.only, name), works):
            print(f"{area}: {work} ...", file=sys.stderr)
            rows += compare(program, area, work)
            # What is known is shown at once: a later work may fail.
            for r in (r for r in rows if r["work"] == work):
                print(f"    {figure(r['ours_ms'])} ms, {r['peer']} {figure(r['peer_ms'])} ms", file=sys.stderr)
        print(f"\n{area}\n{table(rows)}\n\n{summary(rows)}\n")
        if not arguments.no_docs:
            write_docs(area, rows)
        everything += rows
    if arguments.json:
        for row in everything:
            row.pop("limit")
        pathlib.Path(arguments.json).write_text(json.dumps(everything, indent=1) + "\n")


if __name__ == "__main__":
    main()
