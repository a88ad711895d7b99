"""The check of words, by the list of the contributing guide."""

import re
import tomllib
from pathlib import Path


def test_every_word_and_phrase_of_the_list_is_compared_as_a_whole():
    options = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["codespell"]
    words = [line.split("->")[0] for line in Path("scripts/words.txt").read_text().splitlines()]
    assert words
    for word in words:
        assert re.findall(options["regex"], f"it {word} there")[1] == word
