"""Temporary."""

from __future__ import annotations

import argparse

from benchmarks.contender import NAMES, find
from benchmarks.questions import operations
from benchmarks.timing import QUICK_SLICE, SLICE, Watch

parser = argparse.ArgumentParser(prog="python -m benchmarks")
parser.add_argument("--only", nargs="*", default=NAMES)
parser.add_argument("--rounds", type=int, default=40)
parser.add_argument("--quick", action="store_true")
a = parser.parse_args()
contenders, left_out = find([n for n in NAMES if n == "floor" or n in a.only])
rows = operations.measure(
    Watch(2 if a.quick else a.rounds, QUICK_SLICE if a.quick else SLICE), contenders
)
by = {(r["contender"], r["layer"], r["operation"], r["size"]): r["ns"] for r in rows}
print(
    f"{'contender':12}{'layer':11}{'operation':12}"
    + "".join(f"{s:>10}{'x floor':>9}" for s in "STL")
)
for c, layer, o in dict.fromkeys(k[:3] for k in by):
    line = f"{c:12}{layer:11}{o:12}"
    for s in "STL":
        ns = by.get((c, layer, o, s))
        floor = by.get(("floor", "functions" if layer == "session" else layer, o, s))
        line += f"{ns:10.0f}" if ns is not None else " " * 10
        line += f"{ns / floor:9.2f}" if ns and floor else " " * 9
    print(line)
