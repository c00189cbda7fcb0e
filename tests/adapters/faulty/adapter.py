#!/usr/bin/env python3
"""Adapters with exactly one thing wrong, one a function: `adapter.py FAULT`.

Each behaves until `reset`, then misbehaves in its own way. The harness must contain each and name it.
"""
import json
import os
import signal
import subprocess
import sys
import time

INTRODUCTION = {"protocol": 1, "name": "faulty", "version": sys.argv[1], "capabilities": {}}
DONE = {"answer": "done"}


def requests():
    for line in sys.stdin:
        yield json.loads(line)


def write(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def answer(request, result):
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}))


def well_behaved(request, fault=None):
    if request["method"] == "initialize":
        answer(request, INTRODUCTION)
    elif request["method"] == "observe":
        answer(request, {"entries": []})
    elif request["method"] == "apply":
        answers = [DONE for _ in request["params"]["steps"]]
        answer(request, {"answers": answers[1:] if fault is one_answer_too_few else answers})
    elif request["method"] == "shutdown":
        answer(request, None)
    else:
        answer(request, DONE)


def garbage(request):
    write("Synchronizing… 3 items\x1b[0m")


def not_an_answer(request):
    write(json.dumps({"status": "ok"}))


def hang(request):
    time.sleep(600)


def one_answer_too_few(request):
    """The reset is as it should be; every batch lacks an answer."""
    answer(request, DONE)


def hang_at_the_start(request):
    """It never gets as far as a reset."""


def slow_answer(request):
    """Nearly too late; most of the deadline is gone."""
    time.sleep(request["params"]["deadline_ms"] / 1000 * 0.7)
    answer(request, DONE)


def exit_with_status(request):
    print("could not open the database", file=sys.stderr)
    sys.exit(3)


def killed(request):
    os.kill(os.getpid(), signal.SIGKILL)


def close_output(request):
    os.close(1)
    time.sleep(600)


def wrong_id(request):
    answer({"id": 4711}, DONE)


def id_as_text(request):
    answer({"id": str(request["id"])}, DONE)


def repeated_id(request):
    answer(request, DONE)
    answer(request, DONE)


def no_flush(request):
    # A buffer of its own: PYTHONUNBUFFERED would save this program.
    sys.stdout = open(1, "w", buffering=65536)
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE}) + "\n")


def no_newline(request):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE}))
    sys.stdout.flush()


def part_of_a_line(request):
    sys.stdout.write("working " * 13)
    sys.stdout.flush()
    time.sleep(600)


def cut_line(request):
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE})[:-9])


def pretty_print(request):
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE}, indent=2))


def two_on_a_line(request):
    line = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE})
    write(line + line)


def noise_on_standard_error(request):
    for n in range(10_000):
        print(f"debug: line {n}", file=sys.stderr)
    answer(request, DONE)


def huge_line(request):
    write("x" * 3_000_000)


def split_lines(request):
    for character in json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": DONE}) + "\n":
        sys.stdout.write(character)
        sys.stdout.flush()
        time.sleep(0.001)


def leave_a_process(request):
    subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    answer(request, DONE)


LISTEN = """
import socket, time
server = socket.create_server(("127.0.0.1", 0))
print("listening", flush=True)
time.sleep(10)
"""


def leave_a_port(request):
    # In a session of its own, where no signal to the adapter's process group reaches it. It ends by itself.
    server = subprocess.Popen([sys.executable, "-c", LISTEN], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    server.stdout.readline()
    answer(request, DONE)


def leave_a_process_that_holds_the_output(request):
    subprocess.Popen(["sleep", "600"])
    sys.exit(1)


def die_during_the_answer(request):
    sys.stdout.write('{"jsonrpc":"2.0","id":' + str(request["id"]) + ',"result":{"answ')
    sys.stdout.flush()
    os._exit(9)


def misspelt_result(request):
    answer(request, {"answer": "done", "promted": True})


def error_answer(request):
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32603, "message": "no such table"}}))


def stay_after_the_end(request):
    answer(request, DONE)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        well_behaved(json.loads(line))
    time.sleep(600)


def fail_at_the_end(request):
    answer(request, DONE)
    for line in sys.stdin:
        well_behaved(json.loads(line))
    raise OSError("the folder is not empty")


def wrong_version(request):
    pass


def long_gap(request):
    pass


def long_name(request):
    answer(request, DONE)


def flood_of_blank_lines(request):
    while True:
        sys.stdout.write("\n" * 4096)


def trickle_without_an_end(request):
    while True:
        sys.stdout.write("x")
        sys.stdout.flush()
        time.sleep(0.001)


def many_values(request):
    write("[" + "0," * 1_500_000 + "0]")


def long_message(request):
    text = "x" * 500_000 + " words" * 50_000
    write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32603, "message": text}}))


def daemon():
    """A process in a session of its own, whose parent has ended."""
    command = 'setsid sleep 600.25 </dev/null >/dev/null 2>&1 &'
    subprocess.run(["sh", "-c", command], check=True)


def leave_a_daemon(request):
    daemon()
    answer(request, DONE)


def exit_and_leave_a_daemon(request):
    daemon()
    sys.exit(3)


def hang_beside_a_daemon(request):
    daemon()
    time.sleep(600)


def tell_what_was_inherited(request):
    # Listing them opens one more, which is gone by now.
    names = [name for name in os.listdir("/proc/self/fd") if int(name) > 2 and os.path.exists(f"/proc/self/fd/{name}")]
    text = f"descriptors {sorted(names)} variables {sorted(os.environ)}"
    answer(request, {"answer": "failed", "definite": True, "message": text})


HOSTILE = "\n::error::fooled\n##[error]fooled \x1b[31mred\x1b]0;title\x07 \u202egnp\u200b \x9b2J ##vso[task.complete] \"zq='1 </script><zq>"


def hostile_text(request):
    print(HOSTILE, file=sys.stderr)
    answer(request, {"answer": "failed", "definite": True, "message": HOSTILE})


def main():
    fault = globals()[sys.argv[1].replace("-", "_")]
    if fault is wrong_version:
        INTRODUCTION["protocol"] = 2
    elif fault is long_gap:
        INTRODUCTION["capabilities"]["min_edit_gap_ms"] = 2**63
    elif fault is long_name:
        INTRODUCTION["name"] = "name " * 100_000
    elif fault is hostile_text:
        INTRODUCTION["name"] = "faulty " + HOSTILE
    elif fault is hang_at_the_start:
        time.sleep(600)
    for request in requests():
        if request["method"] == "reset":
            fault(request)
        else:
            well_behaved(request, fault)


main()
