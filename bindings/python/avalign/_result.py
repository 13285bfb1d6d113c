"""What analyze() gives: the JSON result, a dict, which also has findings, scores and series as objects and shows itself in a notebook."""
from __future__ import annotations

import html
import os
from dataclasses import dataclass
from typing import Any, Callable, List, Optional

import numpy as np


@dataclass(frozen=True)
class Finding:
    """Something that was found, or an observation that enters no sum; docs/scores.md says what the kinds mean."""
    kind: str
    text: str
    start_s: float
    end_s: float
    score: float  # [0, 1]; from .5 on a sign of manipulation
    counts: bool  # it entered the anomaly score, with `weight`, and added `adds`
    weight: float
    adds: float


@dataclass(frozen=True)
class Score:
    """A number about the file (track None) or a face; value None where it could not be computed, for `reason`."""
    name: str
    unit: str
    track: Optional[int]
    value: Optional[float]
    confidence: float
    reason: Optional[str]


@dataclass(frozen=True, eq=False)
class Series:
    """A number over time: value [n] (NaN: not computed) at t_s [n], seconds; of a face, or of the file (track None)."""
    name: str
    unit: str
    track: Optional[int]
    t_s: np.ndarray
    value: np.ndarray


class Result(dict):
    """The JSON result (docs/result.schema.json). `findings`, `scores` and `series` are lists of dataclasses; `page()` is the evidence
    page, which a notebook shows."""

    findings: List[Finding]
    scores: List[Score]
    series: List[Series]

    def __init__(self, document: dict, findings: List[Finding], scores: List[Score], series: List[Series], write_page: Callable[[], bytes]):
        super().__init__(document)
        self.findings, self.scores, self.series, self._write_page = findings, scores, series, write_page

    def page(self) -> bytes:
        """The evidence page: one HTML file that needs no network, with small pictures where the recording is still in its place."""
        return self._write_page()

    def save_page(self, path: "str | os.PathLike[str]") -> None:
        """Writes the evidence page."""
        with open(path, "wb") as f:
            f.write(self.page())

    def series_of(self, name: str, track: Optional[int] = None) -> Optional[Series]:
        """The series of that name; of the face `track`, or (None) the first there is."""
        return next((s for s in self.series if s.name == name and track in (None, s.track)), None)

    def _repr_html_(self) -> str:
        return '<iframe sandbox="allow-scripts" style="width:100%%;height:640px;border:0" srcdoc="%s"></iframe>' % html.escape(self.page().decode("utf-8"))

    def __reduce__(self) -> Any:  # copies and pickles are the document alone
        return dict, (dict(self),)


def read(ffi: Any, lib: Any, r: Any, text: Callable[[Any], Optional[str]]) -> "tuple[List[Finding], List[Score], List[Series]]":
    """The lists of an AvalignResult, copied."""
    findings, scores, series = [], [], []
    for i in range(lib.avalign_result_n_findings(r)):
        f = lib.avalign_result_finding(r, i)
        findings.append(Finding(text(f.kind), text(f.text), f.start_s, f.end_s, f.score, bool(f.counts), f.weight, f.adds))
    for i in range(lib.avalign_result_n_scores(r)):
        s = lib.avalign_result_score(r, i)
        scores.append(Score(text(s.name), text(s.unit), None if s.track < 0 else s.track, s.value if s.present else None, s.confidence, text(s.reason)))
    for i in range(lib.avalign_result_n_series(r)):
        s = lib.avalign_result_series_at(r, i)
        t = np.frombuffer(ffi.buffer(s.t_us, 8 * s.n), np.int64) / 1e6 if s.n else np.zeros(0)
        value = np.frombuffer(ffi.buffer(s.value, 4 * s.n), np.float32).copy() if s.n else np.zeros(0, np.float32)
        series.append(Series(text(s.name), text(s.unit), None if s.track < 0 else s.track, t, value))
    return findings, scores, series
