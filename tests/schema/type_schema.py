"""Holds type files against the schema, for test_type_files.c.

    type_schema.py SCHEMA FILE…     a line a file: "ok FILE" or "refused FILE: why"
"""

import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as f:
    schema = json.load(f)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as f:
        error = next(validator.iter_errors(json.load(f)), None)
    print(f"ok {name}" if error is None else f"refused {name}: {error.message[:100]}")
