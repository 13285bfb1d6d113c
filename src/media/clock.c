/* clock.c -- where a clock jumps, what follows is joined to what precedes by one shift for frames and sound alike, so their
 * relation is kept.
 *
 * A packet off its side's line is held back, with all that follow, until it is known what it was: a stray stamp (the next packet is
 * back on the line), a hole (the clock goes on ahead: nothing is shifted), or a jump (the other side makes it too, or comes no
 * more; one side alone is only shifted alone when the other goes on as before). Lines are followed by decoding times, which
 * increase; the join looks at presentation times. */
#include "media/clock.h"

#include <stdlib.h>

#include "util/vec.h"

enum {
    STRAY_US = 100000,     /* a step back from which on a packet is looked at */
    STEP_US = 1000000,     /* ahead, likewise; and the least step back that is a jump: less is overlap */
    REJOIN_US = 10000000,  /* ahead of both sides in a container with discontinuities: under it a hole */
    NEAR_US = 2000000,     /* how far apart the sides may lie in a file */
    WAIT_US = 3000000,     /* how long the other side is waited for */
    ENOUGH = 3,            /* frames from which the first shown is known */
    MAX_HELD = 4096        /* packets */
};
static const int64_t HOLE_US = 6 * 3600 * 1000000LL; /* more is no hole in any container */
static const int64_t MAX_BYTES = 64 << 20;

typedef struct Side {
    int known, has_dts, seen; /* seen: packets on the new line */
    int64_t shift_us;        /* what its stamps are moved by */
    int64_t end_us, shown_us; /* of the line, shifted: end in decoding order, end of what is shown */
    int64_t length_us;       /* of the last packet */
    /* of the line that would be new, as stamped */
    int64_t new_first_us, new_end_us, new_shown_us, new_least_us;
    int whole;               /* it begins with a key frame: nothing shown before belongs to it */
    int64_t old_us;          /* time on the old line since the other side left it */
} Side;

typedef struct Held {
    AVPacket *pkt;
    int side, fresh; /* fresh: on the new line, not yet shifted */
    AVRational tb;
} Held;

struct AvaClock {
    int discontinuous, pending; /* pending: a packet off the line is being looked at */
    int first;                  /* the side it was seen on */
    int64_t ahead_us;           /* how far off its line that one was */
    int64_t bytes;
    Side side[AVA_CLOCK_SIDES];
    AVA_VEC(Held) held;
    size_t next;
    int64_t zero_us;
    AvaMediaStats *st;
};

AvaClock *ava_clock_new(int discontinuous, int64_t zero_us, AvaMediaStats *st)
{
    AvaClock *c = calloc(1, sizeof *c);
    if (c) {
        c->discontinuous = discontinuous;
        c->zero_us = zero_us;
        c->st = st;
    }
    return c;
}

void ava_clock_free(AvaClock **pc)
{
    AvaClock *c = pc ? *pc : NULL;
    if (!c)
        return;
    for (size_t i = c->next; i < c->held.n; i++)
        av_packet_free(&c->held.at[i].pkt);
    ava_vec_free(&c->held);
    free(c);
    *pc = NULL;
}

static int64_t in_us(int64_t stamp, AVRational tb) { return av_rescale_q(stamp, tb, AV_TIME_BASE_Q); }

static void clock_move(AVPacket *p, AVRational tb, int64_t us)
{
    int64_t d = av_rescale_q(us, AV_TIME_BASE_Q, tb);
    if (p->dts != AV_NOPTS_VALUE)
        p->dts += d;
    if (p->pts != AV_NOPTS_VALUE)
        p->pts += d;
}

/* A stray stamp: the packet goes where its side's line expects it. */
static void put_on_line(AvaClock *c, AVPacket *p, Side *s, AVRational tb)
{
    int64_t ts = p->dts != AV_NOPTS_VALUE ? p->dts : p->pts;
    clock_move(p, tb, s->end_us - in_us(ts, tb));
    s->end_us += s->length_us;
    c->st->times_fixed++;
}

/* Stray packets of the side that began it; the other side's are as they were. */
static void was_stray(AvaClock *c)
{
    for (size_t i = c->next; i < c->held.n; i++) {
        Held *h = &c->held.at[i];
        if (h->fresh && h->side == c->first)
            put_on_line(c, h->pkt, &c->side[h->side], h->tb);
        else if (h->fresh)
            clock_move(h->pkt, h->tb, c->side[h->side].shift_us);
        h->fresh = 0;
    }
    c->pending = 0;
}

