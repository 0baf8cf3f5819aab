"""What the classifier learns of the moderators' decisions, kept as counts; a decision that is taken back is unlearnt."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, case, delete, func, select

from inkhorn.comments.models import Comment, Feature
from inkhorn.comments.spam.features import features_of, writer_features
from inkhorn.comments.spam.scoring import Taught
from inkhorn.core import clock
from inkhorn.core.database import insert_into, session

Lesson = Literal["spam", "ham"]
# The row that counts comments and not one of their features.
EVERYTHING = ""
# Of what occurred once: most words, names and pairs never come again, and would fill the table.
REMEMBERED = timedelta(days=180)


def learn(comment: Comment, lesson: Lesson | None) -> None:
    """Remember the comment as one of these, or as neither; what it was learnt as before is forgotten."""
    if comment.learnt_as == lesson:
        return
    features = [EVERYTHING, *sorted(features_of_comment(comment))]
    spam = (lesson == "spam") - (comment.learnt_as == "spam")
    ham = (lesson == "ham") - (comment.learnt_as == "ham")
    now = clock.now()
    rows = [{"feature": feature, "spam": max(spam, 0), "ham": max(ham, 0), "seen_at": now} for feature in features]
    # In one order for all, so that no two moderators wait for each other. An edit since may leave counts behind, never less than none.
    made = insert_into(Feature).values(rows)
    counted = {"spam": _never_less_than_none(Feature.spam + spam), "ham": _never_less_than_none(Feature.ham + ham), "seen_at": now}
    session().execute(made.on_conflict_do_update(index_elements=[Feature.feature], set_=counted))
    if spam < 0 or ham < 0:
        session().execute(delete(Feature).where(Feature.feature.in_(features), Feature.spam == 0, Feature.ham == 0))
    comment.learnt_as = lesson
    session().flush()


def forget_rare(*, at_most: int) -> int:
    """Forget so many of the features that occurred in one comment, and not again for half a year; how many they were."""
    is_rare = (Feature.seen_at < clock.now() - REMEMBERED, Feature.spam + Feature.ham <= 1, Feature.feature != EVERYTHING)
    # What somebody is learning of at this moment is left for another day, so that neither waits for the other.
    asked = select(Feature.feature).where(*is_rare).order_by(Feature.seen_at).limit(at_most).with_for_update(skip_locked=True)
    rare = session().scalars(asked).all()
    session().execute(delete(Feature).where(Feature.feature.in_(rare)))
    return len(rare)


def rename_in_lessons(whose: ColumnElement[bool], name: str) -> None:
    """What was learnt of the comments of somebody who gets another name, or none: as if it had been learnt under that, so that it can be unlearnt."""
    counted = select(Comment.name, Comment.learnt_as, func.count()).where(whose, Comment.learnt_as.is_not(None), Comment.name != name)
    changes: Counter[tuple[str, Lesson]] = Counter()
    for before, learnt_as, many in session().execute(counted.group_by(Comment.name, Comment.learnt_as)):
        lesson: Lesson = "spam" if learnt_as == "spam" else "ham"
        changes.update({(feature, lesson): many for feature in writer_features(name)})
        changes.subtract({(feature, lesson): many for feature in writer_features(before)})
    for (feature, lesson), change in sorted(changes.items()):
        if change:
            _count_more(feature, lesson, change)


def features_of_comment(comment: Comment) -> frozenset[str]:
    """By these it is learnt, judged and unlearnt. An account's address is none of them: it changes, and what was learnt of the old one would stay."""
    email = comment.guest.email if comment.guest is not None else ""
    return features_of(comment.body, name=comment.name, email=email, website=comment.website or "")


def email_of(comment: Comment) -> str:
    """The address of whoever wrote it, for moderators and the classifier; "" where none is known."""
    if comment.guest is not None:
        return comment.guest.email
    return (comment.user.email or "") if comment.user is not None else ""


def taught_about(features: Iterable[str]) -> Taught:
    """What is known of these features, by one query."""
    asked = select(Feature.feature, Feature.spam, Feature.ham).where(Feature.feature.in_([EVERYTHING, *features]))
    seen = {feature: (spam, ham) for feature, spam, ham in session().execute(asked)}
    spam, ham = seen.pop(EVERYTHING, (0, 0))
    return Taught(spam=spam, ham=ham, seen=seen)


def _count_more(feature: str, lesson: Lesson, change: int) -> None:
    counts = {"spam": Feature.spam, "ham": Feature.ham}
    made = insert_into(Feature).values(feature=feature, seen_at=clock.now(), **(dict.fromkeys(counts, 0) | {lesson: max(change, 0)}))
    told = {lesson: _never_less_than_none(counts[lesson] + change)}
    session().execute(made.on_conflict_do_update(index_elements=[Feature.feature], set_=told))
    if change < 0:
        session().execute(delete(Feature).where(Feature.feature == feature, Feature.spam == 0, Feature.ham == 0))


def _never_less_than_none(count: ColumnElement[int]) -> ColumnElement[int]:
    return case((count < 0, 0), else_=count)
