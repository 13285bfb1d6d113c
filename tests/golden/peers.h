/* peers.h -- made by peers.py; SyncNet's and Wav2Lip's arithmetic on random weights. */
/* 13.63 M parameters */
static const float golden_lip[] = { -3.02110624f, -2.20412159f, 5.29621363f, 1.13319385f, 7.2269206f, 3.30103946f, -5.0481391f, -0.186581239f, -1.96031177f, 5.23545933f, -6.17354631f, 0.241025209f, 10.9118042f, 3.39844131f, 21.6498833f, -3.98885465f };
static const float golden_aud[] = { 1.30980659f, -1.17067647f, -5.07322884f, 6.31492758f, 4.63393545f, 1.42050803f, 2.64673805f, -1.50506675f, 1.64665723f, 8.44690132f, 9.05034733f, 4.6965723f, 9.56694889f, -1.30450749f, -5.20855236f, -8.72389793f };
enum { GOLDEN_T = 40, GOLDEN_OFFSET = 15, GOLDEN_WINDOWS = 35 };
static const double golden_distance = 232.11731, golden_confidence = 26.3993835;
static const float golden_expert[] = { 0.0186691079f, 0.0f, 0.0f, 0.0f, 0.0611484498f, 0.0f, 0.0f, 0.0397690386f, 0.0495195687f, 0.0f, 0.0619092621f, 0.00234384672f, 0.0f, 0.0591241568f, 0.00747356471f, 0.00840901304f };
enum { GOLDEN_EXPERT_OFFSET = 9 };
static const double golden_cosine = 0.353261988, golden_best_cosine = 0.354223053;
