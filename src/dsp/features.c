/* features.c -- speech features exactly as the field's tools compute them, so that
 * nets trained elsewhere and goldens made elsewhere agree with ours. Sources:
 * python_speech_features 0.6 (Lyons), librosa 0.10+ (McFee et al.). */
#include "dsp/features.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "avalign/avalign.h"
#include "dsp/fft.h"
#include "util/sort.h"

static const double PI = 3.14159265358979323846;

static double hz_to_mel_htk(double f) { return 2595 * log10(1 + f / 700); }
static double mel_to_hz_htk(double m) { return 700 * (pow(10, m / 2595) - 1); }

/* Slaney's Auditory Toolbox scale: linear below 1 kHz, logarithmic above. */
static double hz_to_mel_slaney(double f) { return f < 1000 ? f * 3 / 200 : 15 + log(f / 1000) * 27 / log(6.4); }
static double mel_to_hz_slaney(double m) { return m < 15 ? m * 200 / 3 : 1000 * exp((m - 15) * log(6.4) / 27); }

/* ---- our own log-mel --------------------------------------------------------- */

struct AvaLogMel {
    AvaFft *fft;
    float window[AVA_LOGMEL_WIN], in[AVA_LOGMEL_FFT], power[AVA_LOGMEL_FFT / 2 + 1];
    float weight[AVA_LOGMEL_BANDS][AVA_LOGMEL_FFT / 2 + 1];
    int first[AVA_LOGMEL_BANDS], last[AVA_LOGMEL_BANDS];
};

AvaLogMel *ava_logmel_new(void)
{
    AvaLogMel *m = calloc(1, sizeof *m);
    if (!m || !(m->fft = ava_fft_new(AVA_LOGMEL_FFT))) {
        free(m);
        return NULL;
    }
    for (int i = 0; i < AVA_LOGMEL_WIN; i++)
        m->window[i] = (float)(0.5 - 0.5 * cos(2 * PI * i / AVA_LOGMEL_WIN));
    double lo = hz_to_mel_htk(60), hi = hz_to_mel_htk(7600);
    for (int b = 0; b < AVA_LOGMEL_BANDS; b++) {
        double f[3];
        for (int k = 0; k < 3; k++)
            f[k] = mel_to_hz_htk(lo + (hi - lo) * (b + k) / (AVA_LOGMEL_BANDS + 1));
        m->first[b] = AVA_LOGMEL_FFT;
        for (int i = 0; i <= AVA_LOGMEL_FFT / 2; i++) {
            double hz = i * 16000.0 / AVA_LOGMEL_FFT;
            double w = fmin((hz - f[0]) / (f[1] - f[0]), (f[2] - hz) / (f[2] - f[1]));
            if (w <= 0)
                continue;
            m->weight[b][i] = (float)w;
            m->first[b] = i < m->first[b] ? i : m->first[b];
            m->last[b] = i;
        }
    }
    return m;
}

void ava_logmel_free(AvaLogMel *m)
{
    if (!m)
        return;
    ava_fft_free(m->fft);
    free(m);
}

void ava_logmel_frame(AvaLogMel *m, const float *pcm, float *out)
{
    for (int i = 0; i < AVA_LOGMEL_WIN; i++)
        m->in[i] = pcm[i] * m->window[i];
    ava_fft_power(m->fft, m->in, m->power);
    for (int b = 0; b < AVA_LOGMEL_BANDS; b++) {
        float sum = 0;
        for (int i = m->first[b]; i <= m->last[b]; i++)
            sum += m->weight[b][i] * m->power[i];
        out[b] = logf(sum + 1e-6f);
    }
}

int64_t avalign_log_mel(const float *pcm, size_t n, float *out, size_t room)
{
    if (!pcm && n)
        return AVALIGN_ERR_ARG;
    size_t frames = n < AVA_LOGMEL_WIN ? 0 : (n - AVA_LOGMEL_WIN) / AVA_LOGMEL_HOP + 1;
    if (!out)
        return (int64_t)frames;
    if (room / AVA_LOGMEL_BANDS < frames)
        return AVALIGN_ERR_ARG;
    AvaLogMel *m = ava_logmel_new();
    if (!m)
        return AVALIGN_ERR_NOMEM;
    for (size_t i = 0; i < frames; i++)
        ava_logmel_frame(m, pcm + i * AVA_LOGMEL_HOP, out + i * AVA_LOGMEL_BANDS);
    ava_logmel_free(m);
    return (int64_t)frames;
}

