"""A runner whose clock is as far off as a file says: python -m tests.faults.clock_program DATA FILE."""

import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from inkhorn.app import create_app
from inkhorn.core import clock
from inkhorn.core.config_loading import load_config
from inkhorn.core.runner import Runner
from tests.faults.writers import SETTINGS


def main(data: Path, file: Path) -> int:
    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text() or "0"))

    clock.now = now
    config = load_config(data=data, environ=SETTINGS)
    runner = Runner(create_app(config), config)
    signal.signal(signal.SIGTERM, runner.stop)
    return runner.run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
