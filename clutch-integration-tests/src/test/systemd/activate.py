"""Does for one service what systemd does: passes it a socket, and notes what it is told.

activate.py FILE PORT|PATH WATCHDOG_USEC COMMAND...
Writes each message of the service to FILE, a line for each line of it. Ends with the service.
"""

import os
import signal
import socket
import sys
import threading

log_path, where, watchdog = sys.argv[1:4]

if where.startswith("/"):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(where)
else:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(where)))
listener.listen(128)

# A name that is not in the file system, as systemd has it.
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = "clutch-test-%d" % os.getpid()
notify.bind("\0" + name)

child = os.fork()
if child == 0:
    notify.close()
    if listener.fileno() == 3:
        os.set_inheritable(3, True)
    else:
        os.dup2(listener.fileno(), 3)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = "1"
    os.environ["LISTEN_FDNAMES"] = "jobs"
    os.environ["NOTIFY_SOCKET"] = "@" + name
    os.environ["WATCHDOG_USEC"] = watchdog
    os.execv(sys.argv[4], sys.argv[4:])

listener.close()
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
signal.signal(signal.SIGHUP, lambda *_: os.kill(child, signal.SIGHUP))


def note():
    with open(log_path, "a", buffering=1) as log:
        while True:
            log.write(notify.recv(4096).decode() + "\n")


threading.Thread(target=note, daemon=True).start()
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
