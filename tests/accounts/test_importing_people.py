"""Taking people in from a CSV file: with the passwords they have elsewhere, line by line, again and again."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from inkhorn.accounts.commands import user
from inkhorn.accounts.models import Invitation, User
from inkhorn.accounts.queries import user_by_email
from inkhorn.core.database import session
from tests.accounts.guests import noted
from tests.factories.accounts import PASSWORD, make_user

# The first two are published with the programs that make them (phpass and crypt_blowfish), the others made as Ghost and WordPress make them.
HASHES = {
    "phpass": ("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"),
    "crypt_blowfish": ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
    "phpass of WordPress": ("$P$6pHeVdlntNdATivq62GpYIO26FZPxq.", PASSWORD),
    "bcrypt of Ghost": ("$2a$10$uvC3tph7zmdTPYaN3s.vqOIeud.LSPplRAR6Gc7nXprxDxtYkxNfa", PASSWORD),
    "bcrypt of later Ghosts": ("$2b$10$Mk8BG13sAAJD02ZcxVSC7OY73yIC9kDzt/vmG9/DpYbTAaOjWWda.", PASSWORD),
    "bcrypt of WordPress 6.8": ("$wp$2y$10$BYy0DWIpmpyV17L/B5NiBeFzupGnI6qbBZP6sYZ8UM7bUlBPL0SYa", PASSWORD),
}


@pytest.fixture
def run(database, tmp_path):
    """Imports a list, given as text or bytes."""

    def imported(text, *words):
        file = tmp_path / "people.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return CliRunner().invoke(user, ["import", str(file), *words])

    return imported


def people() -> list[tuple[str, str, str]]:
    return [(each.email, each.name, each.role.name) for each in session().scalars(select(User).order_by(User.id))]


@pytest.mark.usefixtures("true_hashes")
@pytest.mark.parametrize("kind", HASHES)
def test_a_password_from_elsewhere_is_accepted_once_and_hashed_anew(run, client, kind):
    kept, password = HASHES[kind]
    done = run(f"email,name,role,password_hash\nida@example.org,Ida,author,{kept}\n")
    assert (done.exit_code, done.output) == (0, "1 taken in, 0 invited, 0 here already, 0 refused.\n")
    assert user_by_email("ida@example.org").password == kept
    wrong = client.post("/sign-in", data={"email": "ida@example.org", "password": password + "x"})
    assert (wrong.status_code, user_by_email("ida@example.org").password) == (422, kept)
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": password}).status_code == 303
    session().expire_all()
    assert user_by_email("ida@example.org").password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": password}).status_code == 303


LIST = """\
email,name,role,password_hash
ida@example.org,Ida Reed,editor,
nonsense,Nobody,,
bo@example.org,,,
king@example.org,King,king,
own@example.org,Own,owner,
md5@example.org,Md,,5f4dcc3b5aa765d61d8327deb882cf99
argon@example.org,Ar,,$argon2id$v=19$m=19456,t=2,p=1$x$y
here@example.org,Here,,
IDA@example.org,Ida Again,,
"""


def test_what_can_be_is_taken_in_and_each_line_that_cannot_is_named(run):
    make_user(email="here@example.org", name="Here")
    done = run(LIST)
    assert done.exit_code == 1
    assert people() == [
        ("here@example.org", "Here", "author"),
        ("ida@example.org", "Ida Reed", "editor"),
        ("bo@example.org", "bo", "member"),
    ]
    assert "2 taken in, 0 invited, 2 here already, 5 refused." in done.output
    for said in (
        "line 3, nonsense: Enter an address",
        "line 5, king@example.org: There is no role",
        "line 6, own@example.org: The owner",
        "line 7, md5@example.org: The password hash",
        "line 8",
    ):
        assert said in done.output


def test_it_is_safe_to_run_again(run):
    run(LIST)
    before = people()
    done = run(LIST)
    assert people() == before
    assert "0 taken in, 0 invited, 4 here already, 5 refused." in done.output
    assert noted("accounts.created") == ["accounts.created"] * len(before)


def test_a_dry_run_says_the_same_and_changes_nothing(run):
    told = json.loads(run(LIST, "--dry-run", "--json").stdout)
    assert (told["taken"], told["already_here"], len(told["refused"]), told["dry_run"]) == (3, 1, 5, True)
    assert people() == []
    assert json.loads(run(LIST, "--json").stdout)["taken"] == 3


def test_who_has_no_password_is_invited_instead_if_that_is_wanted(run):
    kept = HASHES["phpass"][0]
    text = f"email,name,role,password_hash\nida@example.org,Ida,author,{kept}\nbo@example.org,Bo,,\n"
    assert "1 taken in, 1 invited, 0 here already" in run(text, "--invite").output
    assert [(each.email, each.role.name) for each in session().scalars(select(Invitation))] == [("bo@example.org", "member")]
    assert "0 taken in, 0 invited, 2 here already" in run(text, "--invite").output
    assert session().scalar(select(func.count()).select_from(Invitation)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [("Zoë,zoe@example.org".encode("latin-1"), "not text in UTF-8"), (b"PK\x03\x04\x00", "not text")],
)
def test_a_file_that_is_no_list_takes_nobody_in(run, content, said):
    done = run(content)
    assert done.exit_code == 1
    assert said in str(done.exception)
    assert people() == []


def test_an_empty_list_is_no_mistake(run):
    assert run("email,name\n").output == "0 taken in, 0 invited, 0 here already, 0 refused.\n"


def test_formulas_stay_words(run):
    run('email,name\nida@example.org,"=HYPERLINK(""https://evil.example"")"\n=1+1,x\n')
    assert people() == [("ida@example.org", '=HYPERLINK("https://evil.example")', "member")]


@pytest.mark.slow
def test_a_thousand_people_are_taken_in(run):
    done = run("email,name\n" + "".join(f"p{number}@example.org,Person {number}\n" for number in range(1_000)))
    assert "1000 taken in" in done.output
    assert session().scalar(select(func.count()).select_from(User)) == 1_000
