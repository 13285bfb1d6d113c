"""avalign for Python: a thin layer over libavalign's C API (avalign.h says what everything means).

    import avalign
    result = avalign.analyze("clip.mp4")          # the JSON result as a dict
    result["sync_offset_ms"]                      # > 0: sound early, it leads the picture

The library is found by AVALIGN_LIBRARY, in the wheel or on the loader's path, the models by AVALIGN_MODELS or where the library was installed.
Sound is a float array, mono [n] or interleaved by columns [n, channels], in [-1, 1].
"""
import ctypes.util
import glob
import json
import os
import re
import threading
from typing import Any, Callable, Optional

import cffi
import numpy as np

from . import _result, _runtime
from ._result import Finding, Result, Score, Series

__all__ = ["Cancelled", "Error", "Finding", "Models", "Result", "Score", "Series", "analyze", "detect_offset", "lip_sync", "voice_embedding", "verify_speaker", "expression", "synthetic_voice", "audio_artifacts", "speech_encoder", "version"]


def _declarations():
    text = ""
    for name in ("avalign.h", "avalign_result.h", "avalign_features.h"):
        with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as f:
            text += f.read()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r'#ifdef __cplusplus\n.*?#endif', "", text, flags=re.S)
    return re.sub(r"^#.*$", "", text, flags=re.M).replace("AVALIGN_API ", "")


_ffi = cffi.FFI()
_ffi.cdef(_declarations())


def _open_library():
    given = os.environ.get("AVALIGN_LIBRARY")
    if not given:
        try:
            libs = _runtime.openvino()
        except _runtime.Missing:
            if _runtime.as_command():  # python -m avalign, which says it in one line
                return None
            raise
        if libs:  # wherever it lies: what is loaded already is found by its name
            ctypes.CDLL(glob.glob(os.path.join(glob.escape(libs), "libopenvino_c.so.*"))[0])
    return _ffi.dlopen(given or _runtime.carried("lib", "libavalign.so.1") or ctypes.util.find_library("avalign") or "libavalign.so.1")


_lib = _open_library()


class Error(Exception):
    """What went wrong: code (AvalignError), stage, message."""

    def __init__(self, code, info=None):
        self.code = code
        self.stage = _text(info.stage) if info and info.code else ""
        self.message = (_ffi.string(info.message).decode("utf-8", "replace") if info and info.code else "") or _text(_lib.avalign_strerror(code))
        super().__init__(("%s: %s" % (self.stage, self.message)) if self.stage else self.message)


def _text(p):
    return None if p == _ffi.NULL else _ffi.string(p).decode("utf-8", "replace")


def version() -> str:
    """The library's.

    >>> version().count(".")
    2
    """
    return _text(_lib.avalign_version())


class Models:
    """Loaded nets; share one between calls. directory: None is AVALIGN_MODELS, then the wheel's own, /usr/local/share and /usr/share. Compiled nets are
    kept where the tool keeps them ($XDG_CACHE_HOME/avalign, ~/.cache/avalign)."""

    def __init__(self, directory: "str | os.PathLike[str] | None" = None):
        choices = [directory or os.environ.get("AVALIGN_MODELS")] if directory or os.environ.get("AVALIGN_MODELS") else [
            os.path.join(_runtime.HERE, "models"), "/usr/local/share/avalign/models", "/usr/share/avalign/models"]
        found = next((d for d in choices if os.path.exists(os.path.join(os.fspath(d), "manifest.json"))), choices[0])
        handle, why = _ffi.new("AvalignModels **"), _ffi.new("AvalignErrorInfo *")
        config = _ffi.new("AvalignModelsConfig *")
        config.struct_size = _ffi.sizeof("AvalignModelsConfig")
        phones = _ffi.new("char[]", os.fsencode(os.environ.get("AVALIGN_POCKETSPHINX") or _runtime.carried("phones") or ""))
        config.phone_dir = phones
        cache = _ffi.new("char[]", 4096)
        if _lib.avalign_cache_dir(cache, 4096) == 0:
            config.cache_dir = cache
        rc = _lib.avalign_models_load(handle, os.fsencode(found), config, why)
        if rc:
            raise Error(rc, why)
        self._handle = _ffi.gc(handle[0], lambda p: _lib.avalign_models_free(_ffi.new("AvalignModels **", p)))


_shared = None


def _models(models):
    global _shared
    if models is None:
        _shared = _shared or Models()
        models = _shared
    return models._handle


class Cancelled(Error):
    """The analysis was cancelled, by its event."""


