"""Grapheme clusters: user-perceived characters (Unicode Standard Annex #29, extended clusters).

Python's own tables give each character's general category, from which most of the classes of the annex follow. Only
the exceptions are listed here, as of Unicode 17; they are parsed when the first text that is not ASCII is counted.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache

_CLASSES = {
    "p": "600-605 6DD 70F 890-891 8E2 D4E 110BD 110CD 111C2-111C3 113D1 1193F 11941 11A84-11A89 11D46 11F02",
    "l": "1100-115F A960-A97C",
    "v": "1160-11A7 D7B0-D7C6 16D63 16D67-16D6A",
    "t": "11A8-11FF D7CB-D7FB",
    "i": "1F1E6-1F1FF",
    "z": "200D",
    "c": "2065 FFF0-FFF8 13439-1343F E0000-E001F E0080-E00FF E01F0-E0FFF",
    "j": """
        94D 9CD ACD B4D C4D D4D 1039 17D2 1A60 1B44 1BAB A9C0 AAF6 10A3F 11133 113D0 1193E 11A47 11A99 11F42
    """,
    "u": "200C",
    # Extend the character before them, though they are not nonspacing marks.
    "x": """
        9BE 9D7 B3E B57 BBE BD7 CC0 CC2 CC7-CC8 CCA-CCB CD5-CD6 D3E D57 DCF DDF 1715 1734 1B35 1B3B 1B3D 1B43 1BAA
        1BF2-1BF3 302E-302F A953 FF9E-FF9F 111C0 11235 1133E 1134D 11357 114B0 114BD 115AF 116B6 11930 1193D 16FF0-16FF1
        1D165-1D166 1D16D-1D172 1F3FB-1F3FF E0020-E007F
    """,
    "s": "E33 EB3 1171E",
    # Spacing marks that begin a cluster of their own.
    "o": """
        102B-102C 1038 1062-1064 1067-106D 1083 1087-108C 108F 109A-109C 1A61 1A63-1A64 AA7B AA7D 11720-11721
    """,
    "k": """
        915-939 958-95F 978-97F 995-9A8 9AA-9B0 9B2 9B6-9B9 9DC-9DD 9DF 9F0-9F1 A95-AA8 AAA-AB0 AB2-AB3 AB5-AB9 AF9
        B15-B28 B2A-B30 B32-B33 B35-B39 B5C-B5D B5F B71 C15-C28 C2A-C39 C58-C5A D15-D3A 1000-102A 103F 1050-1055
        105A-105D 1061 1065-1066 106E-1070 1075-1081 108E 1780-17B3 1A20-1A54 1B0B-1B0C 1B13-1B33 1B45-1B4C 1B83-1BA0
        1BAE-1BAF 1BBB-1BBD A989-A98B A98F-A9B2 A9E0-A9E4 A9E7-A9EF A9FA-A9FE AA60-AA6F AA71-AA73 AA7A AA7E-AA7F
        AAE0-AAEA ABC0-ABDA 10A00 10A10-10A13 10A15-10A17 10A19-10A35 11103-11126 11144 11147 11380-11389 1138B 1138E
        11390-113B5 11900-11906 11909 1190C-11913 11915-11916 11918-1192F 11A00 11A0B-11A32 11A50 11A5C-11A83 11B0A
        11DF1 11F04-11F10 11F12-11F33
    """,
    "e": """
        A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0
        25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642
        2648-2653 265F-2660 2663 2665-2666 2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB
        26B0-26B1 26BD-26BE 26C4-26C5 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705
        2708-270D 270F 2712 2714 2716 271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797
        27A1 27B0 27BF 2934-2935 2B05-2B07 2B1B-2B1C 2B50 2B55 3030 303D 3297 3299 1F004 1F02C-1F02F 1F094-1F09F
        1F0AF-1F0B0 1F0C0 1F0CF-1F0D0 1F0F6-1F0FF 1F170-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F1AF-1F1E5 1F201-1F20F
        1F21A 1F22F 1F232-1F23A 1F23C-1F23F 1F249-1F25F 1F266-1F321 1F324-1F393 1F396-1F397 1F399-1F39B 1F39E-1F3F0
        1F3F3-1F3F5 1F3F7-1F3FA 1F400-1F4FD 1F4FF-1F53D 1F549-1F54E 1F550-1F567 1F56F-1F570 1F573-1F57A 1F587
        1F58A-1F58D 1F590 1F595-1F596 1F5A4-1F5A5 1F5A8 1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE 1F5E1
        1F5E3 1F5E8 1F5EF 1F5F3 1F5FA-1F64F 1F680-1F6C5 1F6CB-1F6D2 1F6D5-1F6E5 1F6E9 1F6EB-1F6F0 1F6F3-1F6FF
        1F7DC-1F7F0 1F80C-1F80F 1F848-1F84F 1F85A-1F85F 1F888-1F88F 1F8AE-1F8AF 1F8BC-1F8BF 1F8C2-1F8CF 1F8D9-1F8FF
        1F90C-1F93A 1F93C-1F945 1F947-1F9FF 1FA58-1FA5F 1FA6E-1FAFF 1FC00-1FFFD
    """,
}
"""Characters by class. A class is a letter, used in `_CLUSTER`."""
_BY_CATEGORY = {"Mn": "x", "Me": "x", "Mc": "s", "Cc": "c", "Cf": "c", "Zl": "c", "Zp": "c"}
"""Class by category, for characters in no list; `o` for all other categories."""
_FIRST_SYLLABLE, _LAST_SYLLABLE, _SYLLABLES_A_VOWEL = 0xAC00, 0xD7A3, 28

# A cluster, over the letters of the classes: line breaks `r` and `n`; control `c`; prepended `p`; Hangul: leading
# consonant `l`, vowel `v`, trailing consonant `t`, syllables with a trailing consonant `d` and without one `b`;
# regional indicator `i`; pictograph `e`; Indic consonant `k` and linker `j`; extending: joiner `z`, non-joiner `u`,
# others `x`, spacing marks `s`.
_CLUSTER = r"""
    rn | [rnc]
    | p*+ (?: l*+ (?: v++ | bv*+ | d ) t*+ | l++ | t++
            | ii
            | e (?: [xju]*+ z e )*+
            | k (?: [xz]*+ j [xzj]*+ k )*+
            | [^rncp] )
      [xzsju]*+
    | p++ [xzsju]*+
