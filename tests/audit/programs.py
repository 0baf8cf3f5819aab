"""What leaves an entry about programs: keys made, used and ended, programs signed in and out, tokens shown twice."""

from inkhorn.accounts.models import ApiKey
from inkhorn.core.database import session
from tests.accounts.programs.asking import asks, make_key, pair, refresh
from tests.audit.stage import Act, Deed, Stage
from tests.factories.accounts import PASSWORD, make_user


def _use(stage: Stage) -> Deed:
    key = make_key(stage.cast.wren).text
    return lambda: asks(stage.app, key)


def _end(stage: Stage) -> Deed:
    make_key(stage.cast.wren)
    return stage.presses("wren", f"/account/keys/{session().query(ApiKey).one().id}/revoke")


def _signs_in(stage: Stage) -> Deed:
    ida = make_user(password=PASSWORD)
    return lambda: pair(stage.app.test_client(), ida)


def _signs_out(stage: Stage) -> Deed:
    client = stage.app.test_client()
    told = pair(client, make_user(password=PASSWORD))
    return lambda: client.post("/api/v1/tokens/revoke", json={"refresh_token": told["refresh_token"]})


def _shows_twice(stage: Stage) -> Deed:
    client = stage.app.test_client()
    told = pair(client, make_user(password=PASSWORD))
    refresh(client, told["refresh_token"])
    return lambda: refresh(client, told["refresh_token"])


ACTS: dict[str, Act] = {
    "accounts.key_made": lambda stage: stage.presses("wren", "/account/keys", name="Script", permissions="posts.write", life="90"),
    "accounts.key_first_used": _use,
    "accounts.key_revoked": _end,
    "accounts.program_signed_in": _signs_in,
    "accounts.program_signed_out": _signs_out,
    "accounts.refresh_reused": _shows_twice,
}
