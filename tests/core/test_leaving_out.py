"""What a site does not use is not loaded at its start."""

import subprocess
import sys

from inkhorn.core.leaving_out import leaving_out


def test_what_is_left_out_counts_as_not_installed_and_is_there_afterwards():
    sys.modules.pop("this", None)
    with leaving_out("this", "json"):
        assert sys.modules["this"] is None
        # What somebody loaded already stays theirs.
        import json

        assert json.dumps(1) == "1"
    assert "this" not in sys.modules


def test_no_start_loads_what_only_its_features_want():
    heavy = (
        "webauthn",
        "authlib",
        "requests",
        "celery",
        "boto3",
        "botocore",
        "PIL",
        "alembic",
        "opentelemetry",
        "sentry_sdk",
        "redis",
        "psycopg",
        "rich",
        "attr",
    )
    program = f"import sys, inkhorn.cli, inkhorn.app; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
