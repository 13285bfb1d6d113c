/* batch_tables.h -- what a batch leaves beside its database, all of it written from there: results.jsonl, summary.csv, json/. */
#ifndef BATCH_TABLES_H
#define BATCH_TABLES_H

#include "batch/batch_db.h"

enum { BATCH_PATH = 4800 };

/* OUT/FOLDER/ID-NAME.EXT */
char *batch_path(char room[BATCH_PATH], const char *out, const char *folder, int64_t id, const char *path, const char *ext);
/* Makes OUT, json/ and, when asked, pages/; prints what is wrong. */
int batch_folders(const char *out, int pages);
/* Writes the tables, and JSON files that are missing. Prints what is wrong. */
int batch_tables(const char *out, BatchDb *db);

#endif
