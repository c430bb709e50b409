#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws what `growth` printed: time and memory against size, both logarithmic.

usage: growth_plot.py FILE.svg < LINES

Each shape is a line, grey; the slowest ones and those that do not end in an
answer have their colour and name. Beside them is a line of slope 1: what is
linear runs along it.
"""

import collections
import math
import pathlib
import sys

WIDTH, HEIGHT, MARGIN, LEGEND = 460, 380, 56, 150
COLOURS = ["#b2182b", "#2166ac", "#1b7837", "#762a83", "#e08214", "#35978f"]

Point = collections.namedtuple("Point", "size memory us answer")


def read(lines):
    shapes = collections.defaultdict(list)
    for line in lines:
        name, size, _, memory, us, answer = line.split()
        point = Point(int(size), int(memory), max(float(us), 1), answer)
        shapes[name].append(point)
    for points in shapes.values():
        points.sort()
    return shapes


class Panel:
    """One pair of axes: x is the size of the text in bytes."""

    def __init__(self, left, title, value, low, high):
        self.left, self.title, self.value = left, title, value
        self.low, self.high = math.log10(low), math.log10(high)

    def at(self, size, value):
        x = (math.log10(size) - 1) / (7 - 1) * WIDTH
        y = (math.log10(value) - self.low) / (self.high - self.low) * HEIGHT
        return self.left + x, MARGIN + HEIGHT - y

    def line(self, points, style):
        places = [self.at(size, value) for size, value in points]
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        return f'<polyline points="{text}" fill="none" {style}/>'

    def axes(self, ticks):
        yield (
            f'<rect x="{self.left}" y="{MARGIN}" width="{WIDTH}" '
            f'height="{HEIGHT}" fill="none" stroke="#888"/>'
        )
        yield text(self.left, MARGIN - 14, self.title, "bold")
        for power, name in enumerate(
            ["10 B", "100 B", "1 kB", "10 kB", "100 kB", "1 MB", "10 MB"], 1
        ):
            x, _ = self.at(10**power, 10**self.low)
            yield text(x - 12, MARGIN + HEIGHT + 18, name)
        for value, name in ticks:
            x, y = self.at(10, value)
            yield text(x - 50, y + 4, name)
            yield (
                f'<line x1="{x}" x2="{x + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" '
                'stroke="#ddd"/>'
            )


def text(x, y, what, weight="normal", colour="#222"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="11" fill="{colour}" '
        f'font-family="sans-serif" font-weight="{weight}">{what}</text>'
    )


def named(shapes):
    """The slowest per byte, and what is cut off for its work."""
    per_byte = sorted(
        shapes, key=lambda name: -shapes[name][-1].us / shapes[name][-1].size
    )
    return per_byte[: len(COLOURS)]


def draw(shapes):
    time = Panel(70, "Time, microseconds", lambda p: p.us, 1, 1e7)
    memory = Panel(
        70 + WIDTH + 90, "Memory, bytes", lambda p: p.memory, 1e3, 1e9
    )
    width = memory.left + WIDTH + LEGEND
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{HEIGHT + 2 * MARGIN}">'
    )
    yield '<rect width="100%" height="100%" fill="white"/>'
    yield from time.axes([(10**n, f"{10**n:,}") for n in range(0, 8, 1)])
    yield from memory.axes(
        [(1e3, "1 kB"), (1e6, "1 MB"), (128 * 2**20, "128 MiB"), (1e9, "1 GB")]
    )
    colours = dict(zip(named(shapes), COLOURS))
    for panel in (time, memory):
        for name, points in sorted(shapes.items(), key=lambda s: s[0] in colours):
            colour = colours.get(name, "#bbb")
            style = f'stroke="{colour}" stroke-width="1.3"'
            yield panel.line([(p.size, panel.value(p)) for p in points], style)
    linear = 'stroke="#000" stroke-dasharray="4 3"'
    yield time.line([(1e2, 1), (1e7, 1e5)], linear)
    yield memory.line([(1e2, 1e3), (1e7, 1e8)], linear)
    for row, (name, colour) in enumerate(
        [*colours.items(), ("slope 1", "#000"), ("all others", "#999")]
    ):
        y = MARGIN + 14 + row * 16
        yield text(memory.left + WIDTH + 12, y, name, colour=colour)
    yield "</svg>"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    shapes = read(sys.stdin)
    pathlib.Path(sys.argv[1]).write_text(
        "\n".join(draw(shapes)) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
