"""Starting other programs, so that none outlives the adapter."""
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class EngineFailed(Exception):
    """The engine could not be run to its end."""


def start(command, output=None, **more):
    """Starts a program in the adapter's process group, which dies with the adapter."""
    def die_with_parent():
        if _libc:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output or sys.stderr, stderr=subprocess.STDOUT,
        preexec_fn=die_with_parent, **more,
    )


def stop(process, grace=2.0):
    """Ends a program, with force if need be."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def run_all(commands, deadline, log, **more):
    """Runs programs side by side to their end; their exit codes, and what they printed, one after the other."""
    logs = [open(f"{log}.{n}", "w+b") for n in range(len(commands))]
    running = [start(command, output=output, **more) for command, output in zip(commands, logs)]
    until = time.monotonic() + deadline
    try:
        codes = [process.wait(max(0.01, until - time.monotonic())) for process in running]
    except subprocess.TimeoutExpired:
        raise EngineFailed(f"the engine ran for more than {deadline:.1f} s and was killed") from None
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
        text = ""
        for output in logs:
            output.seek(0)
            text += plain(output.read().decode("utf-8", "replace"))
            output.close()
        sys.stderr.write(text)
    return codes, text


def plain(text):
    """What a person would have read in the end: without colours, and without what was overwritten on the line."""
    lines = (line.rstrip("\r").rpartition("\r")[2].rstrip() for line in COLOURS.sub("", text).split("\n"))
    return "".join(line + "\n" for line in lines if line)


def run_and_kill(commands, delay, log, **more):
    """Starts programs and kills them a while later; their exit codes, or none where any was still running."""
    with open(log, "wb") as output:
        running = [start(command, output=output, **more) for command in commands]
        time.sleep(delay)
        killed = False
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed = True
            process.wait()
    return None if killed else [process.returncode for process in running]


def free_port():
    """A port of the loopback interface that nobody listens on. Somebody may take it before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_port(port, process, deadline=15.0):
    """Waits until a server accepts connections."""
    until = time.monotonic() + deadline
    while time.monotonic() < until:
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False


def serve_on_free_port(command_for, tries=5, **more):
    """Starts a server on a free port; the process and the port."""
    for _ in range(tries):
        port = free_port()
        process = start(command_for(port), **more)
        if await_port(port, process):
            return process, port
        stop(process)
    raise EngineFailed(f"the server did not start: {command_for(0)[0]}")


def environment(**more):
    """The environment for children: nothing of the user's own settings."""
    keep = ("PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
    return {**{name: os.environ[name] for name in keep if name in os.environ}, **more}


def faketime():
    """The library that gives a program another time, of the Debian package faketime; none where it is not installed."""
    return next((str(path) for path in sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


def clock_at(now):
    """The environment in which a program starts at that time, in UTC. Its own timers run as ever."""
    # Not by the command `faketime`: that one starts another process, which a kill would leave behind.
    return {"LD_PRELOAD": faketime(), "FAKETIME": now.strftime("@%Y-%m-%d %H:%M:%S"), "DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


def remove_leftovers(prefix):
    """Removes the folders of adapters that were killed and could not clean up: `PREFIX<process id>-...`. It does so beside
    everything else: a folder of a long run holds so many files that an adapter would be late for its first message."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        process = folder.name.removeprefix(prefix).split("-")[0]
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            threading.Thread(target=shutil.rmtree, args=(folder, True), daemon=True).start()
        except (ValueError, OSError):
            # Not ours, or still in use.
            continue
