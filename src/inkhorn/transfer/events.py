"""What has happened to whole sites."""

from blinker import signal

from inkhorn.core import audit

# Carries the report of what came.
site_imported = signal("site_imported")
# Sent with the user whose data somebody takes along.
own_data_taken = signal("own_data_taken")

AUDITED = audit.declare(
    {
        "transfer.imported": "imported a site",
        "transfer.own_data_taken": "downloaded the data of",
        "transfer.backed_up": "made a backup of the site",
        "transfer.restored": "restored the site from a backup",
    }
)
