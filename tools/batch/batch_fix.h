/* batch_fix.h -- batch --fix DIR: after the judging, a copy with the sound put right of each file whose answer is sure. */
#ifndef BATCH_FIX_H
#define BATCH_FIX_H

#include "batch/batch_db.h"
#include "common/options.h"

/* Could it be done with these options? Asked before the first file. 0, or an exit code with the reason printed. */
int batch_fix_check(const Options *o);
/* All files of the database that have no copy yet; what became of each goes into its table. 0, or -1 with the reason printed. Stopped by a signal
 * it leaves what it was at for the next run. */
int batch_fix(const Options *o, BatchDb *db, int jobs, double timeout);

#endif
