"""The classifier and the signs together: what they catch, what they leave, and what they say about it."""

from collections import Counter

import pytest

from inkhorn.comments.spam.features import features_of
from inkhorn.comments.spam.scoring import Score, Taught, score
from inkhorn.comments.spam.verdicts import Rules, Submission, Verdict, judge
from tests.comments.labelled import Labelled, labelled_set

OPEN = Rules(holds_first=False)


def features(came: Submission) -> frozenset[str]:
    return features_of(came.text, name=came.name, email=came.email, website=came.website)


def taught_by(some: list[Labelled]) -> Taught:
    spam, ham = Counter(), Counter()
    for each in some:
        (spam if each.is_spam else ham).update(features(each.came))
    seen = {feature: (spam[feature], ham[feature]) for feature in spam | ham}
    return Taught(spam=sum(each.is_spam for each in some), ham=sum(not each.is_spam for each in some), seen=seen)


def verdict_on(came: Submission, taught: Taught, rules: Rules = OPEN) -> Verdict:
    return judge(came, rules, score(features(came), taught))


@pytest.mark.parametrize("seed", range(6))
def test_taught_by_one_half_it_catches_the_spam_of_the_other_and_loses_nothing_else(seed):
    everything = labelled_set(400, seed=seed)
    taught = taught_by(everything[:400])
    rest = [(each, verdict_on(each.came, taught).outcome) for each in everything[400:]]
    caught = [outcome == "spam" for each, outcome in rest if each.is_spam]
    assert sum(caught) >= 0.95 * len(caught)
    assert [each.came.text for each, outcome in rest if not each.is_spam and outcome == "spam"] == []
    # Nor is much of it left waiting.
    assert sum(not each.is_spam and outcome == "waiting" for each, outcome in rest) <= 0.05 * len(rest)


def test_taught_little_it_learns_with_every_decision():
    everything = labelled_set(300, seed=11)
    caught = []
    for many in (0, 30, 300):
        taught = taught_by(everything[:many])
        caught.append(sum(verdict_on(each.came, taught).outcome == "spam" for each in everything[300:] if each.is_spam))
    assert caught[0] < caught[1] <= caught[2]


def test_untaught_it_condemns_nobody_for_their_words():
    assert score(features_of("casino casino casino"), Taught()) == Score()


@pytest.mark.parametrize(
    ("came", "outcome", "reason"),
    [
        ({"text": "Hello there."}, "approved", ""),
        ({"text": "See http://a.test and http://b.test and c-d.shop"}, "waiting", "3 links"),
        ({"text": "AN ANGRY COMMENT ABOUT THE FERRY"}, "waiting", "Mostly capitals"),
        ({"text": "nice post", "spam_from_there": 14}, "waiting", "Same address as 14 spam comments"),
        ({"text": "nice post", "repeats": 2}, "waiting", "Same words as 2 other comments"),
        (
            {"text": "nice post", "spam_from_there": 14, "repeats": 3},
            "spam",
            "Same address as 14 spam comments; Same words as 3 other comments",
        ),
    ],
)
def test_each_sign_is_told_in_words(came, outcome, reason):
    told = judge(Submission(**came), OPEN, Score())
    assert (told.outcome, told.reason) == (outcome, reason)


def test_a_first_comment_is_held_where_the_settings_say_so():
    came = Submission(text="My first one.", is_first=True)
    assert judge(came, Rules(), Score()).reason == "First comment"
    assert judge(came, OPEN, Score()).outcome == "approved"


@pytest.mark.parametrize("text", ["Buy CASINO chips", "c a s i n o", "c4sin0 night", "ca\u200bsino", "саsinо"])
def test_a_listed_word_is_found_beneath_its_disguise(text):
    assert judge(Submission(text=text), Rules(held_words=("casino",), holds_first=False), Score()).reason == (
        "“casino” is on the list of words to hold"
    )


def test_a_listed_word_counts_whole_and_an_address_wherever_it_stands():
    rules = Rules(holds_first=False, refused_words=("ass", "bad.test"))
    assert judge(Submission(text="The class passed the assembly."), rules, Score()).outcome == "approved"
    assert judge(Submission(text="Look.", email="x@very.bad.test"), rules, Score()).outcome == "spam"


def test_the_reason_names_the_words_that_told():
    taught = taught_by(labelled_set(200, seed=3))
    told = verdict_on(Submission(text="Great post!!! Buy replica watches online http://win-now.test/?ref=2", name="free slots"), taught)
    assert told.outcome == "spam"
    assert told.reason.startswith("Reads like spam: ")
