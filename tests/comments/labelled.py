"""Comments with labels, made of a small grammar: what people write under posts about boats, bread and code, and what sellers write."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from inkhorn.comments.spam.verdicts import Submission


@dataclass(frozen=True)
class Labelled:
    came: Submission
    is_spam: bool


SUBJECTS = (
    "the tide tables", "that long splice", "your sourdough", "the lamp room", "the parish minutes", "the old ferry", "rye flour", "the compiler",
    "the index on dates", "my grandfather’s boat", "the second photograph", "the harbour master", "the footnote", "the test suite", "the estuary",
)  # fmt: skip
OPINIONS = (
    "is better than the one I learnt", "reminds me of a winter in Skerrow", "has one mistake I think", "made me laugh out loud",
    "does not work on my machine", "took me three evenings", "is what I had been looking for", "deserves a post of its own",
    "was explained to me quite differently", "looks left-handed to me", "needs more salt than you say",
)  # fmt: skip
ASIDES = (
    "Thank you for writing this.", "I tried it twice.", "Does anybody else remember?", "My sister disagrees.", "Not a thing to correct otherwise.",
    "Could you say more about the rope?", "I will come back to this in spring.", "There is a typo in the third paragraph.", "We used to do it with tar.",
    "Sorry for the long comment.", "Greetings from the other shore.", "The link in the text is dead, by the way.",
)  # fmt: skip
SHORT = (
    "Thanks!", "Lovely.", "Ha! Same here.", "I did not know that.", "+1", "Agreed, and well said.", "Danke, sehr schön erklärt.", "これは面白いですね。",
    "Merci pour ce texte.", "Прекрасный текст, спасибо.", "First paragraph: yes. Second: no.",
)  # fmt: skip
# What a careless filter would lose.
TRICKY = (
    "Thanks for sharing, great post! I bookmarked the part about the splice and sent it to my brother.",
    "Very informative, and I really like the drawing. One link for the curious: https://knots.test/long-splice",
    "My uncle lost his boat at a casino in Ostend. Best story in the family, and free of charge.",
    "I WROTE THIS WHOLE COMMENT WITH CAPS LOCK ON AND NOTICED ONLY NOW. The splice is right though.",
    "The pharmacy on the quay sold cheap rope until 1950, my grandfather bought all of his there.",
    "Here is the manual page about the index: https://docs.harbour.test/index/dates. It says the same as you.",
    "Is it normal that the dough is still sticky? I followed your price list for flour and bought the cheap one.",
    "You won the argument, I admit. The bonus question: who rang the bell on the old ferry?",
    "For the replica we paid a loan back for ten years. No money in boats, only love.",
    "See https://archive.skerrow.test/1911/minutes, page four. The minutes say the ferry was late, not early.",
)
NAMES = ("Orla Brankovic", "Dag Fennimore", "T. Okafor", "wenche", "Ruth", "Пётр", "Ines A.", "old salt", "J-P", "Hanako", "m4rten")
HOMES = ("post.test", "harbour.test", "uni.test", "letterbox.test")

GOODS = (
    "casino",
    "viagra",
    "replica watches",
    "payday loans",
    "seo services",
    "crypto signals",
    "forex robot",
    "essay writing",
    "cialis",
    "slots",
)
PRAISE = (
    "Great post!!!", "Nice article dear.", "I really like your blog.", "Very informative information.", "Thanks for sharing such a valuable content.",
    "Wow, this paragraph is pleasant.", "I am really thankful to the owner of this web site.", "Excellent read, keep up the good work admin.",
)  # fmt: skip
PITCH = (
    "Best {goods} prices at {link}", "Visit {link} for {goods} with bonus", "Buy {goods} online cheap no prescription {link}",
    "Earn $5000 weekly with {goods}, click {link}", "{goods} discount 80% {link} {link}", "Check my site {link} about {goods}",
    "[url={link}]{goods}[/url]", '<a href="{link}">{goods}</a> free trial', "Hottest {goods} of the year, contact whatsapp or {link}",
)  # fmt: skip
HOST_PARTS = ("best", "anchor", "win", "rx", "rank", "quick", "slot", "king", "deal", "cash", "top", "harbour", "blue", "nova", "prime")
PURE_PRAISE = (
    "nice post. i too am reading your blog every day",
    "this is my first time visit at here and i am genuinely happy to read everthing at alone place",
    "your means of describing everything in this paragraph is in fact good, keep it up admin",
    "i will bookmark your weblog and check again here frequently, good luck for the next",
    "hi there, this web site is really pleasant and the users are genuinely sharing good thoughts",
)
SELLERS = ("cheap {goods}", "{goods} 4 u", "free {goods}", "Admin {goods}", "best{goods}shop", *NAMES)
# Sellers have the same mailboxes as everybody, and one more.
MAILBOXES = (*HOMES, "throwaway.test")
DISGUISES: tuple[Callable[[str], str], ...] = (
    lambda word: word,
    lambda word: word.upper(),
    lambda word: word.replace("a", "4").replace("i", "1").replace("o", "0"),
    " ".join,
    lambda word: word.replace("a", "а").replace("o", "о").replace("e", "е").replace("c", "с"),
    "\u200b".join,
    lambda word: "".join(chr(ord(each) + 0xFEE0) if each.isalpha() else each for each in word),
)


def ham(chance: random.Random) -> Submission:
    kind = chance.random()
    if kind < 0.12:
        text = chance.choice(SHORT)
    elif kind < 0.27:
        text = f"{chance.choice(TRICKY)} {chance.choice(ASIDES) if chance.random() < 0.5 else ''}".strip()
    else:
        said = [f"{chance.choice(SUBJECTS)} {chance.choice(OPINIONS)}.".capitalize() for _ in range(chance.randint(1, 3))]
        text = " ".join(chance.sample([*said, *chance.sample(ASIDES, chance.randint(0, 3))], k=len(said)))
    name, home = chance.choice(NAMES), chance.choice(HOMES)
    # Stood for the pace of writing; still drawn, so that a seed makes the set that it always made.
    chance.random()
    return Submission(text=text, name=name, email=f"{len(name)}@{home}")


def spam(chance: random.Random) -> Submission:
    goods = chance.choice(DISGUISES)(chance.choice(GOODS))
    # Another host nearly every time, as they do.
    link = f"http://{'-'.join(chance.sample(HOST_PARTS, 2))}{chance.randint(1, 99)}.test/?ref={chance.randint(1, 999)}"
    if chance.random() < 0.15:
        text = chance.choice(PURE_PRAISE)
    else:
        pitch = chance.choice(PITCH).format(goods=goods, link=link)
        text = f"{chance.choice(PRAISE)} {pitch}" if chance.random() < 0.6 else pitch
    name = chance.choice(SELLERS).format(goods=chance.choice(GOODS))
    email = f"{chance.randint(1, 9999)}@{chance.choice(MAILBOXES)}"
    chance.random()
    return Submission(text=text, name=name, email=email)


def labelled_set(many: int, *, seed: int) -> list[Labelled]:
    """So many of each kind, shuffled; the same for the same seed."""
    chance = random.Random(seed)
    made = [Labelled(ham(chance), is_spam=False) for _ in range(many)] + [Labelled(spam(chance), is_spam=True) for _ in range(many)]
    chance.shuffle(made)
    return made


__all__ = ["Labelled", "labelled_set"]
