"""Lists by title, name and date come out of an index, so that none is sorted whole for one page."""

import pytest

from tests.plans import plans

ORDERS = {
    "posts": ("published_at", "updated_at", "title"),
    "series": ("title",),
    "tags": ("name",),
    "authors": ("name",),
    "albums": ("published_at",),
    "shows": ("published_at",),
    "episodes": ("published_at",),
    "comments": ("created_at",),
}


@pytest.mark.parametrize(
    ("what", "order"), [(what, f"{sign}{order}") for what, orders in ORDERS.items() for order in orders for sign in ("", "-")]
)
def test_no_public_list_is_sorted_whole(client, what, order):
    with plans() as steps:
        answer = client.get(f"/api/v1/{what}?sort={order}")
    assert answer.status_code == 200, answer.text
    assert [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step] == []
