"""The application, for a web server: `granian --interface wsgi inkhorn.wsgi:app`, or any other."""

from inkhorn.app import create_app

app = create_app()