/* ---- python_speech_features ------------------------------------------------- */

enum { PSF_CEPS = 13, PSF_BANDS = 26 };

static double round_half_up(double x) { return floor(x + 0.5); }

int64_t avalign_mfcc_psf(const float *pcm, size_t n, int sample_rate, float *out, size_t room)
{
    if ((!pcm && n) || sample_rate < 1000 || sample_rate > 192000)
        return AVALIGN_ERR_ARG;
    size_t win = (size_t)round_half_up(0.025 * sample_rate), hop = (size_t)round_half_up(0.01 * sample_rate);
    size_t frames = n <= win ? 1 : 1 + (n - win + hop - 1) / hop, nfft = 1;
    if (!out)
        return (int64_t)frames;
    if (room / PSF_CEPS < frames)
        return AVALIGN_ERR_ARG;
    while (nfft < win)
        nfft *= 2;
    size_t bins = nfft / 2 + 1;
    AvaFft *fft = ava_fft_new(nfft);
    float *x = calloc(nfft, sizeof *x), *power = malloc(bins * sizeof *power);
    if (!fft || !x || !power) {
        ava_fft_free(fft);
        free(x);
        free(power);
        return AVALIGN_ERR_NOMEM;
    }
    int edge[PSF_BANDS + 2];
    double top = hz_to_mel_htk(sample_rate / 2.0);
    for (int i = 0; i < PSF_BANDS + 2; i++)
        edge[i] = (int)floor((double)(nfft + 1) * mel_to_hz_htk(top * i / (PSF_BANDS + 1)) / sample_rate);
    for (size_t f = 0; f < frames; f++, out += PSF_CEPS) {
        for (size_t i = 0; i < win; i++) {
            size_t at = f * hop + i;
            x[i] = at >= n ? 0 : at == 0 ? pcm[0] : pcm[at] - 0.97f * pcm[at - 1];
        }
        ava_fft_power(fft, x, power);
        double energy = 0, band[PSF_BANDS];
        for (size_t i = 0; i < bins; i++) {
            power[i] /= (float)nfft;
            energy += power[i];
        }
        for (int b = 0; b < PSF_BANDS; b++) {
            double sum = 0;
            for (int i = edge[b]; i < edge[b + 1]; i++)
                sum += (double)power[i] * (i - edge[b]) / (edge[b + 1] - edge[b]);
            for (int i = edge[b + 1]; i < edge[b + 2]; i++)
                sum += (double)power[i] * (edge[b + 2] - i) / (edge[b + 2] - edge[b + 1]);
            band[b] = log(sum == 0 ? 2.220446049250313e-16 : sum);
        }
        for (int c = 0; c < PSF_CEPS; c++) {
            double sum = 0;
            for (int b = 0; b < PSF_BANDS; b++)
                sum += band[b] * cos(PI * c * (b + 0.5) / PSF_BANDS);
            sum *= c ? sqrt(2.0 / PSF_BANDS) : sqrt(1.0 / PSF_BANDS);
            out[c] = (float)(sum * (1 + 11 * sin(PI * c / 22)));
        }
        out[0] = (float)log(energy == 0 ? 2.220446049250313e-16 : energy);
    }
    ava_fft_free(fft);
    free(x);
    free(power);
    return (int64_t)frames;
}

/* ---- librosa --------------------------------------------------------------- */

enum { LR_FFT = 2048, LR_HOP = 512, LR_BINS = LR_FFT / 2 + 1 };

/* Calls row(power) for each centred frame. */
typedef struct Stft {
    AvaFft *fft;
    float window[LR_FFT], x[LR_FFT], power[LR_BINS];
} Stft;

static Stft *stft_new(void)
{
    Stft *s = calloc(1, sizeof *s);
    if (!s || !(s->fft = ava_fft_new(LR_FFT))) {
        free(s);
        return NULL;
    }
    for (int i = 0; i < LR_FFT; i++)
        s->window[i] = (float)(0.5 - 0.5 * cos(2 * PI * i / LR_FFT));
    return s;
}

static void stft_free(Stft *s)
{
    if (!s)
        return;
    ava_fft_free(s->fft);
    free(s);
}

