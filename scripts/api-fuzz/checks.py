"""What schemathesis cannot know of Muster. Loaded by it, because `run.py` names this file.

It keeps the run's own credentials alive, and adds a check for the pass that has none.
"""

import os

import schemathesis

# Ids of the run's own user, token and session: whoever removes them asks everything after that as nobody.
OWN = frozenset(filter(None, os.environ.get("FUZZ_OWN", "").split(",")))

# Whether this pass asks without a valid credential.
IS_NOBODY = os.environ.get("FUZZ_PASS") == "nobody"

# 401 is the answer of a route; 404 and 405 are those to a path or a method that is none.
REFUSALS = frozenset({401, 404, 405})


@schemathesis.hook
def filter_case(context, case):
    return not any(str(value) in OWN for value in (case.path_parameters or {}).values())


@schemathesis.check
def nobody_gets_in(ctx, response, case):
    """Without a credential only the public routes answer."""
    if not IS_NOBODY or case.operation.definition.raw.get("x-muster-scope") == "public":
        return
    if response.status_code not in REFUSALS:
        raise AssertionError(f"answered {response.status_code} without a credential")
