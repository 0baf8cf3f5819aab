"""The blueprint that the desk's views hang on."""

from flask import Blueprint

bp = Blueprint("posts", __name__, url_prefix="/desk", template_folder="../templates")