static void stft_frame(Stft *s, const float *pcm, size_t n, size_t frame)
{
    int64_t start = (int64_t)(frame * LR_HOP) - LR_FFT / 2;
    for (int i = 0; i < LR_FFT; i++) {
        int64_t at = start + i;
        s->x[i] = at >= 0 && at < (int64_t)n ? pcm[at] * s->window[i] : 0;
    }
    ava_fft_power(s->fft, s->x, s->power);
}

/* One Slaney band with edges in Hz over a spectrum with bins `step` Hz apart. */
static double slaney_band(const double edge[3], const float *power, int bins, double step)
{
    double sum = 0, norm = 2 / (edge[2] - edge[0]);
    int to = (int)fmin(bins - 1, ceil(edge[2] / step));
    for (int i = (int)(edge[0] / step); i <= to; i++) {
        double hz = i * step, w = fmin((hz - edge[0]) / (edge[1] - edge[0]), (edge[2] - hz) / (edge[2] - edge[1]));
        if (w > 0)
            sum += w * norm * power[i];
    }
    return sum;
}

int64_t avalign_mel_librosa(const float *pcm, size_t n, int sample_rate, int n_mels, float *out, size_t room)
{
    if ((!pcm && n) || sample_rate < 1000 || n_mels < 1 || n_mels > 512)
        return AVALIGN_ERR_ARG;
    size_t frames = n / LR_HOP + 1;
    if (!out)
        return (int64_t)frames;
    if (room / (size_t)n_mels < frames)
        return AVALIGN_ERR_ARG;
    Stft *s = stft_new();
    double *edge = malloc(((size_t)n_mels + 2) * sizeof *edge);
    if (!s || !edge) {
        stft_free(s);
        free(edge);
        return AVALIGN_ERR_NOMEM;
    }
    double top = hz_to_mel_slaney(sample_rate / 2.0);
    for (int i = 0; i < n_mels + 2; i++)
        edge[i] = mel_to_hz_slaney(top * i / (n_mels + 1));
    double step = (double)sample_rate / LR_FFT;
    for (size_t f = 0; f < frames; f++) {
        stft_frame(s, pcm, n, f);
        for (int b = 0; b < n_mels; b++)
            *out++ = (float)slaney_band(edge + b, s->power, LR_BINS, step);
    }
    stft_free(s);
    free(edge);
    return (int64_t)frames;
}

enum { VOICE_WIN = 400, VOICE_FFT_MOST = 512 };

struct AvaVoiceMel {
    AvaVoiceMelKind kind;
    AvaFft *fft;
    int bands, n_fft;
    double edge[AVA_VOICE_MEL_MAX + 2];
    float window[VOICE_WIN], x[VOICE_FFT_MOST], power[VOICE_FFT_MOST / 2 + 1]; /* x ends in zeros */
};

AvaVoiceMel *ava_voice_mel_new(AvaVoiceMelKind kind)
{
    AvaVoiceMel *m = calloc(1, sizeof *m);
    int slaney = kind != AVA_MEL_SPEECHBRAIN && kind != AVA_MEL_KALDI;
    int n_fft = kind == AVA_MEL_DVECTOR || kind == AVA_MEL_KALDI ? VOICE_FFT_MOST : VOICE_WIN;
    if (!m || !(m->fft = ava_fft_new((size_t)n_fft))) {
        free(m);
        return NULL;
    }
    double mid = kind == AVA_MEL_GE2E || kind == AVA_MEL_WHISPER ? 0.5 : 0.54; /* Hann, Hamming */
    m->kind = kind;
    m->n_fft = n_fft;
    m->bands = slaney && kind != AVA_MEL_WHISPER ? 40 : 80;
    double low = kind == AVA_MEL_KALDI ? hz_to_mel_htk(20) : 0;
    for (int i = 0; i < m->bands + 2; i++)
        m->edge[i] = slaney ? mel_to_hz_slaney(hz_to_mel_slaney(8000) * i / (m->bands + 1))
                            : mel_to_hz_htk(low + (hz_to_mel_htk(8000) - low) * i / (m->bands + 1));
    for (int i = 0; i < VOICE_WIN; i++)
        m->window[i] = kind == AVA_MEL_KALDI ? (float)pow(0.5 - 0.5 * cos(2 * PI * i / (VOICE_WIN - 1)), 0.85) : (float)(mid - (1 - mid) * cos(2 * PI * i / VOICE_WIN));
    return m;
}

