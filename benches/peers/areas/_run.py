"""Runs one step of a comparison inside the virtual environment.

    _run.py AREA WORK ACTION THREADS FOLDER

ACTION is `list`, `prepare`, `check` (THREADS is then the peer's name) or the name of a peer. Prints one JSON object.
An area is a module with a dictionary `WORKS` from names to `Work`.
"""

import dataclasses
import importlib
import json
import pathlib
import sys
import time
import typing

import numpy as np


@dataclasses.dataclass
class Work:
    """One piece of work that ours and the peers do."""

    size: str
    """For the table."""
    prepare: typing.Callable
    """prepare(folder): writes the inputs."""
    peers: dict
    """From names to functions peer(folder, threads) -> (name with version, milliseconds, result array[, megabytes])."""
    tolerance: float
    """Largest difference of results allowed, relative to the largest number of the peer's result."""


def write(folder, name, array):
    """An array of numbers as a raw file, little-endian, row-major."""
    np.ascontiguousarray(array).tofile(pathlib.Path(folder) / name)


def read(folder, name, dtype=np.float64):
    return np.fromfile(pathlib.Path(folder) / name, dtype=dtype)


def best(function, seconds=1.0, least=5):
    """Milliseconds of the best of at least `least` runs and about `seconds` seconds, after one warm-up run."""
    function()
    times, start = [], time.perf_counter()
    while len(times) < least or time.perf_counter() - start < seconds:
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return 1e3 * min(times)


def memory(function):
    """Megabytes that a call needs at its most above what the process has before it, and its result."""
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak from here on
    before = status("VmRSS")
    result = function()
    return (status("VmHWM") - before) / 1024, result


def status(key):
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise KeyError(key)


def main():
    area, name, action, threads, folder = sys.argv[1:]
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    works = importlib.import_module(area).WORKS
    if action == "list":
        print(json.dumps({"works": list(works)}))
        return
    work = works[name]
    if action == "prepare":
        work.prepare(folder)
        print(json.dumps({"size": work.size, "peers": list(work.peers)}))
    elif action == "check":
        ours, peer = read(folder, "ours"), read(folder, f"peer-{threads}")
        if ours.shape != peer.shape:
            sys.exit(f"{name}: ours has {ours.size} numbers, {threads} has {peer.size}")
        distance = float(np.max(np.abs(ours - peer)) / np.max(np.abs(peer)))
        if not distance <= work.tolerance:
            sys.exit(f"{name}: ours and {threads} differ by {distance:.3g} relative, {work.tolerance:.3g} is allowed")
        print(json.dumps({"distance": distance}))
    else:
        label, milliseconds, result, *megabytes = work.peers[action](folder, int(threads))
        write(folder, f"peer-{action}", np.asarray(result, dtype=np.float64).ravel())
        print(json.dumps({"ms": milliseconds, "peer": label, "mb": megabytes[0] if megabytes else None}))


if __name__ == "__main__":
    # The areas import this file by its name; let them share these very definitions.
    sys.modules["_run"] = sys.modules["__main__"]
    main()
