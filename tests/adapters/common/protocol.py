"""The adapter protocol over standard input and output: one JSON object a line."""
import json
import os
import sys
import traceback

NO_SUCH_METHOD = -32601
INTERNAL = -32603
METHODS = ("initialize", "reset", "apply", "observe", "settle", "lose_state", "crash", "strike", "shutdown")


def serve(adapter):
    """Answers requests until the input ends; then `adapter.stop()` ends whatever the adapter started.

    The protocol keeps a descriptor of its own. What anything else prints, children included, goes to standard error.
    """
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.set_inheritable(channel.fileno(), False)
    os.dup2(2, 1)
    try:
        for line in sys.stdin:
            if not line.strip():
                continue
            request = json.loads(line)
            response = {"jsonrpc": "2.0", "id": request["id"], **_answer(adapter, request)}
            channel.write(json.dumps(response) + "\n")
            channel.flush()
            if request["method"] == "shutdown":
                return
    finally:
        adapter.stop()


def _answer(adapter, request):
    method = getattr(adapter, request["method"], None) if request["method"] in METHODS else None
    if method is None:
        return {"error": {"code": NO_SUCH_METHOD, "message": f"no method `{request['method']}`"}}
    try:
        return {"result": method(request["params"])}
    except Exception as error:  # Whatever went wrong, the harness is told, and the log has the traceback.
        traceback.print_exc()
        return {"error": {"code": INTERNAL, "message": f"{type(error).__name__}: {error}"}}
