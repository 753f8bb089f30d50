"""Starts argv[2:] with a terminal as stdin, and with the file argv[1] open as descriptors 9 and 700."""

import fcntl, os, pty, resource, sys

_, soft = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
place = os.open(sys.argv[1], os.O_RDONLY)
for number in (9, 700):
    os.dup2(place, number, inheritable=True)
try:
    os.setxattr(sys.argv[1], "user.secret", b"x")
except OSError:
    pass
master, terminal = pty.openpty()
os.set_inheritable(master, True)
os.dup2(terminal, 0, inheritable=True)
os.execv(sys.argv[2], sys.argv[2:])
