//! The system calls by name, in groups; see `man 2` of each.

use libc::*;

/// The numbers that all architectures share and that not every libc has a name for.
const SYS_CACHESTAT: c_long = 451;
const SYS_FCHMODAT2: c_long = 452;
const SYS_FUTEX_WAKE: c_long = 454;
const SYS_FUTEX_WAIT: c_long = 455;
const SYS_FUTEX_REQUEUE: c_long = 456;

/// What there is.
#[rustfmt::skip]
pub(super) const ALLOWED: &[c_long] = &[
    // Files. Which of them, Landlock decides. Not `openat2`, whose flags cannot be seen from here.
    SYS_read, SYS_readv, SYS_pread64, SYS_preadv, SYS_preadv2, SYS_write, SYS_writev, SYS_pwrite64, SYS_pwritev,
    SYS_pwritev2, SYS_openat, SYS_close, SYS_close_range, SYS_fstat, SYS_newfstatat, SYS_statx,
    SYS_faccessat, SYS_faccessat2, SYS_lseek, SYS_getdents64, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_mkdirat,
    SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_readlinkat, SYS_mknodat, SYS_truncate,
    SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_sync, SYS_syncfs, SYS_statfs, SYS_fstatfs, SYS_umask,
    SYS_dup, SYS_dup3, SYS_pipe2, SYS_fcntl, SYS_flock, SYS_ioctl, SYS_sendfile, SYS_copy_file_range, SYS_splice,
    SYS_tee, SYS_vmsplice, SYS_fadvise64, SYS_readahead, SYS_CACHESTAT,
    // Memory.
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mincore, SYS_msync, SYS_mlock,
    SYS_mlock2, SYS_munlock, SYS_mlockall, SYS_munlockall, SYS_membarrier, SYS_memfd_create, SYS_pkey_alloc,
    SYS_pkey_free, SYS_pkey_mprotect, SYS_mbind, SYS_get_mempolicy, SYS_set_mempolicy, SYS_mseal,
    // Processes and threads. Whom signals reach, Landlock decides, or the guard.
    SYS_clone, SYS_execve, SYS_execveat, SYS_exit, SYS_exit_group, SYS_wait4, SYS_waitid, SYS_kill, SYS_tkill,
    SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_getpid,
    SYS_gettid, SYS_getppid, SYS_getpgid, SYS_setpgid, SYS_getsid, SYS_setsid, SYS_getuid, SYS_geteuid,
    SYS_getgid, SYS_getegid, SYS_getresuid, SYS_getresgid, SYS_getgroups, SYS_capget, SYS_capset, SYS_prctl,
    SYS_personality, SYS_seccomp, SYS_landlock_create_ruleset, SYS_landlock_add_rule, SYS_landlock_restrict_self,
    SYS_set_tid_address, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_futex, SYS_futex_waitv,
    SYS_FUTEX_WAKE, SYS_FUTEX_WAIT, SYS_FUTEX_REQUEUE, SYS_restart_syscall, SYS_rt_sigreturn, SYS_rt_sigaction,
    SYS_rt_sigprocmask, SYS_rt_sigpending, SYS_rt_sigsuspend, SYS_rt_sigtimedwait, SYS_sigaltstack,
    // Scheduling and limits.
    SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_sched_getparam, SYS_sched_setparam,
    SYS_sched_getscheduler, SYS_sched_setscheduler, SYS_sched_getattr, SYS_sched_setattr,
    SYS_sched_get_priority_max, SYS_sched_get_priority_min, SYS_sched_rr_get_interval, SYS_getpriority,
    SYS_setpriority, SYS_ioprio_get, SYS_ioprio_set, SYS_prlimit64, SYS_getrusage, SYS_times, SYS_getcpu,
    SYS_sysinfo, SYS_uname, SYS_getrandom,
    // Time.
    SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getitimer,
    SYS_setitimer, SYS_timer_create, SYS_timer_settime, SYS_timer_gettime, SYS_timer_getoverrun,
    SYS_timer_delete, SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime,
    // Waiting for descriptors, and the pairs of sockets that were not refused.
    SYS_ppoll, SYS_pselect6, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_eventfd2,
    SYS_signalfd4, SYS_socketpair, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_shutdown,
    SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt,
    // The older names of the same, and what only x86-64 has.
    #[cfg(target_arch = "x86_64")] SYS_open,
    #[cfg(target_arch = "x86_64")] SYS_creat,
    #[cfg(target_arch = "x86_64")] SYS_stat,
    #[cfg(target_arch = "x86_64")] SYS_lstat,
    #[cfg(target_arch = "x86_64")] SYS_access,
    #[cfg(target_arch = "x86_64")] SYS_getdents,
    #[cfg(target_arch = "x86_64")] SYS_mkdir,
    #[cfg(target_arch = "x86_64")] SYS_rmdir,
    #[cfg(target_arch = "x86_64")] SYS_unlink,
    #[cfg(target_arch = "x86_64")] SYS_rename,
    #[cfg(target_arch = "x86_64")] SYS_renameat,
    #[cfg(target_arch = "x86_64")] SYS_link,
    #[cfg(target_arch = "x86_64")] SYS_symlink,
    #[cfg(target_arch = "x86_64")] SYS_readlink,
    #[cfg(target_arch = "x86_64")] SYS_mknod,
    #[cfg(target_arch = "x86_64")] SYS_sync_file_range,
    #[cfg(target_arch = "x86_64")] SYS_dup2,
    #[cfg(target_arch = "x86_64")] SYS_pipe,
    #[cfg(target_arch = "x86_64")] SYS_fork,
    #[cfg(target_arch = "x86_64")] SYS_vfork,
    #[cfg(target_arch = "x86_64")] SYS_getpgrp,
    #[cfg(target_arch = "x86_64")] SYS_arch_prctl,
    #[cfg(target_arch = "x86_64")] SYS_getrlimit,
    #[cfg(target_arch = "x86_64")] SYS_setrlimit,
    #[cfg(target_arch = "x86_64")] SYS_time,
    #[cfg(target_arch = "x86_64")] SYS_alarm,
    #[cfg(target_arch = "x86_64")] SYS_pause,
    #[cfg(target_arch = "x86_64")] SYS_poll,
    #[cfg(target_arch = "x86_64")] SYS_select,
    #[cfg(target_arch = "x86_64")] SYS_epoll_create,
    #[cfg(target_arch = "x86_64")] SYS_epoll_wait,
    #[cfg(target_arch = "x86_64")] SYS_eventfd,
    #[cfg(target_arch = "x86_64")] SYS_signalfd,
];

