/* lists.c -- libFuzzer target: any bytes as eval's table, as a list of files, as a job from the queue. The first byte says which. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/files.h"
#include "eval/csv.h"
#include "queue/queue_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void table(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), why[128] = "";
    Csv c;
    if (!text)
        return;
    memcpy(text, data, size);
    text[size] = 0;
    if (csv_parse(text, &c, why)) {
        if (!*why)
            abort();
    } else {
        size_t sum = 0;
        for (size_t row = 0; row < c.rows; row++)
            for (size_t k = 0; k < c.columns; k++)
                sum += strlen(csv_at(&c, row, (int)k));
        if (sum > size || csv_column(&c, c.name[c.columns - 1]) < 0 || *csv_at(&c, 0, -1))
            abort();
    }
    csv_free(&c);
}

static int seen(void *cookie, const char *path)
{
    *(size_t *)cookie += strlen(path);
    if (!*path || strlen(path) >= FILES_MAX_PATH || strchr(path, '\n'))
        abort();
    return 0;
}

static void list(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[40];
    size_t sum = 0;
    if (fd < 0) {
        fd = memfd_create("list", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    files_each(path, seen, &sum);
    if (sum > size)
        abort();
}

static void job(const uint8_t *data, size_t size)
{
    QueueJob j;
    if (queue_job_read(&j, (const char *)data, size) == 0) {
        ProcessAnswer a = { 0 };
        if (strlen(j.id) != 64 || strspn(j.id, "0123456789abcdef") != 64 || !j.path)
            abort(); /* it names files */
        free(queue_result_write(&j, &a, 1));
        queue_job_free(&j);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void (*const what[])(const uint8_t *, size_t) = { table, list, job };
    if (size)
        what[*data % 3](data + 1, size - 1);
    return 0;
}
