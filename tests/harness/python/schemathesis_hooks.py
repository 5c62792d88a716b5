"""What no schema can say of a request, for requests that are meant to be right.

Wrong ones are sent as they were made. The module is named by SCHEMATHESIS_HOOKS.
"""

import re
import uuid

import schemathesis
from schemathesis.core.parameters import ParameterLocation


def is_right(case, location):
    if case.meta is None:
        return False
    # What was taken from examples has no mode of its own.
    part = case.meta.components.get(location, case.meta.generation)
    return part.mode.is_positive


def in_the_future(time):
    # The calendar repeats itself after 400 years: whatever day it is, it exists in the year 8000 and later, too.
    return re.sub(r"^\d{4}", lambda year: str(8000 + int(year[0]) % 400), time)


@schemathesis.hook
def before_call(context, case, **kwargs):
    # A key that is used again for another request is refused, and it is made from few examples: each request gets its own.
    if is_right(case, ParameterLocation.HEADER) and case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Only an answer can make a page token, and following them is tested where there are pages.
    if is_right(case, ParameterLocation.QUERY) and case.query:
        case.query.pop("page_token", None)
    # An acknowledgement does not end in the past.
    if is_right(case, ParameterLocation.BODY) and isinstance(case.body, dict) and isinstance(case.body.get("expires_at"), str):
        case.body = {**case.body, "expires_at": in_the_future(case.body["expires_at"])}