def _written(call, *args):
    """What a call writes through an AvalignWriteFn."""
    parts, info = [], _ffi.new("AvalignErrorInfo *")

    @_ffi.callback("int(void *, const char *, size_t)", error=1)
    def put(_, data, n):
        parts.append(_ffi.buffer(data, n)[:])
        return 0
    rc = call(*args, put, _ffi.NULL, info)
    if rc:
        raise Error(rc, info)
    return b"".join(parts)


def _with_page(result, path):
    """The result as a Result, whose page is written when it is asked for."""
    pictured = []

    def page():
        if not pictured:
            _lib.avalign_result_add_thumbnails(result, os.fsencode(path), _ffi.NULL)
            pictured.append(True)
        return _written(_lib.avalign_result_write_page, result, _ffi.NULL)
    document = json.loads(_written(_lib.avalign_result_write, result, _lib.AVALIGN_JSON))
    return Result(document, *_result.read(_ffi, _lib, result, _text), page)


def analyze(path: "str | os.PathLike[str]", models: Optional[Models] = None, only: Optional[str] = None, policy: "str | dict | None" = None,
            tracks: Optional[dict] = None, transcript: Optional[str] = None, threads: int = 0, html: "str | os.PathLike[str] | None" = None,
            transcribe: bool = False, progress: Optional[Callable[[Optional[float], float], object]] = None,
            cancel: Optional[threading.Event] = None) -> Result:
    """The whole result, a dict. only: analyzers, as "lipsync,speaker"; policy: "seed", "calibrated" or a dict; tracks: a dict after
    docs/tracks.schema.json; transcribe: also the English words that are heard; html: where to write the evidence page.

    progress(done, at_s) is called now and then, done from 0 to 1 (None: the length is not known); what it raises ends the analysis and
    comes out here. cancel: an event that ends it from another thread, with Cancelled.

    >>> r = analyze(SAMPLE, only="lipsync")
    >>> 40 < r["sync_offset_ms"] < 90           # positive: sound early, it leads the picture
    True
    >>> mouth = r.series_of("mouth_open")       # 25 a second, mouth.value at mouth.t_s
    >>> mouth.t_s.shape == mouth.value.shape
    True
    >>> [f.kind for f in r.findings if f.counts]
    []
    >>> r._repr_html_().startswith("<iframe")   # what a notebook shows
    True
    """
    keep = [_ffi.new("char[]", s.encode()) if s else _ffi.NULL for s in (only, json.dumps(policy) if isinstance(policy, dict) else policy, transcript)]
    config, context, result = _ffi.new("AvalignConfig *"), _ffi.new("AvalignContext **"), _ffi.new("AvalignResult **")
    raised = []

    @_ffi.callback("void(void *, double, int64_t)")
    def on_progress(_, done, at_us):
        try:
            if progress is not None and not raised:
                progress(done if done >= 0 else None, at_us / 1e6)
        except BaseException as e:  # an interrupt too
            raised.append(e)
        if raised or (cancel is not None and cancel.is_set()):
            _lib.avalign_cancel(context[0])
    _lib.avalign_config_init(config, _ffi.sizeof("AvalignConfig"))
    config.analyzers, config.policy, config.transcript = keep
    config.n_threads, config.transcribe, config.progress = threads, int(transcribe), on_progress
    info = _ffi.new("AvalignErrorInfo *")
    rc = _lib.avalign_open(context, _models(models), config, info)
    if rc:
        raise Error(rc, info)
    try:
        if tracks is not None:
            text = json.dumps(tracks).encode()
            rc = _lib.avalign_set_tracks(context[0], text, len(text))
        rc = rc or _lib.avalign_analyze_path(context[0], os.fsencode(path), result)
        if raised:
            raise raised[0]
        if rc:
            raise (Cancelled if rc == _lib.AVALIGN_ERR_CANCELLED else Error)(rc, _lib.avalign_last_error(context[0]))
        found = _with_page(_ffi.gc(result[0], lambda r: _lib.avalign_result_free(_ffi.new("AvalignResult **", r))), path)
    finally:
        _lib.avalign_close(context)
    if html is not None:
        found.save_page(html)
    return found


# ---- arrays ------------------------------------------------------------------------------------

def _pcm(samples, rate, start_us=0):
    x = np.ascontiguousarray(samples, np.float32)
    if x.ndim not in (1, 2):
        raise ValueError("samples: [n] or [n, channels]")
    pcm = _ffi.new("AvalignPcm *", dict(sample_rate=int(rate), channels=1 if x.ndim == 1 else x.shape[1], pts_us=int(start_us),
                                        samples=_ffi.cast("const float *", x.ctypes.data), frames=len(x)))
    return pcm, x


