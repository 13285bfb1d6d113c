/* profile.h -- named tolerances for the offset between sound and picture. */
#ifndef AVA_SYNC_PROFILE_H
#define AVA_SYNC_PROFILE_H

typedef struct AvaProfile {
    const char *name, *source;
    double early_ms, late_ms; /* both positive: how far the sound may lead, and lag behind */
} AvaProfile;

const AvaProfile *ava_profile(const char *name); /* NULL: no such profile */
/* How far inside the tolerance an offset is (negative: outside), ms. */
double ava_profile_margin(const AvaProfile *p, double offset_ms);

#endif
