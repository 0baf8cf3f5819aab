"""Marks of other programs: known ones become Markdown, unknown ones stay and are named."""

from inkhorn.transfer.markdown.liquid import Setting, translate_liquid
from inkhorn.transfer.markdown.mending import mend, opening_of
from inkhorn.transfer.markdown.shortcodes import translate_hugo, translate_zola


def hugo(text: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    return translate_hugo(text, kept.append), kept


def liquid(text: str, **names: str) -> tuple[str, list[str]]:
    kept: list[str] = []
    return translate_liquid(text, Setting(names={key.replace("_", "."): value for key, value in names.items()}), kept.append), kept


def test_a_hugo_figure_becomes_a_captioned_picture():
    text = '{{< figure\n  src="sea.jpg"\n  alt="The sea"\n  caption="At \\"high\\" tide"\n>}}'
    assert hugo(text) == ('![The sea](sea.jpg "At \\"high\\" tide")', [])


def test_a_hugo_film_becomes_a_link():
    assert hugo('{{< youtube "abc123def45" >}}')[0] == "<https://www.youtube.com/watch?v=abc123def45>"


def test_an_unknown_hugo_shortcode_stays_and_is_named():
    text = '{{< tidetable harbour="north" >}}\nrows\n{{< /tidetable >}}'
    assert hugo(text) == (text, ["tidetable"])


def test_shortcodes_in_code_are_left_alone():
    text = "```\n{{< figure src=a.jpg >}}\n```\n\nand `{{< figure src=a.jpg >}}`"
    assert hugo(text) == (text, [])


def test_hugo_highlighting_becomes_a_fence():
    assert hugo("{{< highlight go >}}\nx := 1\n{{< /highlight >}}")[0] == "```go\nx := 1\n```"


def test_zola_marks_become_markdown():
    kept: list[str] = []
    text = '{{ youtube(id="abc123def45") }} {% quote(author="Ada") %}Deep.{% end %} {{ closure }} {{ tide(of="noon") }}'
    made = translate_zola(text, kept.append)
    assert made == '<https://www.youtube.com/watch?v=abc123def45> > Deep.\n>\n> — Ada {{ closure }} {{ tide(of="noon") }}'
    assert kept == ["tide"]


def test_liquid_pictures_and_addresses_become_markdown():
    text = '{% image "assets/sea.jpg" "The [sea]" %} [more]({{ "/tides/" | url }}) [x]({{ site.baseurl }}/x)'
    assert liquid(text, site_baseurl="") == ("![The \\[sea\\]](/assets/sea.jpg) [more](/tides/) [x](/x)", [])


def test_liquid_includes_of_pictures_become_pictures():
    assert liquid('{% include figure.html src="/sea.jpg" alt="Sea" caption="Noon" %}')[0] == '![Sea](/sea.jpg "Noon")'


def test_raw_shelters_what_it_holds():
    assert liquid("{% raw %}{{ secret }} {% for %}{% endraw %}") == ("{{ secret }} {% for %}", [])


def test_unknown_liquid_stays_and_is_named():
    text = '{% tidetable %} {{ "ada" | team_photo }}'
    assert liquid(text) == (text, ["tidetable", "team_photo"])


def test_liquid_highlighting_becomes_a_fence():
    assert liquid("{% highlight ruby %}\nputs 1\n{% endhighlight %}")[0] == "```ruby\nputs 1\n```"


def test_an_embedded_film_becomes_a_link():
    assert liquid('{{ "https://www.youtube-nocookie.com/embed/abc123def45" | embed: "High tide" }}')[0] == (
        "[High tide](https://www.youtube.com/watch?v=abc123def45)"
    )


def test_markdown_in_html_gets_room_to_be_read():
    assert mend('<div markdown="1" class="a">\n  ![Sea](sea.jpg)\n</div>\nAfter.') == '<div class="a">\n\n![Sea](sea.jpg)\n\n</div>\nAfter.'


def test_html_marked_within_html_keeps_its_nesting():
    made = mend('<aside markdown="1">\nOne\n<div>in</div>\n<p markdown="1">*Two*</p>\n</aside>')
    assert made.count("</aside>") == 1
    assert "<div>\n\n*Two*\n\n</div>" in made


def test_a_picture_whose_name_has_blanks_is_one():
    assert mend("![Logo](A - Logo.png) and `![x](A - b.png)`") == "![Logo](<A - Logo.png>) and `![x](A - b.png)`"


def test_the_opening_is_what_stands_above_the_mark():
    assert opening_of("First words.\n\n<!-- more -->\n\nRest.") == "First words."
    assert mend("First words.\n\n<!-- more -->\n\nRest.") == "First words.\n\n\nRest."
