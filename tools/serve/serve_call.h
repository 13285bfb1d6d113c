/* serve_call.h -- one HTTP request and the replies to it; what serve_http.c (who may ask, which address means what) and serve_reply.c (what is
 * sent) share. No one else knows the HTTP library. */
#ifndef SERVE_CALL_H
#define SERVE_CALL_H

#include <microhttpd.h>

#include "serve/serve.h"

enum { SERVE_URL = 256 };

typedef enum MHD_Result Result;
typedef struct MHD_Connection Connection;

/* One request, from its head to its last byte. */
typedef struct Call {
    Serve *s;
    Connection *c;
    char method[8], url[SERVE_URL];
    Upload *upload;
    char *body; /* of another request */
    size_t n;
    int failed; /* the upload went wrong: what comes of it is thrown away, and this is the answer */
    char why[SERVE_WHY];
} Call;

const char *call_argument(Call *k, const char *name);
const char *call_header(Call *k, const char *name);

Result reply_json(Call *k, unsigned code, json_t *doc); /* takes doc; NULL: out of memory */
Result reply_refusal(Call *k, unsigned code, const char *why);
Result reply_not_found(Call *k);
/* A file of our own page, from the memory it lies in. */
Result reply_web(Call *k, const char *type, const unsigned char *bytes, size_t n);
Result reply_events(Call *k);
/* "result", "page", "marks", "media", or "": its row. */
Result reply_file(Call *k, int64_t id, const char *what);

#endif