void ava_voice_mel_free(AvaVoiceMel *m)
{
    if (m)
        ava_fft_free(m->fft);
    free(m);
}

int ava_voice_mel_bands(const AvaVoiceMel *m) { return m->bands; }

/* SpeechBrain's triangle: both sides as steep as the lower one. */
static double even_triangle(const double edge[3], const float *power, int bins, double step)
{
    double sum = 0, width = edge[1] - edge[0];
    for (int i = (int)(edge[0] / step); i < bins; i++) {
        double slope = (i * step - edge[1]) / width, w = fmin(slope + 1, 1 - slope);
        if (w > 0)
            sum += w * power[i];
        else if (slope > 1)
            break;
    }
    return sum;
}

/* Kaldi's triangle: its sides are straight on the mel scale. */
static double mel_triangle(const double edge[3], const float *power, int bins, double step)
{
    double sum = 0, low = hz_to_mel_htk(edge[0]), mid = hz_to_mel_htk(edge[1]), high = hz_to_mel_htk(edge[2]);
    for (int i = (int)(edge[0] / step) + 1; i < bins && i * step < edge[2]; i++) {
        double mel = hz_to_mel_htk(i * step);
        sum += power[i] * (mel <= mid ? (mel - low) / (mid - low) : (high - mel) / (high - mid));
    }
    return sum;
}

static double voice_band(const AvaVoiceMel *m, int b)
{
    double step = 16000. / m->n_fft;
    int bins = m->n_fft / 2 + 1;
    return m->kind == AVA_MEL_SPEECHBRAIN ? even_triangle(m->edge + b, m->power, bins, step)
         : m->kind == AVA_MEL_KALDI       ? mel_triangle(m->edge + b, m->power, bins, step)
                                          : slaney_band(m->edge + b, m->power, bins, step);
}

/* The window less its mean, high tones raised. */
static void emphasised(const float *window, float *x)
{
    double mean = 0;
    for (int i = 0; i < VOICE_WIN; i++)
        mean += (double)window[i] / VOICE_WIN;
    for (int i = VOICE_WIN - 1; i >= 0; i--)
        x[i] = (float)(window[i] - mean - 0.97 * (window[i ? i - 1 : 0] - mean));
}

void ava_voice_mel_frame(AvaVoiceMel *m, const float *window, float *out)
{
    if (m->kind == AVA_MEL_KALDI)
        emphasised(window, m->x);
    else
        memcpy(m->x, window, VOICE_WIN * sizeof *m->x);
    for (int i = 0; i < VOICE_WIN; i++)
        m->x[i] *= m->window[i];
    ava_fft_power(m->fft, m->x, m->power);
    for (int b = 0; b < m->bands; b++)
        out[b] = (float)voice_band(m, b);
}

int64_t ava_mel_wav2lip(const float *pcm, size_t n, float *out, size_t room)
{
    enum { FFT = 800, HOP = 200, BINS = FFT / 2 + 1 };
    size_t frames = n / HOP + 1;
    if (!out)
        return (int64_t)frames;
    if (room / AVA_W2L_MELS < frames || n <= FFT / 2)
        return AVALIGN_ERR_ARG;
    AvaFft *fft = ava_fft_new(FFT);
    if (!fft)
        return AVALIGN_ERR_NOMEM;
    double edge[AVA_W2L_MELS + 2], lo = hz_to_mel_slaney(55), hi = hz_to_mel_slaney(7600);
    for (int i = 0; i < AVA_W2L_MELS + 2; i++)
        edge[i] = mel_to_hz_slaney(lo + (hi - lo) * i / (AVA_W2L_MELS + 1));
    for (size_t f = 0; f < frames; f++) {
        float x[FFT], power[BINS];
        for (int i = 0; i < FFT; i++) { /* centred, mirrored at both ends */
            int64_t at = (int64_t)(f * HOP) + i - FFT / 2;
            at = at < 0 ? -at : at >= (int64_t)n ? 2 * ((int64_t)n - 1) - at : at;
            float v = at ? pcm[at] - 0.97f * pcm[at - 1] : pcm[0];
            x[i] = v * (float)(0.5 - 0.5 * cos(2 * PI * i / FFT));
        }
        ava_fft_power(fft, x, power);
        for (int i = 0; i < BINS; i++)
            power[i] = sqrtf(power[i]); /* magnitude */
        for (int b = 0; b < AVA_W2L_MELS; b++) {
            double db = 20 * log10(fmax(1e-5, slaney_band(edge + b, power, BINS, 16000. / FFT))) - 20;
            *out++ = (float)fmax(-4, fmin(8 * (db + 100) / 100 - 4, 4));
        }
    }
    ava_fft_free(fft);
    return (int64_t)frames;
}

