"""How long ten thousand posts of 800 words take to come in from a folder of Markdown."""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.content import AUTHORS, generate
from benchmarks.figures import Figure, record
from benchmarks.measures import inkhorn, pace

# Of the issue: seconds for 10,000 posts.
POSTS, BAR = 10_000, 180


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=POSTS)
    posts = parser.parse_args().posts
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name) / "content" / "posts", str(Path(name) / "data")
        folder.mkdir(parents=True)
        for each in generate(posts):
            # As Hugo keeps them.
            front = f"title: {each['title']}\ndate: {each['published']}\ntags: [{', '.join(each['tags'])}]\nauthor: {AUTHORS[each['author']][0]}"
            (folder / f"{each['slug']}.md").write_text(f"---\n{front}\n---\n\n{each['markdown']}\n", encoding="utf-8")
        subprocess.run(inkhorn("--data", data, "migrate"), check=True, capture_output=True)
        began = time.monotonic()
        told = subprocess.run(inkhorn("--data", data, "import", "markdown", str(folder.parent)), check=True, capture_output=True, text=True)
        spent = time.monotonic() - began
    assert f"{posts:,}" in told.stdout or str(posts) in told.stdout, told.stdout[-2000:]
    beside = f"{posts / spent:.0f} posts a second, rendering and the start of the command included"
    record(Figure(f"import of {posts:,} posts", spent, "s", BAR * posts / POSTS, pace=pace(), beside=beside))


if __name__ == "__main__":
    main()
