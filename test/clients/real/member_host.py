"""Members of groups behind the line protocol of groups/member-process.ts, a thread for each. A library's
adapter is a class with `poll`, `commit`, `pause`, `resume`, `seek` and `close`, used by that thread only."""

import json
import queue
import sys
import threading
import time
import traceback

WRITING = threading.Lock()


class Member(threading.Thread):
    def __init__(self, name, make, asked):
        super().__init__(daemon=True)
        self.member = name
        self.make = make
        self.asked = asked
        self.always = asked["options"]["commits"] == "always"
        self.commands = queue.Queue()
        self.taken = []
        self.is_open = True

    def run(self):
        try:
            self.consumer = self.make(self.asked["bootstrap"], self.asked["options"], self)
            while self.is_open:
                self.carry_out()
                if self.is_open:
                    self.consumer.poll()
                    self.flush()
        except BaseException as error:  # whatever ends it is told
            traceback.print_exc()
            self.is_open = False
            self.tell("failed", error=f"{type(error).__name__}: {error}")
            self.carry_out()

    def carry_out(self):
        """Does what was asked since the last time; nothing once it is closed."""
        while not self.commands.empty():
            call, arguments, answer = self.commands.get()
            try:
                if call == "close" and self.is_open:
                    self.consumer.close()
                    self.is_open = False
                elif call != "open" and self.is_open:
                    getattr(self.consumer, call)(*arguments)
                answer(None)
            except BaseException as error:  # it is the answer
                traceback.print_exc()
                answer(f"{type(error).__name__}: {error}")

    def flush(self):
        """Tells what was taken, and commits it where that is wanted."""
        if not self.taken:
            return
        records, self.taken = self.taken, []
        self.tell("records", records=records)
        if self.always:
            self.consumer.commit()

    def tell(self, kind, **content):
        """The time is that of the machine's monotonic clock."""
        event = {"type": kind, "atMs": time.monotonic_ns() / 1e6, **content}
        write({"member": self.member, "event": event})

    def tell_of(self, kind, places):
        if places:
            self.tell(kind, places=[[topic, partition] for topic, partition in places])


def write(line):
    with WRITING:
        OUTPUT.write(json.dumps(line) + "\n")
        OUTPUT.flush()


def answer_to(request):
    def answer(error):
        result = {"result": None} if error is None else {"error": error}
        write({"id": request["id"], **result})
    return answer


def serve(make):
    """Lets members live until the input ends. `make(bootstrap, options, member)` opens a consumer."""
    members = {}
    for line in sys.stdin:
        request = json.loads(line)
        call, asked = request["call"], request["arguments"]
        if call == "open":
            members[asked["member"]] = Member(asked["member"], make, asked)
            members[asked["member"]].start()
        member = members[asked["member"]]
        answer = answer_to(request)
        if not member.is_open:
            answer(None)
            continue
        arguments = [asked[key] for key in ("topic", "partition", "offset") if key in asked]
        member.commands.put((call, arguments, answer))


OUTPUT = sys.stdout
sys.stdout = sys.stderr
