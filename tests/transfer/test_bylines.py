"""Who wrote it, however the source says so."""

import pytest

from inkhorn.transfer.markdown.bylines import Person, people_in, people_in_sentence, sure_names_in


def names(value: object, known: dict[str, Person] | None = None) -> list[str]:
    return [person.name for person in people_in(value, known or {})]


def test_a_list_names_one_person_an_entry():
    assert names(["Ada Reed", "Ben, on behalf of the harbour"]) == ["Ada Reed", "Ben, on behalf of the harbour"]


def test_a_login_after_a_name_is_the_key():
    (person,) = people_in(["Ada Reed <areed>"], {})
    assert (person.name, person.as_author().key) == ("Ada Reed", "areed")


@pytest.mark.parametrize("written", ["Ada Reed <ada@example.org>", "Ada Reed (ada@example.org)"])
def test_an_address_after_a_name_is_kept(written: str):
    (person,) = people_in(written, {})
    assert (person.name, person.email) == ("Ada Reed", "ada@example.org")


def test_a_login_of_words_becomes_a_name():
    assert names(["ada-reed", "benw"]) == ["Ada Reed", "benw"]


def test_a_table_names_a_person():
    (person,) = people_in({"login": "areed", "display_name": "Ada Reed", "email": "", "website": "https://example.org"}, {})
    assert (person.name, person.login, person.email, person.website) == ("Ada Reed", "areed", None, "https://example.org")


def test_author_data_says_more_about_a_login():
    assert names("areed", {"areed": Person("Ada Reed", login="areed")}) == ["Ada Reed"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ada Reed ([@ada](https://example.org/ada)), keeper of tides", ["Ada Reed"]),
        ("[Ada Reed](https://example.org/ada), Chief Tide Reader", ["Ada Reed"]),
        ("Ada Reed, Harbour Engineer", ["Ada Reed"]),
        ("the harbour team, Boat Enthusiasts", ["the harbour team"]),
        ("the night watch: Ada Reed, Ben Wolf, and Cy de la Mer", ["Ada Reed", "Ben Wolf", "Cy de la Mer"]),
        ("keepers of the light Ada Reed and Ben Wolf — good sleepers", ["Ada Reed", "Ben Wolf"]),
    ],
)
def test_a_sentence_names_people_and_leaves_their_titles(sentence: str, expected: list[str]):
    met = ["Ben Wolf", "Cy de la Mer"]
    assert [person.name for person in people_in_sentence(sentence, names=met)[0]] == expected


def test_marks_tell_names_from_titles():
    people, rest = people_in_sentence("Ada Reed, Bär Öl, Harbour Master", marks=["ada-reed", "baer-oel"])
    assert [person.name for person in people] == ["Ada Reed", "Bär Öl"]
    assert rest == "Harbour Master"


def test_a_link_in_a_sentence_is_the_persons_website():
    (person,), _ = people_in_sentence("Ada Reed ([@ada](https://example.org/ada))")
    assert person.website == "https://example.org/ada"


def test_a_link_to_something_else_is_nobody():
    assert sure_names_in("Ada Reed, author of [the book](/book)") == []