/// What is known, and refused.
#[rustfmt::skip]
pub(super) const REFUSED: &[c_long] = &[
    // The network: no socket is made, and one that came in otherwise leads nowhere.
    SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendmmsg, SYS_recvmmsg,
    // Users and groups.
    SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid,
    SYS_setfsuid, SYS_setfsgid, SYS_setgroups,
    // Mounts, roots and namespaces.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_fsopen, SYS_fsconfig,
    SYS_fsmount, SYS_fspick, SYS_open_tree, SYS_move_mount, SYS_mount_setattr, SYS_name_to_handle_at,
    SYS_open_by_handle_at, SYS_fanotify_init, SYS_fanotify_mark,
    // Other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_process_mrelease,
    SYS_pidfd_getfd, SYS_kcmp, SYS_migrate_pages, SYS_move_pages,
    // What processes share outside of the file system.
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_shmdt, SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl, SYS_msgget,
    SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_mq_open, SYS_mq_unlink, SYS_mq_timedsend, SYS_mq_timedreceive,
    SYS_mq_notify, SYS_mq_getsetattr, SYS_add_key, SYS_request_key, SYS_keyctl,
    // The kernel.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_syslog, SYS_acct, SYS_quotactl, SYS_reboot, SYS_swapon,
    SYS_swapoff, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load, SYS_sethostname,
    SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_vhangup,
    #[cfg(target_arch = "x86_64")] SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")] SYS_iopl,
    #[cfg(target_arch = "x86_64")] SYS_ioperm,
];

