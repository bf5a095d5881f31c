"""The line protocol of process-client.ts: one JSON request per line in, one JSON answer per line out."""

import base64
import json
import sys
import traceback


def bytes_of(text):
    return None if text is None else base64.b64decode(text)


def text_of(data):
    return None if data is None else base64.b64encode(data).decode()


def serve(make_calls):
    """Answers `{"id", "call", "arguments"}` with `{"id", "result"}` or `{"id", "error"}`."""
    calls = make_calls(sys.argv[1])
    answers = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            result = getattr(calls, request["call"])(**request["arguments"])
            answer = {"id": request["id"], "result": result}
        except BaseException as error:  # whatever a client throws is its answer
            traceback.print_exc()
            answer = {"id": request["id"], "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