/* librosa.power_to_db(ref=1, amin=1e-10, top_db=80), in place. */
static void power_to_db(float *v, size_t n)
{
    float top = -1e9f;
    for (size_t i = 0; i < n; i++) {
        v[i] = (float)(10 * log10(fmax(v[i], 1e-10)));
        top = fmaxf(top, v[i]);
    }
    for (size_t i = 0; i < n; i++)
        v[i] = fmaxf(v[i], top - 80);
}

int64_t avalign_mfcc_librosa(const float *pcm, size_t n, int sample_rate, int n_mfcc, float *out, size_t room)
{
    enum { MELS = 128 };
    int64_t frames = avalign_mel_librosa(pcm, n, sample_rate, MELS, NULL, 0);
    if (frames < 0 || n_mfcc < 1 || n_mfcc > MELS)
        return AVALIGN_ERR_ARG;
    if (!out)
        return frames;
    if (room / (size_t)n_mfcc < (size_t)frames)
        return AVALIGN_ERR_ARG;
    size_t cells = (size_t)frames * MELS;
    float *mel = malloc(cells * sizeof *mel);
    if (!mel)
        return AVALIGN_ERR_NOMEM;
    int64_t rc = avalign_mel_librosa(pcm, n, sample_rate, MELS, mel, cells);
    if (rc >= 0)
        power_to_db(mel, cells);
    for (int64_t f = 0; rc >= 0 && f < frames; f++)
        for (int c = 0; c < n_mfcc; c++) {
            double sum = 0;
            for (int b = 0; b < MELS; b++)
                sum += mel[f * MELS + b] * cos(PI * c * (b + 0.5) / MELS);
            *out++ = (float)(sum * (c ? sqrt(2.0 / MELS) : sqrt(1.0 / MELS)));
        }
    free(mel);
    return rc;
}

int64_t avalign_spectral_contrast(const float *pcm, size_t n, int sample_rate, float *out, size_t room)
{
    enum { BANDS = 6, ROW = BANDS + 1 };
    if ((!pcm && n) || sample_rate <= 2 * 6400) /* the last band must start below half the rate */
        return AVALIGN_ERR_ARG;
    size_t frames = n / LR_HOP + 1, cells = frames * ROW;
    if (!out)
        return (int64_t)frames;
    if (room < cells)
        return AVALIGN_ERR_ARG;
    Stft *s = stft_new();
    float *valley = malloc(cells * sizeof *valley);
    if (!s || !valley) {
        stft_free(s);
        free(valley);
        return AVALIGN_ERR_NOMEM;
    }
    double step = (double)sample_rate / LR_FFT;
    int from[ROW], to[ROW]; /* bins, inclusive */
    for (int b = 0; b < ROW; b++) {
        double lo = b ? 200 * pow(2, b - 1) : 0, hi = 200 * pow(2, b);
        from[b] = (int)ceil(lo / step) - (b ? 1 : 0);
        to[b] = b == BANDS ? LR_BINS - 1 : (int)fmin(LR_BINS - 1, floor(hi / step));
    }
    float band[LR_BINS];
    for (size_t f = 0; f < frames; f++) {
        stft_frame(s, pcm, n, f);
        for (int b = 0; b < ROW; b++) {
            int whole = to[b] - from[b] + 1, count = b < BANDS ? whole - 1 : whole;
            int q = (int)fmax(1, rint(0.02 * whole));
            for (int i = 0; i < count; i++)
                band[i] = sqrtf(s->power[from[b] + i]);
            ava_sort_float(band, (size_t)count);
            double low = 0, high = 0;
            for (int i = 0; i < q; i++) {
                low += band[i];
                high += band[count - 1 - i];
            }
            valley[f * ROW + (size_t)b] = (float)(low / q);
            out[f * ROW + (size_t)b] = (float)(high / q);
        }
    }
    power_to_db(out, cells);
    power_to_db(valley, cells);
    for (size_t i = 0; i < cells; i++)
        out[i] -= valley[i];
    stft_free(s);
    free(valley);
    return (int64_t)frames;
}
