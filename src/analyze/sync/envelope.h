/* envelope.h -- the envelope method: loudness against mouth opening. */
#ifndef AVA_SYNC_ENVELOPE_H
#define AVA_SYNC_ENVELOPE_H

#include "avalign/avalign.h"
#include "evidence/evidence.h"

enum { AVA_ENV_MAX_LAG = 100, AVA_ENV_LAGS = 2 * AVA_ENV_MAX_LAG + 1 }; /* steps of 10 ms */

/* Correlation per lag, before normalising; curves of several tracks add up. */
typedef struct AvaLagCurve {
    double xy[AVA_ENV_LAGS], xx[AVA_ENV_LAGS], yy[AVA_ENV_LAGS], w[AVA_ENV_LAGS];
    double voiced_s; /* speech seen and heard at lag 0 */
} AvaLagCurve;

/* Adds the evidence of one mouth. mouth: n values every mouth_us from mouth_t0_us
 * (NAN = not seen); energy: log energy every 10 ms, value 0 centred at
 * energy_t0_us; weight: 0-1 per energy value. 0 or AVALIGN_ERR_NOMEM. */
int ava_envelope_add(AvaLagCurve *c, const float *mouth, size_t n, double mouth_us, int64_t mouth_t0_us,
                     const float *energy, const float *weight, size_t m, int64_t energy_t0_us);
/* Peak, sub-step, with confidence. */
void ava_envelope_peak(const AvaLagCurve *c, AvalignOffset *out);
/* Speech probabilities (n per 1/fps s) spread to the energy's steps. */
void ava_voiced_weight(const float *voiced, size_t n, double step_us, double shift_us, float *weight, size_t m);

#endif
