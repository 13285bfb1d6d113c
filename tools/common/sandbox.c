/* sandbox.c -- a seccomp filter that names what is allowed. Most refusals are errors (EACCES), so that a library that only
 * looks (for a CPU count, a locale) goes on without; the system calls no decoder has any business with end the process. */
#include "common/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <unistd.h>

static const char *const allowed[] = {
    /* memory */ "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "mlock", "munlock", "mbind", "get_mempolicy", "set_mempolicy", "membarrier", "mincore",
    /* threads and time */ "futex", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam",
    "sched_getscheduler", "gettid", "getpid", "getppid", "exit", "exit_group", "nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
    "rt_sigaction", "rt_sigprocmask", "rt_sigtimedwait", "rt_sigreturn", "sigaltstack", "restart_syscall", "getrusage", "times", "getcpu",
    /* what is open */ "read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "fstat", "fsync", "fdatasync", "ftruncate", "close", "poll", "ppoll",
    "recvmsg", "sendmsg", "recvfrom", "sendto", "fcntl", "fadvise64",
    /* looking at oneself */ "getrandom", "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "arch_prctl",
};

static const char *const fatal[] = { "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "bpf", "init_module", "finit_module", "mount", "pivot_root",
                                     "setns", "unshare", "keyctl", "add_key", "request_key", "userfaultfd", "perf_event_open", "io_uring_setup", "kexec_load" };

static int rule(scmp_filter_ctx f, uint32_t action, const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);
    return nr == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(f, action, nr, 0); /* a call this kernel's table has not: nothing to allow */
}

int sandbox_enter(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EACCES));
    if (!f) {
        errno = ENOMEM;
        return -1;
    }
    int rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1); /* the inference runtime's threads are there already */
    for (size_t i = 0; !rc && i < sizeof allowed / sizeof *allowed; i++)
        rc = rule(f, SCMP_ACT_ALLOW, allowed[i]);
    for (size_t i = 0; !rc && i < sizeof fatal / sizeof *fatal; i++)
        rc = rule(f, SCMP_ACT_KILL_PROCESS, fatal[i]);
    /* threads, never processes: clone shows its flags; clone3 does not, and the C library does without it */
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)); /* abort() */
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0, 0));
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, 0x10000 /* CLONE_THREAD */, 0x10000));
    if (!rc)
        rc = seccomp_load(f);
    seccomp_release(f);
    errno = rc < 0 ? -rc : 0;
    return rc ? -1 : 0;
}
