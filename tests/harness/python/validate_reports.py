"""Validates every JSON document of a folder against a JSON Schema, formats included, and prints how many are valid.

Apart from the library of the production code, so that the two must agree on what the schema means."""

import json
import pathlib
import re
import sys

from jsonschema import Draft202012Validator, FormatChecker

# The library leaves these to packages that are not installed, and would let everything pass.
FORMATS = FormatChecker()
DATE_TIME = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"
)


@FORMATS.checks("date-time")
def is_date_time(value):
    return not isinstance(value, str) or DATE_TIME.fullmatch(value) is not None


def formats_of(schema):
    if isinstance(schema, dict):
        if isinstance(schema.get("format"), str):
            yield schema["format"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from formats_of(part)


def main(schema, folder):
    schema = json.loads(pathlib.Path(schema).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    unchecked = set(formats_of(schema)) - set(FORMATS.checkers)
    if unchecked:
        sys.exit(f"nothing checks the formats {sorted(unchecked)}")
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    documents = sorted(pathlib.Path(folder).glob("*.json"))
    if not documents:
        sys.exit(f"{folder} has no documents")
    broken = 0
    for path in documents:
        errors = list(validator.iter_errors(json.loads(path.read_text(encoding="utf-8"))))
        broken += bool(errors)
        for error in errors:
            print(f"{path.name}: {error.json_path}: {error.message}", file=sys.stderr)
    print(f"{len(documents) - broken} of {len(documents)} documents are valid")
    return 1 if broken else 0


sys.exit(main(*sys.argv[1:]))
