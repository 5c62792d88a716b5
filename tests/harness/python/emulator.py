"""Runs MiniStack as the child of a Rust process and makes sure that it never outlives it.

The parent holds the other end of standard input and never writes to it. However the parent ends, even by SIGKILL,
the pipe closes, and this process stops itself the way MiniStack wants to be stopped, so that its state is saved.
"""

import json
import os
import signal
import socketserver
import sys
import threading
import time

SECONDS_TO_SAVE_THE_STATE = 10


def stop_with_the_parent():
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_SAVE_THE_STATE)
    os._exit(1)


# The runtime API answers each poll of a function in several small writes; with Nagle's algorithm an invocation
# waits about 40 ms between them for an acknowledgement.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True

threading.Thread(target=stop_with_the_parent, daemon=True).start()
# MiniStack reads its own arguments.
sys.argv = ["ministack"]

from ministack.app import main  # noqa: E402  (after the settings above)
from ministack.core import iam_actions  # noqa: E402

resource_of = iam_actions.extract_resource_arn


def resource_of_call(service, method, path, headers, body, *others):
    """Which resource a call is about. AWS judges ssm:GetParameters by each name; MiniStack knows no resource of it, so that only a
    policy for every parameter would allow it. Here it is judged by its first name, as ssm:GetParameter is."""
    if service == "ssm" and headers.get("x-amz-target", "").endswith(".GetParameters"):
        body = json.dumps({"Name": json.loads(body)["Names"][0]}).encode()
    return resource_of(service, method, path, headers, body, *others)


iam_actions.extract_resource_arn = resource_of_call

main()