def _checked(call, *args):
    """Calls it with a place for the reason behind its arguments."""
    info = _ffi.new("AvalignErrorInfo *")
    rc = call(*args, info)
    if rc < 0:
        raise Error(rc, info)
    return rc


def detect_offset(mouth: np.ndarray, mouth_fps: float, samples: np.ndarray, rate: int) -> "dict[str, Any]":
    """Loudness against mouth opening (the classic envelope method); both start at the same instant.

    >>> mouth = np.abs(np.sin(np.arange(250) * .37) * np.sin(np.arange(250) * .11))   # 25 a second; the sound as loud as it is open
    >>> sound = np.repeat(mouth, 640) * np.sin(np.arange(160000) * .3)
    >>> abs(detect_offset(mouth, 25, sound, 16000)["offset_ms"]) < 40
    True
    """
    m, (pcm, x) = np.ascontiguousarray(mouth, np.float32), _pcm(samples, rate)
    out = _ffi.new("AvalignOffset *")
    _checked(_lib.avalign_detect_av_offset, _ffi.cast("const float *", m.ctypes.data), len(m), mouth_fps, pcm.samples, len(x), int(rate), _ffi.NULL, 0, 0, out)
    return dict(offset_ms=out.offset_ms, confidence=out.confidence, correlation=out.correlation, reason=_text(out.reason))


def lip_sync(t_us: np.ndarray, samples: np.ndarray, rate: int, landmarks: Optional[np.ndarray] = None, mouths: Optional[np.ndarray] = None,
             start_us: int = 0, models: Optional[Models] = None) -> "dict[str, Any]":
    """One face: landmarks [n, 468, 3] and/or mouths [n, side, side] uint8 at t_us [n], with the sound."""
    n, keep = len(t_us), []
    faces = _ffi.new("AvalignFace[]", max(1, n))
    for i in range(n):
        if landmarks is not None:
            p = np.ascontiguousarray(landmarks[i], np.float32)
            keep.append(p)
            faces[i].landmarks, faces[i].n_landmarks, faces[i].landmark_dims = _ffi.cast("const float *", p.ctypes.data), p.shape[0], p.shape[1]
        if mouths is not None:
            g = np.ascontiguousarray(mouths[i], np.uint8)
            keep.append(g)
            m = faces[i].mouth
            m.format, m.width, m.height, m.stride[0], m.data[0] = _lib.AVALIGN_PIX_GRAY8, g.shape[1], g.shape[0], g.shape[1], _ffi.cast("const uint8_t *", g.ctypes.data)
    t, (pcm, keep_x) = np.ascontiguousarray(t_us, np.int64), _pcm(samples, rate, start_us)
    out = _ffi.new("AvalignLipSync *")
    _checked(_lib.avalign_analyze_lip_sync, _models(models), faces, _ffi.cast("const int64_t *", t.ctypes.data), n, pcm, out)
    return dict(offset_ms=out.offset_ms, interval_ms=list(out.interval_ms), confidence=out.confidence, score=out.score, p_value=out.p_value, reason=_text(out.reason))


def voice_embedding(samples: np.ndarray, rate: int, models: Optional[Models] = None) -> "dict[str, Any]":
    """dict with v ([256], length 1; None with a reason), speech_s and quality.

    >>> voice_embedding(SOUND, 16000)["v"].shape          # SOUND: float32 [n]
    (256,)
    >>> voice_embedding(np.zeros(32000), 16000)["reason"]
    'no-speech'
    """
    pcm, keep = _pcm(samples, rate)
    out = _ffi.new("AvalignVoice *")
    _checked(_lib.avalign_extract_voice_embedding, _models(models), pcm, out)
    v = np.frombuffer(_ffi.buffer(out.v), np.float32).copy() if out.reason == _ffi.NULL else None
    return dict(v=v, speech_s=out.speech_s, quality=out.quality, reason=_text(out.reason))


def verify_speaker(faces: np.ndarray, voices: np.ndarray, models: Optional[Models] = None) -> "dict[str, float]":
    """faces [n, 512] and voices [m, 256]: match (under .5: they do not fit) and natural log likelihood ratio."""
    f, v = np.ascontiguousarray(np.atleast_2d(faces), np.float32), np.ascontiguousarray(np.atleast_2d(voices), np.float32)
    if f.shape[1] != _lib.AVALIGN_FACE_DIM or v.shape[1] != _lib.AVALIGN_VOICE_DIM:
        raise ValueError("faces are [n, %d], voices [m, %d]" % (_lib.AVALIGN_FACE_DIM, _lib.AVALIGN_VOICE_DIM))
    out = _ffi.new("AvalignSpeakerMatch *")
    _checked(_lib.avalign_verify_speaker, _models(models), _ffi.cast("const float *", f.ctypes.data), len(f), _ffi.cast("const float *", v.ctypes.data), len(v), out)
    return dict(match=out.match, llr=out.llr)


