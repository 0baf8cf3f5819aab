"""Every figure that is told: its name, its kind, what it means and what it is told apart by. None is told apart by what a stranger chooses."""

from dataclasses import dataclass

PREFIX = "inkhorn_"
# Seconds; from a page out of memory's neighbour to what somebody gives up waiting for.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True)
class Family:
    """One figure, or as many as its labels have values."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """How many numbers stand for it: one, or for a histogram one for each bucket, one for what is above all, and the sum."""
        return len(self.bounds) + 2 if self.kind == "histogram" else 1


def _named(*families: Family) -> dict[str, Family]:
    return {each.name: each for each in families}


# Counted as it happens, by each process for itself.
REQUESTS = Family("inkhorn_requests_total", "counter", "Requests that the application answered.", ("endpoint", "method", "status"))
REQUEST_SECONDS = Family("inkhorn_request_seconds", "histogram", "Seconds until the application had its answer.", ("endpoint",), SECONDS)
PAGE_CACHE = Family(
    "inkhorn_page_cache_total", "counter", "Requests by what memory had: hit, miss, or bypass where it was not asked.", ("result",)
)
PAGE_CACHE_BYTES = Family("inkhorn_page_cache_bytes", "gauge", "Bytes of finished pages kept in memory, over all processes.")
STATEMENTS = Family("inkhorn_statements_total", "counter", "Statements that the database was asked, by endpoint or job.", ("where",))
STATEMENT_SECONDS = Family("inkhorn_statement_seconds_total", "counter", "Seconds spent on them, reading of rows included.", ("where",))
SLOW_STATEMENTS = Family("inkhorn_slow_statements_total", "counter", "Statements that took longer than slow_query_ms.")
CONNECTIONS = Family("inkhorn_database_connections", "gauge", "Connections to the database that are open, over all processes.")
CONNECTIONS_IN_USE = Family("inkhorn_database_connections_in_use", "gauge", "Connections to the database that work just now.")
ACTS = Family(
    "inkhorn_acts_total", "counter", "What was done and noted in the audit log, refused sign-ins and uploads among it.", ("action",)
)
JOBS_DONE = Family("inkhorn_jobs_done_total", "counter", "Jobs that ended, by how: done or failed.", ("task", "outcome"))
JOB_SECONDS = Family("inkhorn_job_seconds_total", "counter", "Seconds spent on jobs.", ("task",))
PROCESS = Family("inkhorn_processes", "gauge", "Processes that work, by what they are for.", ("role",))
KEPT_BY_PROCESSES = _named(
    REQUESTS,
    REQUEST_SECONDS,
    PAGE_CACHE,
    PAGE_CACHE_BYTES,
    STATEMENTS,
    STATEMENT_SECONDS,
    SLOW_STATEMENTS,
    CONNECTIONS,
    CONNECTIONS_IN_USE,
    ACTS,
    JOBS_DONE,
    JOB_SECONDS,
    PROCESS,
)

# Looked at when somebody asks.
MEMORY = Family("inkhorn_memory_bytes", "gauge", "Memory of the processes that work; what several share is counted once.", ("role",))
VERSION = Family("inkhorn_version", "gauge", "Always 1; the label says which version runs.", ("version",))
DATABASE_UP = Family("inkhorn_database_up", "gauge", "1 while the database answers; where it is 0, what only it knows is not told.")
JOBS = Family("inkhorn_jobs", "gauge", "Jobs that are waiting for their hour, due, running, or dead (set aside).", ("state",))
JOB_LAG = Family("inkhorn_job_lag_seconds", "gauge", "How long the longest waiting due job has been due.")
TIMETABLE_SILENCE = Family(
    "inkhorn_timetable_silence_seconds",
    "gauge",
    "Seconds since the runner last put a job of the timetable in the queue; left out where none ever did.",
)
LETTERS = Family("inkhorn_letters", "gauge", "Letters by how far they came; those that are done are left out.", ("state",))
LETTER_LAG = Family("inkhorn_letter_lag_seconds", "gauge", "How long the longest waiting letter has been due.")
SESSIONS = Family("inkhorn_sessions", "gauge", "Browsers that are signed in and were seen in the last thirty days.")
UPLOADS = Family("inkhorn_uploads_under_way", "gauge", "Large files that are being sent in parts.")
DISK_FREE = Family("inkhorn_disk_free_bytes", "gauge", "Room that is left under the data folder.")
LOOKED_AT = _named(
    MEMORY,
    VERSION,
    DATABASE_UP,
    JOBS,
    JOB_LAG,
    TIMETABLE_SILENCE,
    LETTERS,
    LETTER_LAG,
    SESSIONS,
    UPLOADS,
    DISK_FREE,
)

FAMILIES = KEPT_BY_PROCESSES | LOOKED_AT
