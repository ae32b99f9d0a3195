"""Words that writers mask ("f**k", "m0r0n", "i d i o t") and the signs they mask them with.

The list is not a blacklist: a word here is only ever *unmasked*, so that the model reads what readers read. The
commoner of two words that fit the same mask comes first.
"""

from __future__ import annotations

MASKABLE: tuple[str, ...] = (
    "fuck", "shit", "bitch", "cunt", "dick", "cock", "pussy", "ass", "arse", "whore", "slut", "bastard", "asshole",
    "arsehole", "bullshit", "dumbass", "jackass", "dipshit", "shithead", "dickhead", "motherfucker", "fucker",
    "fucking", "fucked", "fuckers", "fucks", "fuckin", "shitty", "shits", "bitches",
    "cunts", "dicks", "sluts", "whores",
    "bastards", "assholes", "wanker", "wankers", "twat", "twats", "prick", "pricks", "crap", "damn", "goddamn", "hell",
    "idiot", "idiots", "idiotic", "moron", "morons", "moronic", "stupid", "retard", "retards", "retarded", "imbecile",
    "imbeciles", "scum", "scumbag", "scumbags", "loser", "losers", "clown", "clowns", "trash", "garbage", "pathetic",
    "nigger", "niggers", "nigga", "niggas", "faggot", "faggots", "fag", "fags", "dyke", "tranny", "kike", "kikes",
    "chink", "chinks", "spic", "spics", "paki", "pakis", "gook", "raghead", "towelhead", "kill", "killed", "murder",
    "rape", "rapist", "suicide", "die", "hang", "shoot", "nazi", "nazis", "porn", "sex", "liar", "liars", "crook",
    "crooks", "traitor", "traitors", "coward", "cowards", "pig", "pigs", "hate", "ugly", "fool", "fools", "dumb",
)  # fmt: skip

# masks with too few letters to guess from, but one usual reading
MASKS: dict[str, str] = {"f***": "fuck", "s***": "shit", "c***": "cunt", "b****": "bitch", "f*****g": "fucking"}

# what a sign may stand for inside a word; "*", "#" and the like stand for any letter
SIGNS: dict[str, str] = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "i", "|": "il", "+": "t", "€": "e", "£": "l", "¡": "i", "(": "c",
}  # fmt: skip
WILDCARDS = frozenset("*#%_-·•.")

# letters of other alphabets that print like Latin ones (Unicode's confusables, the ones seen in comments)
LOOK_ALIKES: dict[str, str] = dict(
    zip(
        "аАвВеЕкКмМнНоОрРсСтТуУхХіІїјЈѕЅԁһԛԝɡαΑβΒεΕηΗιΙκΚμΜνΝοΟρΡτΤυΥχΧΖζ",
        "aABBeEkKMMHHoOpPcCTTyYxXiIijJsSdhqwgaABBeEnHiIkKuMvNoOpPtTuYxXZz",
        strict=True,
    )
)
