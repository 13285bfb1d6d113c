/* c2pa_store.c -- what the manifests of a C2PA store claim: a walk over its JUMBF boxes, and over the CBOR in some of them.
 *
 * The store lies four levels deep (store, manifest, assertion store, assertion; C2PA 2.2 section 11.1, ISO 19566-5), and no deeper is
 * gone: nothing calls itself. Each box is cut to the one around it, so sizes that lie reach nothing else. libcbor reads the single
 * items of CBOR; its tree of them is left aside, for that asks for the memory that a head claims. */
#include <cbor.h>
#include <libavutil/intreadwrite.h>
#include <stdio.h>
#include <string.h>

#include "media/c2pa.h"
#include "util/err.h"

enum { MOST_MANIFESTS = 256, DEPTH = 24, KEY = 24 };

typedef struct Bytes {
    const uint8_t *p;
    size_t n;
} Bytes;

/* ---- boxes ---- */

typedef struct Box {
    char type[5];
    Bytes body;
} Box;

/* The next box of rest; 0: there is none. *cut: it was longer than what is around it. */
static int box_next(Bytes *rest, Box *box, int *cut)
{
    size_t head = 8;
    if (!rest->n)
        return 0;
    uint64_t size = rest->n < head ? 0 : AV_RB32(rest->p);
    if (size == 1 && rest->n >= 16) {
        size = AV_RB64(rest->p + 8);
        head = 16;
    } else if (size == 0) {
        size = rest->n;
    }
    if (rest->n < head || size < head) {
        *cut = 1;
        return 0;
    }
    if (size > rest->n) {
        *cut = 1;
        size = rest->n;
    }
    memcpy(box->type, rest->p + 4, 4);
    box->type[4] = 0;
    box->body = (Bytes){ rest->p + head, (size_t)size - head };
    *rest = (Bytes){ rest->p + size, rest->n - (size_t)size };
    return 1;
}

/* One line of what a file says. */
static void c2pa_store_say(char *out, size_t room, Bytes text)
{
    char line[256];
    size_t n = text.n < sizeof line - 1 ? text.n : sizeof line - 1;
    for (size_t i = 0; i < n; i++)
        line[i] = (char)(text.p[i] ? text.p[i] : ' ');
    line[n] = 0;
    ava_clean_line(out, room, line);
}

/* The next superbox of rest with its label and the first four bytes of its type; `inside` is what follows its description. */
static int super_next(Bytes *rest, char type[5], char label[96], Bytes *inside, int *cut)
{
    Box box, d;
    while (box_next(rest, &box, cut)) {
        *inside = box.body;
        if (strcmp(box.type, "jumb"))
            continue; /* padding */
        if (!box_next(inside, &d, cut) || strcmp(d.type, "jumd") || d.body.n < 17) {
            *cut = 1;
            continue;
        }
        const uint8_t *text = d.body.p + 17, *end = d.body.p[16] & 2 ? memchr(text, 0, d.body.n - 17) : NULL;
        memcpy(type, d.body.p, 4);
        type[4] = 0;
        c2pa_store_say(label, 96, (Bytes){ text, end ? (size_t)(end - text) : 0 });
        return 1;
    }
    return 0;
}

/* Is it this label, of whatever version (.v2) and number (__1)? */
static int labelled(const char *label, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(label, name, n) && (!label[n] || !strncmp(label + n, ".v", 2) || !strncmp(label + n, "__", 2));
}

/* ---- CBOR ---- */

typedef enum Kind { PLAIN, TEXT, MAP, ARRAY, OPEN_MAP, OPEN_ARRAY, OPEN_STRING, TAG, BREAK } Kind;

typedef struct Item {
    Kind kind;
    Bytes text;
    uint64_t n; /* entries */
} Item;

static void on_text(void *i, cbor_data p, size_t n) { *(Item *)i = (Item){ TEXT, { p, n }, 0 }; }
static void on_map(void *i, size_t n) { *(Item *)i = (Item){ MAP, { 0 }, n }; }
static void on_array(void *i, size_t n) { *(Item *)i = (Item){ ARRAY, { 0 }, n }; }
static void on_open_map(void *i) { ((Item *)i)->kind = OPEN_MAP; }
static void on_open_array(void *i) { ((Item *)i)->kind = OPEN_ARRAY; }
static void on_open_string(void *i) { ((Item *)i)->kind = OPEN_STRING; }
static void on_break(void *i) { ((Item *)i)->kind = BREAK; }
static void on_tag(void *i, uint64_t tag) { (void)tag, ((Item *)i)->kind = TAG; }

/* 0: no whole item stands there. */
static int item_next(Bytes *rest, Item *item)
{
    struct cbor_callbacks c = cbor_empty_callbacks;
    c.string = on_text;
    c.map_start = on_map;
    c.array_start = on_array;
    c.indef_map_start = on_open_map;
    c.indef_array_start = on_open_array;
    c.string_start = c.byte_string_start = on_open_string;
    c.indef_break = on_break;
    c.tag = on_tag;
    *item = (Item){ 0 };
    struct cbor_decoder_result r = cbor_stream_decode(rest->p, rest->n, &c, item);
    if (r.status != CBOR_DECODER_FINISHED || !r.read || r.read > rest->n)
        return 0;
    *rest = (Bytes){ rest->p + r.read, rest->n - r.read };
    return 1;
}

