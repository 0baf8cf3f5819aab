"""`inkhorn media`: see what is kept, look whether every file is there, tidy up."""

import json

import click

from inkhorn.core import clock
from inkhorn.core.access import House, open_to, operator
from inkhorn.core.asking import confirm
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.storage import storage
from inkhorn.media import services
from inkhorn.media.models import Kind
from inkhorn.media.queries import SORTS, Wanted, library
from inkhorn.media.services.checking import missing_files
from inkhorn.media.services.sweeping import GRACE, look_for_orphans

MOST_LISTED = 1000


@click.group()
def media() -> None:
    """See, check and tidy up uploads."""


@media.command("list")
@click.option("--kind", type=click.Choice([each.value for each in Kind]), help="Only pictures, sound or files.")
@click.option("--unused", is_flag=True, help="Only what nothing shows.")
@click.option("--sort", type=click.Choice(SORTS), default="newest", show_default=True, help="In which order.")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=50, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@open_to(operator)
def list_media(*, kind: str | None, unused: bool, sort: str, limit: int, as_json: bool) -> None:
    """List uploads, the newest first."""
    wanted = Wanted(kind=Kind(kind) if kind else None, is_unused=unused, sort=sort)
    found = session().scalars(library(wanted).limit(limit)).all()
    if as_json:
        told = [
            {
                "id": each.id,
                "name": each.filename,
                "path": each.path,
                "type": each.content_type,
                "bytes": each.size_bytes,
                "reach": each.reach,
            }
            for each in found
        ]
        click.echo(json.dumps(told, indent=2))
        return
    for each in found:
        click.echo(f"{each.id:>6}  {each.size_bytes:>12,}  {each.content_type:<16}  {each.path}  {each.filename}")


@media.command("sweep")
@click.option("--any-number", is_flag=True, help="Also where so many files would go that an older database may have been put back.")
@open_to(operator)
def sweep_media(*, any_number: bool) -> None:
    """Delete files that no upload speaks of and what was left half-way, both older than a day."""
    swept = services.sweep_leftovers()
    with transaction():
        swept += services.sweep_uploads()
    found = services.find_orphans(is_any_number=any_number)
    with transaction():
        mark = services.count_sweep(found.own)
    swept += services.delete_orphans(found, mark)
    click.echo(f"{swept} files removed.")


@media.command("claim")
@click.option("--yes", is_flag=True, help="Do not ask.")
@open_to(operator)
def claim_store(*, yes: bool) -> None:
    """Make the store of uploads this site's own, as after putting back an older database: what it knows nothing of is swept from then on."""
    store = storage()
    found = look_for_orphans(store, None, clock.now() - GRACE)
    click.echo(f"{found.looked} files are there; {found.number} of them belong to no upload of this site and will be swept away.")
    if not yes:
        confirm("Is this store this site's alone?")
    with transaction():
        mark = services.claim_store(by=House())
    services.put_mark(store, mark)
    click.echo("The store is this site's own now.")


@media.command("check")
@click.option("--json", "as_json", is_flag=True, help="As one JSON document.")
@open_to(operator)
def check_media(*, as_json: bool) -> None:
    """Look whether the file of every upload is there and as large as it was; refuses where one is not."""
    looked, missing = missing_files()
    if as_json:
        click.echo(json.dumps({"looked_at": looked, "missing": missing}, indent=2))
    else:
        for key in missing:
            click.echo(key)
    if missing:
        raise InkhornError(f"{len(missing)} of {looked} files are not there or are not whole. Copy them back, or upload them anew.")
    if not as_json:
        click.echo(f"All {looked} files are there.")


GROUPS = (media,)