/// Extended attributes, of any file by its path: Landlock does not guard them.
pub(super) const UNSUPPORTED: &[c_long] = &[
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_fgetxattr,
    SYS_listxattr,
    SYS_llistxattr,
    SYS_flistxattr,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
];

/// Modes, owners and times, of any file by its path: Landlock does not guard them either.
#[rustfmt::skip]
pub(super) const PRETENDED: &[c_long] = &[
    SYS_fchmod, SYS_fchmodat, SYS_FCHMODAT2, SYS_fchown, SYS_fchownat, SYS_utimensat,
    #[cfg(target_arch = "x86_64")] SYS_chmod,
    #[cfg(target_arch = "x86_64")] SYS_chown,
    #[cfg(target_arch = "x86_64")] SYS_lchown,
    #[cfg(target_arch = "x86_64")] SYS_utime,
    #[cfg(target_arch = "x86_64")] SYS_utimes,
    #[cfg(target_arch = "x86_64")] SYS_futimesat,
];

/// Calls whose first argument is a process, or 0 for this one. Landlock does not guard them.
pub(super) const OF_ANY_PROCESS: &[c_long] =
    &[SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler];

/// Calls that send a signal to a number; the first argument is that of a process, or of a thread for `tkill`.
pub(super) const SIGNALS: &[c_long] = &[SYS_kill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo];

/// Calls that open a file, and which of their arguments are the flags.
pub(super) const OPENS: &[(c_long, u8)] = &[
    (SYS_openat, 2),
    #[cfg(target_arch = "x86_64")]
    (SYS_open, 1),
];

/// The flags of `clone` that make a namespace.
pub(super) const NAMESPACES: [u64; 7] = [
    CLONE_NEWNS.unsigned_abs() as u64,
    CLONE_NEWCGROUP.unsigned_abs() as u64,
    CLONE_NEWUTS.unsigned_abs() as u64,
    CLONE_NEWIPC.unsigned_abs() as u64,
    CLONE_NEWUSER.unsigned_abs() as u64,
    CLONE_NEWPID.unsigned_abs() as u64,
    CLONE_NEWNET.unsigned_abs() as u64,
];

/// The requests of `ioctl` that any program makes: of terminals to know and set their state, of descriptors, of files
/// to share blocks with another. The numbers are those of asm-generic/ioctls.h and linux/fs.h, and the same on both
/// processors. Pushing keystrokes (`TIOCSTI`, `TIOCLINUX`) is not among them, nor are flags of files, snapshots,
/// freezing.
#[rustfmt::skip]
pub(super) const REQUESTS: &[u64] = &[
    0x5401, 0x5402, 0x5403, 0x5404, // TCGETS, TCSETS, TCSETSW, TCSETSF
    0x5409, 0x540a, 0x540b,         // TCSBRK, TCXONC, TCFLSH
    0x540f, 0x5410, 0x5411,         // TIOCGPGRP, TIOCSPGRP, TIOCOUTQ
    0x5413, 0x5414, 0x5429,         // TIOCGWINSZ, TIOCSWINSZ, TIOCGSID
    0x541b, 0x5421,                 // FIONREAD, FIONBIO
    0x5450, 0x5451,                 // FIONCLEX, FIOCLEX
    0x4004_9409, 0x4020_940d,       // FICLONE, FICLONERANGE
    0x0000_0002,                    // FIGETBSZ
];

/// The families (bits 8 to 15 of a request) that stay shut when devices are let in: of terminals (`T`), sockets
/// (0x89), pipes (`W`), namespaces and processes (0xb7, 0xff), and file systems: the common ones (`f`, `X`, `v`,
/// 0x12, 0x15) and those of btrfs, f2fs, FAT, nilfs, bcachefs, CIFS and Ceph. The numbers are those of
/// <https://docs.kernel.org/userspace-api/ioctl/ioctl-number.html>.
pub(super) const REQUEST_FAMILIES: &[u8] =
    &[b'T', 0x89, b'W', 0xb7, 0xff, b'f', b'X', b'v', 0x12, 0x15, 0x94, 0xf5, b'r', b'n', 0xbc, 0xcf, 0x97];
