"""avalign for Python: a thin layer over libavalign's C API (avalign.h says what everything means).

    import avalign
    result = avalign.analyze("clip.mp4")          # the JSON result as a dict
    result["sync_offset_ms"]                      # > 0: sound early, it leads the picture

The library is found by AVALIGN_LIBRARY, in the wheel or on the loader's path, the models by AVALIGN_MODELS or where the library was installed.
Sound is a float array, mono [n] or interleaved by columns [n, channels], in [-1, 1].
"""
import ctypes.util
import json
import os
import re

import cffi
import numpy as np

__all__ = ["Error", "Models", "analyze", "detect_offset", "lip_sync", "voice_embedding", "verify_speaker", "expression", "synthetic_voice", "audio_artifacts", "speech_encoder", "version"]


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
_here = os.path.dirname(os.path.abspath(__file__))  # the wheel carries library, nets and phone recogniser


def _carried(*names):
    path = os.path.join(_here, *names)
    return path if os.path.exists(path) else None


_lib = _ffi.dlopen(os.environ.get("AVALIGN_LIBRARY") or _carried("lib", "libavalign.so.1") or ctypes.util.find_library("avalign") or "libavalign.so.1")


class Error(Exception):
    """What went wrong: code (AvalignError), stage, message."""

    def __init__(self, code, info=None):
        self.code = code
        self.stage = _text(info.stage) if info and info.code else ""
        self.message = (_ffi.string(info.message).decode("utf-8", "replace") if info and info.code else "") or _text(_lib.avalign_strerror(code))
        super().__init__(("%s: %s" % (self.stage, self.message)) if self.stage else self.message)


def _text(p):
    return None if p == _ffi.NULL else _ffi.string(p).decode("utf-8", "replace")


def version():
    return _text(_lib.avalign_version())


class Models:
    """Loaded nets; share one between calls. directory: None is AVALIGN_MODELS, then the wheel's own, /usr/local/share and /usr/share. Compiled nets are
    kept where the tool keeps them ($XDG_CACHE_HOME/avalign, ~/.cache/avalign)."""

    def __init__(self, directory=None):
        choices = [directory or os.environ.get("AVALIGN_MODELS")] if directory or os.environ.get("AVALIGN_MODELS") else [
            os.path.join(_here, "models"), "/usr/local/share/avalign/models", "/usr/share/avalign/models"]
        found = next((d for d in choices if os.path.exists(os.path.join(os.fspath(d), "manifest.json"))), choices[0])
        handle, why = _ffi.new("AvalignModels **"), _ffi.new("AvalignErrorInfo *")
        config = _ffi.new("AvalignModelsConfig *")
        config.struct_size = _ffi.sizeof("AvalignModelsConfig")
        phones = _ffi.new("char[]", os.fsencode(os.environ.get("AVALIGN_POCKETSPHINX") or _carried("phones") or ""))
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


def analyze(path, models=None, only=None, policy=None, tracks=None, transcript=None, threads=0, html=None, transcribe=False):
    """The whole result as a dict. transcribe: also the English words that are heard. only: analyzers, as "lipsync,speaker"; policy: "seed", "calibrated" or a dict; tracks: a dict
    after docs/tracks.schema.json; html: where to write the evidence page."""
    keep = [_ffi.new("char[]", s.encode()) if s else _ffi.NULL for s in (only, json.dumps(policy) if isinstance(policy, dict) else policy, transcript)]
    config, context, result = _ffi.new("AvalignConfig *"), _ffi.new("AvalignContext **"), _ffi.new("AvalignResult **")
    _lib.avalign_config_init(config, _ffi.sizeof("AvalignConfig"))
    config.analyzers, config.policy, config.transcript = keep
    config.n_threads = threads
    config.transcribe = int(transcribe)
    info = _ffi.new("AvalignErrorInfo *")
    rc = _lib.avalign_open(context, _models(models), config, info)
    if rc:
        raise Error(rc, info)
    try:
        if tracks is not None:
            text = json.dumps(tracks).encode()
            rc = _lib.avalign_set_tracks(context[0], text, len(text))
        rc = rc or _lib.avalign_analyze_path(context[0], os.fsencode(path), result)
        if rc:
            raise Error(rc, _lib.avalign_last_error(context[0]))
        parts = []

        @_ffi.callback("int(void *, const char *, size_t)")
        def put(_, data, n):
            parts.append(_ffi.buffer(data, n)[:])
            return 0
        if html is not None:
            _lib.avalign_result_add_thumbnails(result[0], os.fsencode(path), _ffi.NULL)
            rc = _lib.avalign_result_write_page(result[0], _ffi.NULL, put, _ffi.NULL, info)
            with open(html, "wb") as f:
                f.write(b"".join(parts))
            parts.clear()
        rc = rc or _lib.avalign_result_write(result[0], _lib.AVALIGN_JSON, put, _ffi.NULL, info)
        if rc:
            raise Error(rc, info)
        return json.loads(b"".join(parts))
    finally:
        _lib.avalign_result_free(result)
        _lib.avalign_close(context)


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


