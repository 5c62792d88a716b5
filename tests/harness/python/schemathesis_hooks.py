"""What no schema can say of two parameters, for requests that are meant to be right.

Wrong ones are sent as they were made. The module is named by SCHEMATHESIS_HOOKS.
"""

import uuid

import schemathesis
from schemathesis.core.parameters import ParameterLocation


def is_right(case, location):
    component = case.meta.components.get(location) if case.meta else None
    return component is not None and component.mode.is_positive


@schemathesis.hook
def before_call(context, case, **kwargs):
    # A key that is used again for another request is refused, and it is made from few examples: each request gets its own.
    if is_right(case, ParameterLocation.HEADER) and case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    # Only an answer can make a page token, and following them is tested where there are pages.
    if is_right(case, ParameterLocation.QUERY) and case.query:
        case.query.pop("page_token", None)
