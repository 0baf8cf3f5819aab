"""Images of a text: figures, galleries, and all their sizes where the house knows them."""

from collections.abc import Mapping, Sequence

from inkhorn.core.prose import Picture, PictureSource, render

BOAT = Picture(
    src="/media/boat.jpg",
    width=1600,
    height=900,
    alt="A boat",
    sources=(PictureSource("image/avif", "/media/boat-800.avif 800w"), PictureSource("image/jpeg", "/media/boat-800.jpg 800w")),
    sizes="(min-width: 40rem) 37rem, 100vw",
)


def boats(addresses: Sequence[str]) -> Mapping[str, Picture]:
    return {address: BOAT for address in addresses if "boat" in address}


def test_a_known_image_comes_in_all_its_sizes() -> None:
    html = render("![Ours](/boat.jpg)", resolve=boats).html
    assert '<picture><source type="image/avif" srcset="/media/boat-800.avif 800w" sizes="(min-width: 40rem) 37rem, 100vw">' in html
    assert '<img src="/media/boat.jpg" alt="Ours" width="1600" height="900" srcset="/media/boat-800.jpg 800w"' in html
    assert 'loading="lazy" decoding="async"></picture>' in html


def test_an_unknown_image_is_plain_and_lazy() -> None:
    assert render("![x](https://example.org/x.png)").html == (
        '<p><img src="https://example.org/x.png" alt="x" loading="lazy" decoding="async"></p>\n'
    )


def test_all_images_are_asked_for_at_once() -> None:
    asked: list[list[str]] = []

    def ask(addresses: Sequence[str]) -> Mapping[str, Picture]:
        asked.append(list(addresses))
        return {}

    render('![a](/a.png)\n\n<img src="/b.png">\n\n- ![c](/c.png "d")', resolve=ask)
    assert asked == [["/a.png", "/b.png", "/c.png"]]


def test_nobody_is_asked_about_a_text_without_images() -> None:
    def refuse(_addresses: Sequence[str]) -> Mapping[str, Picture]:
        raise AssertionError

    assert render("words", resolve=refuse).images == ()


def test_an_image_in_raw_html_is_known_as_well() -> None:
    html = render('<img src="/boat.jpg" width="3" onerror="x">', resolve=boats).html
    assert 'src="/media/boat.jpg" alt="A boat" width="1600"' in html


def test_a_title_becomes_the_caption() -> None:
    html = render('![x](/x.png "Slack *water*, by [Ann](/ann)"){.wide}').html
    assert html.startswith('<figure class="wide"><img src="/x.png"')
    assert '<figcaption>Slack <em>water</em>, by <a href="/ann">Ann</a></figcaption></figure>' in html


def test_several_images_are_a_gallery_in_rows() -> None:
    html = render("\n".join(f"![{n}](/boat-{n}.jpg)" for n in range(5)), resolve=boats).html
    assert html.startswith('<figure class="wide"><div class="gallery"><div class="gallery-row"><a class="ar-18" href="/media/boat.jpg">')
    assert html.count("gallery-row") == 2


def test_badges_are_no_gallery() -> None:
    assert "gallery" not in render("[![a](/a.svg)](https://a.example) [![b](/b.svg)](https://b.example)").html


def test_an_image_in_a_sentence_stays_in_it() -> None:
    assert render('Look ![x](/x.png "t") here').html.startswith("<p>Look <img")


def test_no_address_escapes_its_attribute() -> None:
    evil = Picture(
        src='/x"onerror="alert(1)', width=1, height=1, alt='"><script>', sources=(PictureSource("image/webp", '"><b>'),), sizes='"'
    )
    html = render("![](/boat.jpg)", resolve=lambda _: {"/boat.jpg": evil}).html
    assert "<script" not in html
    assert "<b>" not in html
    assert ' onerror="' not in html
