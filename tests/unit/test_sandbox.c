/* test_sandbox.c -- what a sandboxed process can still do, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sandbox.h"

static volatile int go;
static int in_old_thread = -1;

/* Runs body() sandboxed, in a process of its own; its exit code, or 256 + the signal that ended it. */
static int shut_in(int (*body)(void))
{
    pid_t pid = fork();
    int status;
    if (pid == 0)
        _exit(sandbox_enter() ? 255 : body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int refused(int rc) { return rc < 0 && errno == EACCES ? 0 : 1; }

static int reads(void) { return refused(open("/etc/passwd", O_RDONLY)); }
static int writes(void) { return refused(open("/tmp/avalign-sandbox-test", O_CREAT | O_WRONLY, 0600)); }
static int removes(void) { return refused(unlink("/tmp/avalign-sandbox-none")); }
static int looks(void) { struct stat st; return refused(stat("/etc/passwd", &st)); }
static int calls_out(void) { return refused(socket(AF_INET, SOCK_STREAM, 0)); }
static int calls_unix(void) { return refused(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int forks(void) { return refused(fork()); }
static int kills(void) { return refused(kill(getppid(), SIGTERM)); }
static int runs(void) { return execl("/bin/true", "true", (char *)NULL), 1; }

static void *old_thread(void *arg)
{
    while (!go)
        sched_yield();
    in_old_thread = reads();
    return arg;
}

static void test_disk(void **state)
{
    (void)state;
    assert_int_equal(shut_in(reads), 0);
    assert_int_equal(shut_in(writes), 0);
    assert_int_equal(shut_in(removes), 0);
    assert_int_equal(shut_in(looks), 0);
}

static void test_network(void **state)
{
    (void)state;
    assert_int_equal(shut_in(calls_out), 0);
    assert_int_equal(shut_in(calls_unix), 0);
}

static void test_processes(void **state)
{
    (void)state;
    assert_int_equal(shut_in(forks), 0);
    assert_int_equal(shut_in(kills), 0);
    assert_int_equal(shut_in(runs), 256 + SIGSYS);
}

/* Threads that were there before are sandboxed too. */
static int with_old_thread(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, old_thread, NULL) || sandbox_enter())
        return 2;
    go = 1;
    return pthread_join(t, NULL) ? 3 : in_old_thread;
}

static void test_old_threads(void **state)
{
    (void)state;
    pid_t pid = fork();
    int status;
    if (pid == 0)
        _exit(with_old_thread());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void *adds(void *arg)
{
    *(int *)arg += 1;
    return arg;
}

/* What decoding needs: memory, new threads, open files. */
static int works(void)
{
    pthread_t t;
    int n = 41;
    char *s = malloc(64 << 20), *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    if (!s || !f || pthread_create(&t, NULL, adds, &n) || pthread_join(t, NULL) || n != 42)
        return 1;
    memset(s, 1, 64 << 20);
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED || mprotect(code, 4096, PROT_READ | PROT_EXEC)) /* the inference runtime writes code */
        return 2;
    return fprintf(f, "x") != 1 || fclose(f) || size != 1 || write(1, "", 0) < 0 ? 3 : 0;
}

static void test_work(void **state)
{
    (void)state;
    assert_int_equal(shut_in(works), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_disk), cmocka_unit_test(test_network), cmocka_unit_test(test_processes),
                                        cmocka_unit_test(test_old_threads), cmocka_unit_test(test_work) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
