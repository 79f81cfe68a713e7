"""Texts that are nearly queries: published ones with words left out, doubled, swapped or strange."""

import re
from random import Random

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_STRANGE = (
    *("(", ")", "[", "]", "{", "}", "|", "||", ";", ",", "'", '"', "```", "@'", "\\", "..", "!", "=", "==", "=>"),
    *("*", "-", "0x", "1e", "$left", "'\\", "//", "/*", "let", "by", "on", "where", "summarize", "dynamic(", "1.2.3"),
    *("datatable(", "99999999999999999999", "\0", "\ufeff", "é", "😀", "\u202e"),
)


def mutated(text: str, random: Random) -> str:
    """The text with one to six changes."""
    words = _WORDS.findall(text) or [""]
    for _ in range(random.randint(1, 6)):
        place = random.randrange(len(words))
        match random.randrange(6):
            case 0:
                words[place] = ""
            case 1:
                words.insert(place, words[place])
            case 2:
                other = random.randrange(len(words))
                words[place], words[other] = words[other], words[place]
            case 3:
                words.insert(place, random.choice(_STRANGE))
            case 4:
                words[place] = random.choice(words)
            case _:
                del words[place : place + random.randint(1, 20)]
                words = words or [""]
    return "".join(words)
