"""SVG drawings made harmless: only listed elements and attributes stay, and nothing that runs or calls out. Runs in the child process only."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from inkhorn.media.images.pictures import NotAPicture
from inkhorn.media.images.verdicts import Seen

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 100_000
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

ELEMENTS = set(
    """svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath style switch image
    linearGradient radialGradient stop pattern clipPath mask marker filter view animate animateTransform animateMotion mpath
    feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight
    feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence""".split()
)
ATTRIBUTES = set(
    """id class style lang role transform viewBox preserveAspectRatio version width height x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy fr d
    points pathLength rotate textLength lengthAdjust startOffset method spacing side href offset gradientUnits gradientTransform spreadMethod
    patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits markerUnits markerWidth markerHeight
    refX refY orient filterUnits primitiveUnits in in2 result mode type values tableValues slope intercept amplitude exponent operator
    k1 k2 k3 k4 order kernelMatrix divisor bias targetX targetY edgeMode kernelUnitLength preserveAlpha surfaceScale diffuseConstant
    specularConstant specularExponent limitingConeAngle azimuth elevation pointsAtX pointsAtY pointsAtZ z scale xChannelSelector
    yChannelSelector stdDeviation radius baseFrequency numOctaves seed stitchTiles attributeName begin dur end min max restart repeatCount
    repeatDur calcMode keyTimes keySplines keyPoints path from to by additive accumulate media requiredFeatures systemLanguage
    fill fill-opacity fill-rule stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity
    stroke-width color opacity display visibility overflow clip clip-path clip-rule mask filter flood-color flood-opacity lighting-color
    stop-color stop-opacity marker-start marker-mid marker-end paint-order vector-effect shape-rendering text-rendering image-rendering
    color-interpolation color-interpolation-filters color-rendering font font-family font-size font-size-adjust font-stretch font-style
    font-variant font-weight text-anchor text-decoration letter-spacing word-spacing dominant-baseline alignment-baseline
    baseline-shift writing-mode direction unicode-bidi mix-blend-mode isolation enable-background pointer-events cursor""".split()
)
_ANIMATIONS = {"animate", "animateTransform", "animateMotion"}
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+svg[^\[>]*>", re.IGNORECASE)
_LINKED_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_CSS_REFERENCE = re.compile(r"url\s*\(\s*(['\"]?)\s*([^)'\"]*)\1\s*\)", re.IGNORECASE)
_CSS_DANGER = re.compile(
    r"\\|@(?!media|supports|keyframes|-webkit-keyframes)|expression|javascript|behavio|-moz-binding|image-set|src\s*\(|</", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LENGTH = re.compile(r"\s*([0-9.]+(?:e[0-9]+)?)\s*(px|pt|mm|cm|in|pc|em|rem)?\s*", re.IGNORECASE)
_PIXELS = {"pt": 4 / 3, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96, "pc": 16, "em": 16, "rem": 16}


def clean_svg(source: Path, target: Path) -> Seen:
    """Write the drawing without anything that runs or calls out; NotAPicture where it is no drawing at all."""
    root = _parse(source.read_bytes())
    if root.tag != f"{{{SVG}}}svg":
        raise NotAPicture("The file is named SVG and is no SVG drawing. Open it on your own machine to see what it is.")
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise NotAPicture("The drawing has too many parts. Save it as PNG and send that.")
    _clean(root)
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    target.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    width, height = _size(root)
    return Seen("image/svg+xml", width, height, False, None)


def _parse(data: bytes) -> Element:
    if len(data) > MAX_BYTES:
        raise NotAPicture(f"The drawing is larger than {MAX_BYTES // 1_000_000} MB. Save it as PNG and send that.")
    # A document type that only names SVG is everywhere and harmless; one that declares anything is refused below.
    data = _DOCTYPE.sub(b"", data, count=1)
    try:
        root: Element = fromstring(data, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise NotAPicture("The drawing declares entities, which are not read. Save it as plain SVG and send that.") from error
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise NotAPicture("The file is not a well-formed SVG drawing. Save it afresh and send that.") from error
    return root


def _clean(root: Element) -> None:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        _clean_attributes(element)
        for child in list(element):
            if _is_kept(child):
                waiting.append(child)
            else:
                _remove(element, child)
        if _local(element) == "style":
            element.text = _css(element.text or "")


def _is_kept(element: Element) -> bool:
    if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{SVG}}}") or _local(element) not in ELEMENTS:
        return False
    if _local(element) in _ANIMATIONS:
        name = element.get("attributeName", "transform")
        return name in ATTRIBUTES and name not in ("href", "style", "class", "id")
    if _local(element) == "image":
        return _LINKED_PICTURE.fullmatch(_reference(element)) is not None
    return True


def _remove(parent: Element, child: Element) -> None:
    place = list(parent).index(child)
    tail = child.tail or ""
    if _local(child) == "a":
        # A link's drawing stays where its address goes.
        inner = Element(f"{{{SVG}}}g", {name: value for name, value in child.attrib.items() if not name.endswith("href")})
        inner.text, inner.tail = child.text, child.tail
        inner.extend(list(child))
        parent[place] = inner
        _clean(inner)
        return
    if tail.strip():
        if place:
            parent[place - 1].tail = (parent[place - 1].tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(child)


def _clean_attributes(element: Element) -> None:
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2]
        namespace = name[1:].partition("}")[0] if name.startswith("{") else ""
        kept: str | None = value
        if namespace == XML and local in ("space", "lang"):
            continue
        if local == "href" and namespace in ("", XLINK):
            kept = value if _is_safe_reference(element, value) else None
        elif namespace or not (local in ATTRIBUTES or local.startswith(("aria-", "data-"))):
            kept = None
        elif local == "style":
            kept = _css(value)
        elif "url" in value.lower() or "\\" in value:
            kept = _css(value) or None
        if kept is None:
            del element.attrib[name]
        else:
            element.set(name, kept)


def _is_safe_reference(element: Element, value: str) -> bool:
    if _local(element) == "image":
        return _LINKED_PICTURE.fullmatch(value) is not None
    return value.strip().startswith("#")


def _css(text: str) -> str:
    """The style if nothing in it reaches out of the file; otherwise nothing of it."""
    text = _COMMENT.sub("", text)
    if _CSS_DANGER.search(text) or "/*" in text:
        return ""
    local = _CSS_REFERENCE.sub(lambda found: found[0] if found[2].strip().startswith("#") else "none", text)
    return "" if re.search(r"url\s*\(\s*['\"]?\s*[^#'\"\s]", local, re.IGNORECASE) else local


def _reference(element: Element) -> str:
    return element.get("href") or element.get(f"{{{XLINK}}}href") or ""


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _size(root: Element) -> tuple[int, int]:
    try:
        box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
        across, down = box[2], box[3]
    except (ValueError, IndexError):
        across, down = 300.0, 150.0
    width, height = _pixels(root.get("width")), _pixels(root.get("height"))
    if width and not height:
        height = width * down / across if across > 0 else None
    elif height and not width:
        width = height * across / down if down > 0 else None
    found = (width or across, height or down)
    return max(1, min(20_000, round(found[0]))), max(1, min(20_000, round(found[1])))


def _pixels(length: str | None) -> float | None:
    found = _LENGTH.fullmatch(length or "")
    try:
        return float(found[1]) * _PIXELS.get((found[2] or "px").lower(), 1) if found else None
    except ValueError:
        return None
