"""Makes tests/golden/features.h: what python_speech_features 0.6, librosa and kaldi-native-fbank say of a short test signal.

    pip install python_speech_features librosa kaldi-native-fbank; python tests/golden/make.py > tests/golden/features.h

The signal is computed by the same formula in tests/unit/test_features.c: a gliding tone, a second tone with
vibrato, and noise of a linear congruential generator.
"""
import kaldi_native_fbank
import librosa
import numpy as np
import python_speech_features as psf

N, SR = 24000, 16000


def signal():
    t = np.arange(N) / SR
    s, noise = 12345, np.empty(N)
    for i in range(N):
        s = (1103515245 * s + 12345) % 2147483648
        noise[i] = s / 1073741824 - 1
    x = .4 * np.sin(2 * np.pi * (200 * t + 400 * t * t)) + .2 * np.sin(2 * np.pi * 1500 * t + 3 * np.sin(2 * np.pi * 5 * t))
    return ((x * (t > .2) + .02 * noise) * 8000).astype(np.float32) / 8000


def dump(name, a):
    a = np.asarray(a, np.float32)
    print("enum { %s_ROWS = %d, %s_COLS = %d };" % (name, a.shape[0], name, a.shape[1]))
    print("static const float %s[%d] = {" % (name, a.size))
    flat = ["%.7gf" % v if "." in "%.7g" % v or "e" in "%.7g" % v else "%.7g.f" % v for v in a.ravel()]
    for i in range(0, len(flat), 10):
        print("    " + ", ".join(flat[i:i + 10]) + ",")
    print("};")


x = signal()
print("/* features.h -- made by tests/golden/make.py with librosa %s and python_speech_features 0.6. */" % librosa.__version__)
dump("GOLD_PSF", psf.mfcc(x * 32768, SR)[::10])
dump("GOLD_MEL", librosa.feature.melspectrogram(y=x, sr=SR, n_mels=128).T[::12])
dump("GOLD_MFCC13", librosa.feature.mfcc(y=x, sr=SR, n_mfcc=13).T[::4])
dump("GOLD_MFCC20", librosa.feature.mfcc(y=x, sr=SR, n_mfcc=20).T[::4])
dump("GOLD_CONTRAST", librosa.feature.spectral_contrast(y=x, sr=SR).T[::2])
# the front ends of the voice nets: without padding
for name, fft, window in (("GE2E", 400, "hann"), ("DVECTOR", 512, "hamming")):
    pad = (fft - 400) // 2                     # librosa centres a short window in its frame
    y = np.pad(x, pad)
    dump("GOLD_" + name, librosa.feature.melspectrogram(y=y, sr=SR, n_fft=fft, win_length=400, hop_length=160, n_mels=40, window=window, center=False).T[::16])
# of samples in 16 bits, in natural logarithms
options = kaldi_native_fbank.FbankOptions()
options.frame_opts.dither = 0
options.mel_opts.num_bins = 80
fbank = kaldi_native_fbank.OnlineFbank(options)
fbank.accept_waveform(SR, (x * 32768).tolist())
fbank.input_finished()
dump("GOLD_KALDI", np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])[::16])