static void note_jump(AvaClock *c, int64_t at_us, int64_t by_us)
{
    c->st->jump[c->st->clock_jumps++ % AVA_MAX_JUMPS] = (AvaClockJump){ at_us - c->zero_us, by_us };
}

/* The new lines are what the sides go on with, each by its shift. */
static void go_on(AvaClock *c)
{
    for (int k = 0; k < AVA_CLOCK_SIDES; k++) {
        Side *s = &c->side[k];
        if (s->seen) {
            s->end_us = s->new_end_us + s->shift_us;
            s->shown_us = s->new_shown_us + s->shift_us;
            s->known = 1;
        }
    }
    for (size_t i = c->next; i < c->held.n; i++) {
        Held *h = &c->held.at[i];
        if (h->fresh)
            clock_move(h->pkt, h->tb, c->side[h->side].shift_us);
        h->fresh = 0;
    }
    c->pending = 0;
}

/* Joins the new line to the old one: nothing overlaps, and one side at least has no hole. */
static void join(AvaClock *c, int alone)
{
    int64_t by = INT64_MIN, at = INT64_MIN;
    for (int k = 0; k < AVA_CLOCK_SIDES; k++) {
        const Side *s = &c->side[k];
        if (s->known && s->seen && (!alone || k == c->first)) {
            /* in the middle of a group of frames the order of decoding goes on, as when 33 bits are full */
            int64_t need = (s->whole ? s->shown_us - s->new_least_us : s->end_us - s->new_first_us) - s->shift_us;
            by = need > by ? need : by;
            at = s->shown_us > at ? s->shown_us : at;
        }
    }
    if (by == INT64_MIN) /* a side that only begins here, where the other is not: as it says */
        return;
    for (int k = 0; k < AVA_CLOCK_SIDES; k++)
        if (!alone || k == c->first)
            c->side[k].shift_us += by;
    note_jump(c, at, -by);
}

/* Is it known by now what it was? at_end: no more will come. */
static void decide(AvaClock *c, int at_end)
{
    Side *f = &c->side[c->first], *o = &c->side[!c->first];
    int64_t size = llabs(c->ahead_us), waited = f->new_end_us - f->new_first_us;
    int ahead = c->ahead_us > 0, confirmed = f->seen > 1 || at_end;
    if (!confirmed)
        return;
    if (ahead ? size < HOLE_US && (!c->discontinuous || size < REJOIN_US) : size < STEP_US) {
        go_on(c); /* a hole, or a little overlap */
        return;
    }
    int full = at_end || waited > WAIT_US || c->held.n - c->next > MAX_HELD || c->bytes > MAX_BYTES;
    int video_known = !c->side[AVA_CLOCK_VIDEO].seen || c->side[AVA_CLOCK_VIDEO].seen >= ENOUGH;
    if (o->seen && (video_known || full)) {
        join(c, 0);
        go_on(c);
    } else if (full) {
        join(c, o->known && o->old_us > WAIT_US / 2);
        go_on(c);
    }
}

/* The new line of a side goes on. */
static void grow(Side *s, const Held *h, int64_t t, int64_t shown, int64_t length)
{
    if (!s->seen++) {
        s->whole = (h->pkt->flags & AV_PKT_FLAG_KEY) != 0;
        s->new_first_us = t;
        s->new_least_us = shown;
        s->new_shown_us = shown;
    }
    s->new_end_us = t + length;
    s->new_least_us = shown < s->new_least_us ? shown : s->new_least_us;
    s->new_shown_us = shown + length > s->new_shown_us ? shown + length : s->new_shown_us;
}

static void accept(AvaClock *c, Held *h, int64_t t, int64_t shown, int64_t length)
{
    Side *s = &c->side[h->side];
    int64_t from = s->end_us;
    s->end_us = t + s->shift_us + length;
    if (!s->known || shown + s->shift_us + length > s->shown_us)
        s->shown_us = shown + s->shift_us + length;
    if (c->pending && s->known)
        s->old_us += s->end_us > from ? s->end_us - from : 0;
    s->known = 1;
    h->fresh = 0;
    clock_move(h->pkt, h->tb, s->shift_us);
}

