"""A Celery worker over the same telling jobs: python -m tests.core.celery_program FOLDER DATABASE_URL BROKER_URL."""

import sys
from dataclasses import replace
from datetime import timedelta

from inkhorn import worker
from inkhorn.core import jobs
from inkhorn.core.config import config as running
from tests.core import runner_program

if __name__ == "__main__":
    # Short, so that the test need not wait for the lease of a worker that it kills.
    jobs.LEASE = timedelta(seconds=4)
    app = runner_program.make_app()
    with app.app_context():
        config = replace(running(), broker_url=sys.argv[3])
    sys.exit(worker.run_celery(app, config))