def detect_offset(mouth, mouth_fps, samples, rate):
    """Loudness against mouth opening (the classic envelope method); both start at the same instant."""
    m, (pcm, x) = np.ascontiguousarray(mouth, np.float32), _pcm(samples, rate)
    out = _ffi.new("AvalignOffset *")
    _checked(_lib.avalign_detect_av_offset, _ffi.cast("const float *", m.ctypes.data), len(m), mouth_fps, pcm.samples, len(x), int(rate), _ffi.NULL, 0, 0, out)
    return dict(offset_ms=out.offset_ms, confidence=out.confidence, correlation=out.correlation, reason=_text(out.reason))


def lip_sync(t_us, samples, rate, landmarks=None, mouths=None, start_us=0, models=None):
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


def voice_embedding(samples, rate, models=None):
    """dict with v ([256], length 1; None with a reason), speech_s and quality."""
    pcm, keep = _pcm(samples, rate)
    out = _ffi.new("AvalignVoice *")
    _checked(_lib.avalign_extract_voice_embedding, _models(models), pcm, out)
    v = np.frombuffer(_ffi.buffer(out.v), np.float32).copy() if out.reason == _ffi.NULL else None
    return dict(v=v, speech_s=out.speech_s, quality=out.quality, reason=_text(out.reason))


def verify_speaker(faces, voices, models=None):
    """faces [n, 512] and voices [m, 256]: match (under .5: they do not fit) and natural log likelihood ratio."""
    f, v = np.ascontiguousarray(np.atleast_2d(faces), np.float32), np.ascontiguousarray(np.atleast_2d(voices), np.float32)
    if f.shape[1] != _lib.AVALIGN_FACE_DIM or v.shape[1] != _lib.AVALIGN_VOICE_DIM:
        raise ValueError("faces are [n, %d], voices [m, %d]" % (_lib.AVALIGN_FACE_DIM, _lib.AVALIGN_VOICE_DIM))
    out = _ffi.new("AvalignSpeakerMatch *")
    _checked(_lib.avalign_verify_speaker, _models(models), _ffi.cast("const float *", f.ctypes.data), len(f), _ffi.cast("const float *", v.ctypes.data), len(v), out)
    return dict(match=out.match, llr=out.llr)


def expression(path, crop=False, models=None):
    """What the face in a still picture expresses: probabilities by name (None with a reason), valence and arousal. crop: it is a face cut out already."""
    out = _ffi.new("AvalignExpression *")
    _checked(_lib.avalign_read_expression, _models(models), os.fsencode(path), int(crop), out)
    names = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
    return dict(probabilities=dict(zip(names, out.p)) if out.reason == _ffi.NULL else None, valence=out.valence, arousal=out.arousal, reason=_text(out.reason))


def synthetic_voice(samples, rate, models=None):
    """authenticity (under .5: signs of synthesis) and natural log likelihood ratio, or a reason."""
    pcm, keep = _pcm(samples, rate)
    out = _ffi.new("AvalignSyntheticVoice *")
    _checked(_lib.avalign_detect_synthetic_voice, _models(models), pcm, out)
    return dict(authenticity=out.authenticity, llr=out.llr, reason=_text(out.reason))


def audio_artifacts(samples, rate, models=None):
    """Traces of editing: a list of dicts with kind, start_s, end_s, score and evidence."""
    pcm, keep = _pcm(samples, rate)
    n, room = _ffi.new("size_t *"), 4096
    out = _ffi.new("AvalignArtifact[]", room)
    _checked(_lib.avalign_detect_audio_artifacts, _models(models), pcm, out, room, n)
    return [dict(kind=_ffi.string(a.kind).decode(), start_s=a.start_s, end_s=a.end_s, score=a.score, evidence=_ffi.string(a.evidence).decode()) for a in (out[i] for i in range(min(n[0], room)))]


def speech_encoder(path, models=None, threads=0):
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
