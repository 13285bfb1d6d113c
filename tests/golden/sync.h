/* sync.h -- made by tests/golden/sync.py with NumPy and SciPy. */
static const double GOLD_ENVELOPE[6] = { 86.8331982, 0.915167729, 1.82459269, 0.0809036625, 4.66, 0.693529796 }; /* offset, correlation, prominence, lead, seconds used, confidence */
static const double GOLD_CORRELATION[5] = { 0.298575936, -0.123206631, -0.083183674, 0.166568361, -0.29034312 }; /* at lags -100, -50, 0, 50, 100 */
static const double GOLD_PEAK[6] = { 257.581656, 0.216467849, 2.90294678, -0.283532151, 1.84, 0.0866652532 }; /* offset, similarity, z, lead, seconds, p */
