"""Words that pages put around comments: buttons, labels of members, headings, what ends a section."""

from __future__ import annotations

import re

from data.labels import COMMENTS, COMMENTS_EAST_ASIAN, OTHER_BUTTONS, REPLY

WORDS = re.compile(
    r"says?|said|wrote|writes|post(?:ed)?|by|on|at|reply|replied|commented|answered|asked|schrieb|sagt|von|am"
    r"|um|a écrit|le|dice|joined|edited",
    re.IGNORECASE,
)
SPEAKS = re.compile(
    r"\b(?:says?|said|wrote|writes|post(?:ed)?|commented|answered|replied|schrieb|sagt|a écrit|dice)\b|»|#\d",
    re.IGNORECASE,
)
SAYS = re.compile(
    r"(?:\d{1,4}[.)]\s*|[•*·-]\s*)?(?P<name>[^\n:]{2,60}?)\s+(?:says?|said|wrote|writes|schrieb|sagt|sagte"
    r"|a dit|dice|dijo)\s*(?:[:.…]|\.{3})?",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"(?:[•*·-]\s*)?#\d{1,5}\W{0,3}")  # the number of a post in its thread
CLOSER = re.compile(
    r"(?:[•*·-]\s*)?(?:log ?in to |sign in to )?(?:reply|reply to this(?: comment)?|reply to post|antworten"
    rf"|répondre|responder|{REPLY}"
    r"|quote|zitieren|zitat|citer|citar|report(?: abuse| comment| post)?|permalink)\W{0,3}\d{0,3}|-{3,}|_{3,}"
    r"|like(?: this)?|recommend",
    re.IGNORECASE,
)
LISTED = re.compile(r"^(?:\d{1,4}[.)]|[•*·-])\s+")
NOT_POSTED = re.compile(
    r"\bjoin|regist|member since|edited|modified|updated|last |\bsince\b|beitritt|inscri|asked|viewed|active|reviewed",
    re.IGNORECASE,
)
ANSWER = re.compile(
    r"(?:[•*·-]\s*)?(?:log in to |login to )?(?:reply|quote|report|respond|like|likes?|permalink|antworten"
    rf"|zitieren|melden|répondre|citer|responder|{REPLY}|{OTHER_BUTTONS}"
    r"|share|save|flag|up ?vote|down ?vote|recommend|react|thanks?|reply to this|reply with quote"
    r"|add a comment|top|back|delete|\d{1,4})\b[\s\d,()•]*",
    re.IGNORECASE,
)
MEMBER = re.compile(
    r"^(?:posts|messages|joined|join date|location|reputation|likes?|reactions|registered|member|threads|beiträge)\b"
    r"|^(?:(?:u/)?\S{1,40} )?avatar$|^.{1,40} profile (?:picture|photo)$",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"^(?:leave a (?:reply|comment)|post a (?:comment|reply)|add (?:a|your) comment|write a comment"
    r"|submit a comment|comments are closed|you must (?:be|log)"
    r"|your email address|related (?:posts|articles|stories|questions|topics)|similar threads|users browsing"
    r"|who is online|reply to thread|your answer"
    r"|not the answer|share this|about the author|recent (?:posts|comments)|popular|previous (?:post|article)"
    r"|next (?:post|article)|subscribe|newsletter"
    r"|sign up|log in or|quick reply|jump to|return to|copyright|©|all rights reserved|powered by"
    r"|privacy policy|schreibe einen kommentar|trackback|pingback)",
    re.IGNORECASE,
)
COMMENTS_HEAD = re.compile(
    r"^\W*(?:\d+\s+)?(?:reader |user |all |latest )?(?:comments?|responses?|replies|answers?|thoughts"
    rf"|kommentare|commentaires|comentarios|discussion|\d+ thoughts|{COMMENTS})\b.{{0,60}}$"
    rf"|^(?:\d+\s?[件条條个個]?の?)?(?:{COMMENTS_EAST_ASIAN}).{{0,12}}$",
    re.IGNORECASE,
)

SAID = frozenset(("say", "says", "said", "wrote", "writes", "schrieb"))


def is_button(text: str) -> bool:
    """Tell whether a line is a button or link of the page."""
    return bool(text) and len(text) < 40 and bool(ANSWER.fullmatch(text))


def is_linked(text: str) -> bool:
    """Tell whether a line is a button, also one that opens something: "Share ›"."""
    return is_button(text.rstrip(" ›»▾▼…"))


def without_said(text: str) -> str:
    """Return a name without the verb and the colon after it: `Anna wrote:` is `Anna`."""
    bare = text.rstrip().removesuffix(":").rstrip()
    *name, last = bare.rsplit(None, 1) or [""]
    return "".join(name).rstrip() if last in SAID else bare


def is_name(text: str) -> bool:
    """Tell whether a short line could be the name of an author."""
    bare = without_said(text)
    short = 1 < len(bare) <= 40 and len(bare.split()) <= 4 and bare[-1] not in ".!?,;"
    return short and not is_button(text) and not MEMBER.match(text) and bare[0].isalnum()