/* How far a packet is off its side's line. */
static int64_t off_line(const AvaClock *c, int side, int64_t t)
{
    const Side *s = &c->side[side], *o = &c->side[!side];
    if (s->known)
        return t + s->shift_us - s->end_us;
    return o->known && c->discontinuous && llabs(t + o->shift_us - o->end_us) > REJOIN_US ? t + o->shift_us - o->end_us : 0;
}

static int on_line(int64_t off) { return off >= -STRAY_US && off <= STEP_US; }

static void clock_begin(AvaClock *c, Held *h, int64_t t, int64_t shown, int64_t length, int64_t off)
{
    c->pending = 1;
    c->first = h->side;
    c->ahead_us = off;
    c->bytes = 0;
    for (int k = 0; k < AVA_CLOCK_SIDES; k++)
        c->side[k].seen = 0, c->side[k].old_us = 0;
    grow(&c->side[h->side], h, t, shown, length);
}

static void clock_look(AvaClock *c, Held *h, int64_t t, int64_t shown, int64_t length)
{
    Side *s = &c->side[h->side], *o = &c->side[!h->side];
    int64_t off = off_line(c, h->side, t);
    if (c->pending && h->side == c->first) {
        if (llabs(off) < llabs(t - s->new_end_us) && on_line(off - s->length_us)) { /* back where it was, but for the stray one */
            h->fresh = 0;
            was_stray(c);
        } else {
            grow(s, h, t, shown, length);
            return;
        }
        off = off_line(c, h->side, t);
    } else if (c->pending) {
        int64_t apart = llabs(t - o->new_end_us);
        if (!on_line(off) && apart < WAIT_US + NEAR_US) {
            grow(s, h, t, shown, length);
            return;
        }
        accept(c, h, t, shown, length);
        return;
    }
    int fills = off > 0 && s->known && o->known && llabs(t + s->shift_us - o->end_us) < NEAR_US; /* the other side is there already */
    if (on_line(off) || fills)
        accept(c, h, t, shown, length);
    else
        clock_begin(c, h, t, shown, length, off);
}

int ava_clock_put(AvaClock *c, AVPacket *pkt, int side, AVRational tb)
{
    Held h = { av_packet_alloc(), side, 0, tb };
    if (!h.pkt)
        return -1;
    if (c->next == c->held.n)
        c->next = c->held.n = 0;
    if (ava_reserve(&c->held, 1)) {
        av_packet_free(&h.pkt);
        return -1;
    }
    av_packet_move_ref(h.pkt, pkt);
    Held *in = &c->held.at[c->held.n++];
    *in = h;
    in->fresh = 1;
    c->bytes += h.pkt->size;
    int64_t ts = h.pkt->dts != AV_NOPTS_VALUE ? h.pkt->dts : h.pkt->pts, limit = INT64_MAX / 4;
    int64_t t = ts == AV_NOPTS_VALUE ? 0 : in_us(ts, tb);
    Side *s = &c->side[side];
    if (t > limit || t < -limit) {
        ts = h.pkt->dts = h.pkt->pts = AV_NOPTS_VALUE;
        c->st->times_fixed++;
    }
    s->has_dts |= h.pkt->dts != AV_NOPTS_VALUE;
    if (ts == AV_NOPTS_VALUE || (s->has_dts && h.pkt->dts == AV_NOPTS_VALUE)) { /* says nothing of the line */
        in->fresh = c->pending && s->seen;
        if (!in->fresh)
            clock_move(h.pkt, tb, s->shift_us);
    } else {
        int64_t shown = h.pkt->pts != AV_NOPTS_VALUE ? in_us(h.pkt->pts, tb) : t;
        int64_t length = h.pkt->duration > 0 ? in_us(h.pkt->duration, tb) : s->length_us;
        s->length_us = length > STEP_US ? 0 : length;
        clock_look(c, in, t, shown, s->length_us);
    }
    if (c->pending)
        decide(c, 0);
    return 0;
}

void ava_clock_end(AvaClock *c)
{
    if (c->pending)
        decide(c, 1);
}

int ava_clock_get(AvaClock *c, AVPacket *pkt, int *side)
{
    if (c->next == c->held.n || c->pending)
        return 0;
    Held *h = &c->held.at[c->next++];
    av_packet_move_ref(pkt, h->pkt);
    av_packet_free(&h->pkt);
    *side = h->side;
    return 1;
}