def expression(path: "str | os.PathLike[str]", crop: bool = False, models: Optional[Models] = None) -> "dict[str, Any]":
    """What the face in a still picture expresses: probabilities by name (None with a reason), valence and arousal. crop: it is a face cut out already."""
    out = _ffi.new("AvalignExpression *")
    _checked(_lib.avalign_read_expression, _models(models), os.fsencode(path), int(crop), out)
    names = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
    return dict(probabilities=dict(zip(names, out.p)) if out.reason == _ffi.NULL else None, valence=out.valence, arousal=out.arousal, reason=_text(out.reason))


def synthetic_voice(samples: np.ndarray, rate: int, models: Optional[Models] = None) -> "dict[str, Any]":
    """authenticity (under .5: signs of synthesis) and natural log likelihood ratio, or a reason.

    >>> sorted(synthetic_voice(SOUND, 16000))
    ['authenticity', 'llr', 'reason']
    """
    pcm, keep = _pcm(samples, rate)
    out = _ffi.new("AvalignSyntheticVoice *")
    _checked(_lib.avalign_detect_synthetic_voice, _models(models), pcm, out)
    return dict(authenticity=out.authenticity, llr=out.llr, reason=_text(out.reason))


def audio_artifacts(samples: np.ndarray, rate: int, models: Optional[Models] = None) -> "list[dict[str, Any]]":
    """Traces of editing: a list of dicts with kind, start_s, end_s, score and evidence.

    >>> cut = SOUND.copy(); cut[48000:64000] = 0                  # a second of nothing
    >>> "splice" in {a["kind"] for a in audio_artifacts(cut, 16000)}
    True
    """
    pcm, keep = _pcm(samples, rate)
    n, room = _ffi.new("size_t *"), 4096
    out = _ffi.new("AvalignArtifact[]", room)
    _checked(_lib.avalign_detect_audio_artifacts, _models(models), pcm, out, room, n)
    return [dict(kind=_ffi.string(a.kind).decode(), start_s=a.start_s, end_s=a.end_s, score=a.score, evidence=_ffi.string(a.evidence).decode()) for a in (out[i] for i in range(min(n[0], room)))]


def speech_encoder(path: "str | os.PathLike[str]", models: Optional[Models] = None, threads: int = 0) -> "dict[str, np.ndarray]":
    """What the speech encoder (Whisper tiny.en) makes of a file's speech, 50 times a second: t_s [n], the times of the frames, and states [n, 6, 384] (after the
    convolutions, each of four layers, the last norm). Nothing where nobody speaks; frames over .02 s apart belong to different windows."""
    config, context, result, info = _ffi.new("AvalignConfig *"), _ffi.new("AvalignContext **"), _ffi.new("AvalignResult **"), _ffi.new("AvalignErrorInfo *")
    times, states = [np.zeros(0)], [np.zeros((0, _lib.AVALIGN_ENCODER_STATES, _lib.AVALIGN_ENCODER_DIM), np.float32)]

    @_ffi.callback("int(void *, int64_t, const float *, size_t)", error=1)
    def take(_, t_us, frames, n):
        x = np.frombuffer(_ffi.buffer(frames, n * 4 * _lib.AVALIGN_ENCODER_STATES * _lib.AVALIGN_ENCODER_DIM), np.float32)
        states.append(x.reshape(_lib.AVALIGN_ENCODER_STATES, n, -1).swapaxes(0, 1).copy())
        times.append(t_us / 1e6 + np.arange(n) / _lib.AVALIGN_ENCODER_FPS)
        return 0
    _lib.avalign_config_init(config, _ffi.sizeof("AvalignConfig"))
    only = _ffi.new("char[]", b"authenticity")
    config.analyzers, config.n_threads, config.on_encoder = only, threads, take
    rc = _lib.avalign_open(context, _models(models), config, info)
    if rc:
        raise Error(rc, info)
    try:
        rc = _lib.avalign_analyze_path(context[0], os.fsencode(path), result)
        if rc:
            raise Error(rc, _lib.avalign_last_error(context[0]))
        return dict(t_s=np.concatenate(times), states=np.concatenate(states))
    finally:
        _lib.avalign_result_free(result)
        _lib.avalign_close(context)
