/* url.c -- escapes the bytes of a name. */
#include "report/url.h"

#include <stdlib.h>
#include <string.h>

#include "util/format.h"

char *ava_file_url(const char *file)
{
    static const char hex[] = "0123456789ABCDEF";
    const char *path = file ? file : "pushed", *colon = strchr(path, ':'), *slash = strchr(path, '/');
    int address = strstr(path, "://") != NULL;
    /* what stands before a colon would be taken for a scheme */
    const char *head = address ? "" : *path == '/' ? "file://" : colon && (!slash || colon < slash) ? "./" : "";
    char *url = malloc(strlen(head) + 3 * strlen(path) + 1);
    if (!url)
        return NULL;
    char *o = url + strlen(strcpy(url, head));
    for (const char *p = path; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (ava_letter_or_digit(c) || strchr("/._-~", c) || (address && strchr(":?#[]@!$&'()*+,;=%", c))) {
            *o++ = *p;
        } else {
            *o++ = '%';
            *o++ = hex[c >> 4];
            *o++ = hex[c & 15];
        }
    }
    *o = 0;
    return url;
}