/* A map or a list that is being read; key: the name under which its present value stands, "[]" in a list. */
typedef struct Level {
    int map, open, string, at_value;
    uint64_t left, done; /* entries */
    char key[KEY];
} Level;

typedef struct Path {
    Level at[DEPTH];
    int n;
} Path;

static int is_path(const Path *p, int n, const char *a, const char *b, const char *c)
{
    const char *names[] = { a, b, c };
    for (int i = 0; i < n && p->n == n; i++)
        if (strcmp(p->at[i].key, names[i]))
            return 0;
    return p->n == n;
}

static int pushed(Path *p, Item item)
{
    if (p->n == DEPTH)
        return 0;
    int list = item.kind == ARRAY || item.kind == OPEN_ARRAY;
    p->at[p->n++] = (Level){ .map = item.kind == MAP || item.kind == OPEN_MAP, .open = item.kind >= OPEN_MAP, .string = item.kind == OPEN_STRING,
                             .left = item.n, .key = { list ? '[' : 0, list ? ']' : 0 } };
    return 1;
}

/* An item is through, and with it all that it was the last of. */
static void passed(Path *p)
{
    while (p->n) {
        Level *l = &p->at[p->n - 1];
        if (l->map)
            l->at_value = !l->at_value;
        if (!l->at_value) {
            l->done++;
            l->left -= l->left > 0;
        }
        if (l->open || l->left || l->at_value)
            return;
        p->n--;
    }
}

static void name_key(Level *l, const Item *item)
{
    memset(l->key, 0, sizeof l->key);
    if (item->kind == TEXT && item->text.n < KEY)
        memcpy(l->key, item->text.p, item->text.n);
}

/* Hands every text that stands as a value to `use`. 0: damaged, or deeper than is followed. */
static int walk_cbor(Bytes rest, void (*use)(void *cookie, const Path *p, Bytes text), void *cookie)
{
    Path p = { 0 };
    Item item;
    do {
        if (!item_next(&rest, &item))
            return 0;
        Level *l = p.n ? &p.at[p.n - 1] : NULL;
        if (item.kind == TAG || (l && l->string && item.kind != BREAK))
            continue;
        if (item.kind == BREAK) {
            if (!l || !l->open || l->at_value)
                return 0;
            p.n--;
            passed(&p);
            continue;
        }
        int holds = item.kind == MAP || item.kind == ARRAY ? item.n > 0 : item.kind >= OPEN_MAP;
        if (l && l->map && !l->at_value) {
            name_key(l, &item);
        } else if (item.kind == TEXT) {
            use(cookie, &p, item.text);
        }
        if (!holds)
            passed(&p);
        else if (!pushed(&p, item))
            return 0;
    } while (p.n || item.kind == TAG);
    return 1;
}

/* ---- claims ---- */

typedef struct Claim {
    AvaC2paManifest *m;
    char agent[112], name[80], version[40]; /* claim_generator; of claim_generator_info */
} Claim;

static void take_claim(void *cookie, const Path *p, Bytes text)
{
    static const char info[] = "claim_generator_info";
    Claim *c = cookie;
    if (is_path(p, 1, "dc:title", NULL, NULL))
        c2pa_store_say(c->m->title, sizeof c->m->title, text);
    else if (is_path(p, 1, "claim_generator", NULL, NULL))
        c2pa_store_say(c->agent, sizeof c->agent, text);
    else if (!*c->name && (is_path(p, 2, info, "name", NULL) || is_path(p, 3, info, "[]", "name")))
        c2pa_store_say(c->name, sizeof c->name, text); /* the first of a list is the program itself */
    else if (!*c->version && (is_path(p, 2, info, "version", NULL) || is_path(p, 3, info, "[]", "version")))
        c2pa_store_say(c->version, sizeof c->version, text);
}

/* Adds what a file says to list[most][room], if it is not there and there is room. */
static void add_once(char *list, size_t room, int *n, int most, Bytes text)
{
    char line[64];
    c2pa_store_say(line, room, text);
    for (int i = 0; i < *n; i++)
        if (!strcmp(list + (size_t)i * room, line))
            return;
    if (*n < most)
        memcpy(list + (size_t)(*n)++ * room, line, room);
}

static int is_text(Bytes text, const char *s) { return text.n == strlen(s) && !memcmp(text.p, s, text.n); }

/* The actions of a manifest while they are read: of the present one, in whatever order its members stand, what it declares and whether
 * it is the one that made the file. */
typedef struct Actions {
    AvaC2paManifest *m;
    AvaDeclared declared;
    int created;
    uint64_t list, number;
} Actions;

/* The next action begins, or there is none. What merely edits or adds tells of its own part: a recording whose noise a net took away is
 * a recording. */
