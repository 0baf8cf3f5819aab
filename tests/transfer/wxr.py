"""Writes small WordPress exports for tests."""

from pathlib import Path
from xml.sax.saxutils import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n<title>Harbour notes</title><link>https://harbour.example</link>'
    "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://harbour.example</wp:base_blog_url>\n"
)
TAIL = "</channel>\n</rss>\n"
AUTHOR = (
    "<wp:author><wp:author_login>ines</wp:author_login><wp:author_email>ines@harbour.example</wp:author_email>"
    "<wp:author_display_name><![CDATA[Inês Vale]]></wp:author_display_name></wp:author>\n"
)


def item(body: str = "", *, more: str = "", meta: dict[str, str] | None = None, **fields: str) -> str:
    """One item; fields are wp:* elements, with names such as post_id, and title, link, guid, creator as they are."""
    plain = {"title": "A post", "creator": "ines"}
    values = {
        "post_id": "7",
        "post_type": "post",
        "status": "publish",
        "post_name": "a-post",
        "post_date": "2020-05-01 14:00:00",
        "post_date_gmt": "2020-05-01 12:00:00",
    }
    for name, value in fields.items():
        (plain if name in ("title", "link", "guid", "creator", "pubDate") else values)[name] = value
    creator = plain.pop("creator")
    parts = [f"<{name}>{escape(value)}</{name}>" for name, value in plain.items()]
    parts += [f"<dc:creator><![CDATA[{creator}]]></dc:creator>"] if creator else []
    parts += [f"<wp:{name}>{escape(value)}</wp:{name}>" for name, value in values.items()]
    for key, value in (meta or {}).items():
        parts.append(f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>")
    parts.append(f"<content:encoded><![CDATA[{body}]]></content:encoded>{more}")
    return f"<item>{''.join(parts)}</item>\n"


def attachment(number: str, url: str, *, parent: str = "0", alt: str = "", caption: str = "") -> str:
    return item(
        meta={"_wp_attachment_image_alt": alt} if alt else None,
        more=f"<excerpt:encoded><![CDATA[{caption}]]></excerpt:encoded>",
        post_id=number,
        post_type="attachment",
        status="inherit",
        attachment_url=url,
        post_parent=parent,
    )


def export(folder: Path, *items: str, head: str = HEAD, tail: str = TAIL) -> Path:
    file = folder / "export.xml"
    file.write_text(head + AUTHOR + "".join(items) + tail, encoding="utf-8")
    return file
