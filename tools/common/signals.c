/* signals.c -- the thread that takes the signals. */
#include "common/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/output.h"

enum { MAX_CONTEXTS = 256, PATIENCE_MS = 500 };
static atomic_int stopped, drained, child;
static int wake = -1, take_drain, end_code;
static sigset_t taken, before;
static AvalignContext *contexts[MAX_CONTEXTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int signals_stopped(void) { return atomic_load(&stopped); }
int signals_drained(void) { return atomic_load(&drained); }
int signals_fd(void) { return wake; }
void signals_take_drain(void) { take_drain = 1; }

void signals_add(AvalignContext *c)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_CONTEXTS; i++)
        if (!contexts[i]) {
            contexts[i] = c;
            break;
        }
    if (signals_stopped())
        avalign_cancel(c);
    pthread_mutex_unlock(&lock);
}

void signals_remove(AvalignContext *c)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MAX_CONTEXTS; i++)
        if (contexts[i] == c)
            contexts[i] = NULL;
    pthread_mutex_unlock(&lock);
}

void signals_child(pid_t pid)
{
    atomic_store(&child, pid);
    if (pid > 0 && signals_stopped())
        kill(pid, SIGTERM);
}

void signals_restore(void) { pthread_sigmask(SIG_SETMASK, &before, NULL); }

static void first(void)
{
    uint64_t one = 1;
    pthread_mutex_lock(&lock);
    atomic_store(&stopped, 1);
    for (size_t i = 0; i < MAX_CONTEXTS; i++)
        if (contexts[i])
            avalign_cancel(contexts[i]);
    pthread_mutex_unlock(&lock);
    if (write(wake, &one, sizeof one) < 0 && wake >= 0)
        return; /* it is readable already */
}

static void *watch(void *unused)
{
    const struct timespec patience = { 0, PATIENCE_MS * 1000000L };
    (void)unused;
    for (int got; sigwait(&taken, &got) == 0;) {
        if (got == SIGUSR1) {
            atomic_store(&drained, 1);
            continue;
        }
        first();
        if (atomic_load(&child) > 0)
            kill(atomic_load(&child), SIGTERM);
        sigset_t second = taken;
        sigdelset(&second, SIGUSR1);
        sigtimedwait(&second, NULL, &patience);
        if (atomic_load(&child) > 0)
            kill(atomic_load(&child), SIGKILL);
        output_abandon();
        static const char text[] = "avalign: stopped by a signal\n";
        if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
            _exit(end_code);
        _exit(end_code);
    }
    return NULL;
}

void signals_start(int code)
{
    pthread_t t;
    struct sigaction hup;
    end_code = code;
    atomic_store(&child, 0);
    if (wake >= 0) /* a forked process starts anew */
        close(wake);
    else
        pthread_sigmask(SIG_BLOCK, NULL, &before);
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    sigemptyset(&taken);
    sigaddset(&taken, SIGINT);
    sigaddset(&taken, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN) /* nohup stays nohup */
        sigaddset(&taken, SIGHUP);
    if (take_drain)
        sigaddset(&taken, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &taken, NULL);
    if (pthread_create(&t, NULL, watch, NULL)) {
        pthread_sigmask(SIG_UNBLOCK, &taken, NULL); /* then they end the program the plain way */
        return;
    }
    pthread_detach(t);
}