static void action_ends(Actions *a, uint64_t list, uint64_t number)
{
    AvaDeclared means = a->declared && !a->created ? AVA_DECLARES_STEP : a->declared;
    a->m->declared = means > a->m->declared ? means : a->m->declared;
    *a = (Actions){ .m = a->m, .list = list, .number = number };
}

/* A source type is a term of IPTC's or of C2PA's list, named by its address; its last part tells it. */
static void take_source(Actions *a, Bytes text)
{
    AvaC2paManifest *m = a->m;
    static const struct {
        const char *name;
        AvaDeclared means;
    } terms[] = { { "algorithmicMedia", AVA_DECLARES_ALGORITHM },
                  { "compositeWithTrainedAlgorithmicMedia", AVA_DECLARES_PARTS },
                  { "trainedAlgorithmicMedia", AVA_DECLARES_MODEL } };
    for (size_t i = text.n; i-- > 0;)
        if (text.p[i] == '/') {
            text = (Bytes){ text.p + i + 1, text.n - i - 1 };
            break;
        }
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (is_text(text, terms[i].name) && terms[i].means > a->declared)
            a->declared = terms[i].means;
    add_once(*m->source, sizeof *m->source, &m->n_sources, AVA_C2PA_SOURCES, text);
}

static void take_action(void *cookie, const Path *p, Bytes text)
{
    Actions *a = cookie;
    AvaC2paManifest *m = a->m;
    if (p->n == 3 && (p->at[0].done != a->list || p->at[1].done != a->number))
        action_ends(a, p->at[0].done, p->at[1].done);
    if (is_path(p, 3, "actions", "[]", "digitalSourceType") || is_path(p, 3, "templates", "[]", "digitalSourceType"))
        take_source(a, text);
    if (is_path(p, 3, "templates", "[]", "action"))
        a->created = is_text(text, "c2pa.created");
    if (!is_path(p, 3, "actions", "[]", "action"))
        return;
    a->created = is_text(text, "c2pa.created");
    add_once(*m->action, sizeof *m->action, &m->n_actions, AVA_C2PA_ACTIONS, text);
}

/* The CBOR in a superbox, if there is any. */
static int walk_content(Bytes inside, void (*use)(void *cookie, const Path *p, Bytes text), void *cookie, int *cut)
{
    Box box;
    while (box_next(&inside, &box, cut))
        if (!strcmp(box.type, "cbor"))
            return walk_cbor(box.body, use, cookie);
    return 1;
}

static void read_manifest(Bytes inside, AvaC2paManifest *m, int *cut)
{
    char type[5], part[96], label[96], line[128] = "";
    Bytes body, assertion;
    Claim claim = { .m = m };
    while (super_next(&inside, type, part, &body, cut)) {
        if (labelled(part, "c2pa.claim") && !walk_content(body, take_claim, &claim, cut))
            *cut = 1;
        while (labelled(part, "c2pa.assertions") && super_next(&body, type, label, &assertion, cut)) {
            if (!labelled(label, "c2pa.actions"))
                continue;
            Actions a = { .m = m };
            if (!walk_content(assertion, take_action, &a, cut))
                *cut = 1;
            action_ends(&a, 0, 0);
        }
    }
    if (*claim.name)
        snprintf(line, sizeof line, "%s%s%s", claim.name, *claim.version ? " " : "", claim.version);
    else
        snprintf(line, sizeof line, "%s", claim.agent);
    memcpy(m->generator, line, sizeof m->generator);
}

/* Room for one more; the oldest goes when there is none. */
static AvaC2paManifest *manifest_add(AvaC2pa *out, const char label[96])
{
    if (out->n == AVA_C2PA_MANIFESTS) {
        memmove(out->manifest, out->manifest + 1, sizeof *out->manifest * (AVA_C2PA_MANIFESTS - 1));
        out->n--;
        out->left_out++;
    }
    AvaC2paManifest *m = &out->manifest[out->n++];
    *m = (AvaC2paManifest){ 0 };
    memcpy(m->label, label, sizeof m->label);
    return m;
}

void ava_c2pa_store(const uint8_t *bytes, size_t n, AvaC2pa *out)
{
    Bytes rest = { bytes, n }, store, inside;
    char type[5], label[96] = "";
    int cut = 0, stores = 0, manifests = 0;
    while (!stores && super_next(&rest, type, label, &store, &cut))
        stores = !strcmp(label, "c2pa");
    while (stores && super_next(&store, type, label, &inside, &cut)) {
        if (++manifests > MOST_MANIFESTS) {
            out->problem = "there are more manifests than are read";
            out->incomplete = 1;
            break;
        }
        AvaC2paManifest *m = manifest_add(out, label);
        read_manifest(inside, m, &cut);
        if (!strcmp(type, "c2cm") && !out->problem)
            out->problem = "a manifest is compressed; what it claims is not read";
        if (out->declared > out->declared_earlier)
            out->declared_earlier = out->declared;
        out->declared = m->declared;
    }
    if (cut || !stores) {
        out->problem = "the store is damaged or cut off";
        out->incomplete = 1;
    }
}
