"""Figures in the text format that Prometheus reads (version 0.0.4)."""

from collections.abc import Iterable, Iterator, Mapping

from inkhorn.core.metrics.families import FAMILIES, Family
from inkhorn.core.metrics.shelf import Figures, Key

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def written(figures: Figures) -> str:
    """Every family that has figures, with what it means."""
    by_family: dict[str, list[tuple[Key, list[float]]]] = {}
    for key, values in sorted(figures.items()):
        by_family.setdefault(key[0], []).append((key[1:], values))
    return "".join(f"{line}\n" for name, found in by_family.items() for line in _lines(FAMILIES[name], found))


def _lines(family: Family, found: Iterable[tuple[Key, list[float]]]) -> Iterator[str]:
    yield f"# HELP {family.name} {family.meaning}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, values in found:
        told = dict(zip(family.labels, labels, strict=True))
        if family.kind == "histogram":
            yield from _histogram(family, told, values)
        else:
            yield f"{family.name}{_labels(told)} {_number(values[0])}"


def _histogram(family: Family, told: Mapping[str, str], values: list[float]) -> Iterator[str]:
    below = 0.0
    for bound, count in zip((*map(_number, family.bounds), "+Inf"), values[:-1], strict=True):
        below += count
        yield f"{family.name}_bucket{_labels({**told, 'le': bound})} {_number(below)}"
    yield f"{family.name}_sum{_labels(told)} {_number(values[-1])}"
    yield f"{family.name}_count{_labels(told)} {_number(below)}"


def _labels(told: Mapping[str, str]) -> str:
    if not told:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in told.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
