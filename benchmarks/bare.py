"""A bare Flask application that answers every address with the bytes of one file: the floor that pages are measured against."""

import os
from pathlib import Path

from flask import Flask, Response

app = Flask(__name__, static_folder=None)
BODY = Path(os.environ["BARE_BODY"]).read_bytes() if "BARE_BODY" in os.environ else b""


@app.get("/")
def answer() -> Response:
    return Response(BODY, content_type="text/html; charset=utf-8")
