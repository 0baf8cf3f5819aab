"""What the doctor says of a replica, and which settings of one are refused."""

import pytest

from inkhorn.core.config import ConfigError
from inkhorn.core.doctor import look_at_replica
from tests.conftest import config_for
from tests.core.replicas import running_pair
from tests.servers import running_postgres, running_standby

pytestmark = pytest.mark.slow


def test_the_doctor_tells_how_far_behind_it_is_and_whether_it_is_one(tmp_path):
    with running_pair() as pair:

        def news(replica_url: str) -> str:
            return look_at_replica(config_for(tmp_path, database_url=pair[0], replica_url=replica_url)).news

        assert "bytes of changes behind" in news(pair[1])
        assert news(pair[0]) == "it follows no database"
        with running_postgres() as elsewhere, running_standby(elsewhere) as other:
            assert news(other.address) == "it follows another database"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"replica_url": "mysql://x/y", "database_url": "postgresql://a/b"}, "replica_url must begin with postgresql://"),
        ({"replica_url": "postgresql://a/b"}, "database_url is no PostgreSQL"),
    ],
)
def test_a_replica_that_cannot_be_is_refused(tmp_path, told, words):
    with pytest.raises(ConfigError, match=words):
        config_for(tmp_path, **told)