"""


def count(text: str) -> int:
    """Count the grapheme clusters of a text, in linear time."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    classes = {character: _class(character) for character in set(text)}
    return sum(1 for _ in _cluster().finditer("".join(map(classes.__getitem__, text))))


def is_pictograph(character: str) -> bool:
    """Return whether a character is a pictograph, that is an emoji by itself or with a selector after it."""
    return not character.isascii() and _class(character) == "e"


def _class(character: str) -> str:
    if character in "\r\n":
        return "r" if character == "\r" else "n"
    code = ord(character)
    if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
        return "d" if (code - _FIRST_SYLLABLE) % _SYLLABLES_A_VOWEL else "b"
    starts, ends, letters = _exceptions()
    place = bisect_right(starts, code) - 1
    if place >= 0 and code <= ends[place]:
        return letters[place]
    return _BY_CATEGORY.get(unicodedata.category(character), "o")


@cache
def _cluster() -> re.Pattern[str]:
    return re.compile(_CLUSTER, re.VERBOSE)


@cache
def _exceptions() -> tuple[list[int], list[int], str]:
    """Return the first and the last character of each listed range, in order, and their classes."""
    ranges = []
    for letter, listed in _CLASSES.items():
        for span in listed.split():
            first, _, last = span.partition("-")
            ranges.append((int(first, 16), int(last or first, 16), letter))
    ranges.sort()
    return [first for first, _, _ in ranges], [last for _, last, _ in ranges], "".join(each for _, _, each in ranges)
