"""What leaves an entry when somebody goes: the account is closed, kept after all or ended, and what was theirs finds its way."""

from inkhorn.accounts.models import Purpose, User
from inkhorn.accounts.services import closing
from inkhorn.accounts.services.tokens import issue_token, token_of
from inkhorn.core import clock
from inkhorn.core.access import House
from inkhorn.core.database import transaction
from inkhorn.posts.services.leaving import hand_over_posts
from tests.accounts.guests import HERE
from tests.audit.stage import Act, Deed, Stage
from tests.factories.posts import make_post


def _closed_wren(stage: Stage) -> User:
    wren = stage.cast.wren.user
    with transaction():
        closing.close_account(wren, heir_id=None, by=House())
    return wren


def _reopen(stage: Stage) -> Deed:
    wren = _closed_wren(stage)
    with transaction():
        secret = issue_token(Purpose.REOPEN, user=wren).secret

    def reopen() -> None:
        with transaction():
            closing.reopen_account(token_of(secret, Purpose.REOPEN), HERE)

    return reopen


def _end(stage: Stage) -> Deed:
    wren = _closed_wren(stage)
    with transaction():
        wren.closes_at = clock.now()

    def end() -> None:
        with transaction():
            assert closing.end_account(wren.id)

    return end


def _hand_over(stage: Stage) -> Deed:
    wren, emil = stage.cast.wren, stage.cast.emil
    make_post(by=wren)
    make_post(by=wren)

    def hand_over() -> None:
        with transaction():
            hand_over_posts(wren.user, emil.user)

    return hand_over


ACTS: dict[str, Act] = {
    "accounts.closing": lambda stage: stage.presses("wren", "/account/close"),
    "accounts.reopened": _reopen,
    "accounts.closed": _end,
    "posts.handed_over": _hand_over,
}
