/* case_file.h -- what the user says of the case (--case FILE.json), for the head of the evidence page. */
#ifndef AVALIGN_CASE_FILE_H
#define AVALIGN_CASE_FILE_H

#include <avalign/avalign.h>

#include "common/options.h"

typedef struct CaseFile CaseFile;

/* Reads it: an object of texts and numbers. NULL: it is of no use, and one line has said why. */
CaseFile *case_read(const char *path);
/* Its entries, the time, the command line and how to run it again, as notes of the result. 0 or -1, told. */
int case_note(const CaseFile *c, AvalignResult *r, const Options *o);
void case_free(CaseFile **c);

#endif
