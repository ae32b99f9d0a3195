"""Times that count from the day of reading, in the languages of news comments: "2 days ago", "vor einer Stunde".

They tell where a comment has its time, but never when that was.
"""

from __future__ import annotations

import re

_CLOCK = r"\d{1,2}[:h.]\d\d"
# one pattern per language or group of them; units are stems where words are inflected
_AGO = (
    r"(?:\d+|an?|one|a few|few)\s*(?:sec(?:ond)?|min(?:ute)?|hour|hr|day|week|month|year|yr|mo|[hdwy])s?\.?\s+ago",
    r"vor\s+(?:\w+\s+){1,3}(?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)",
    r"vor\s+\d+\s?(?:sek|min|std|t|wo?|mon|j)",
    r"il y a\s+(?:(?:une?|quelques)\s|\d+\s?)"
    r"(?:secondes?|sec|minutes?|min|heures?|jours?|semaines?|sem|mois|ans?|ann[ée]+es?|h|j|s)",
    r"hace\s+(?:(?:un[ao]?s?|poc[ao]s)\s|\d+\s?)"
    r"(?:segundos?|seg|minutos?|min|horas?|d[ií]as?|semanas?|sem|mes(?:es)?|años?|h|d)",
    r"(?:il y a|hace)\s+\d+",
    r"há\s+(?:\d+|uma?|poucos|poucas)\s?(?:segundos?|seg|minutos?|min|horas?|dias?|semanas?|m[êe]s(?:es)?|anos?|h|d)",
    r"(?:\d+|uma?)\s(?:segundos?|minutos?|horas?|dias?|semanas?|m[êe]s(?:es)?|anos?)\satrás",
    r"(?:\d+\s|(?:un|una|uno|pochi|poche|qualche)\s|un['’])(?:second[oi]|minut[oi]|min|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi])\sfa",
    r"(?:\d+|een|één|enkele|paar)\s?(?:seconden?|min(?:uut|uten)?|uur|uren|u|dag(?:en)?|d|week|weken|maand(?:en)?|ja(?:ar|ren))\sgeleden",
    r"(?:\d+\s)?(?:sek(?:und\w*)?|min(?:ut\w*)?|godz(?:in\w*)?|dni|dzień|tydzień|tygodni\w*|miesi[ąę]c\w*|mies|rok|lata?)\.?\stemu",
    r"(?:\d+\s)?(?:сек(?:унд\w*)?|мин(?:ут\w*)?|час\w*|ч|день|дн(?:я|ей)|недел\w+|месяц\w*|мес|год\w*|лет)\.?\sназад",
    r"(?:\d+|en|ett|et|någr[ae]|nogle|noen)\s(?:sek\w*|min\w*|tim[em]\w*|dag\w*|døgn|veck[ao]r?|uger?|uker?|månad\w*|måned\w*|år)\s(?:sedan|siden)",
    r"\d+\s(?:sekun\w+|min(?:uut\w*)?|tun\w+|päiv\w+|viik\w+|kuukau\w+|vuo\w+)\ssitten",
    r"(?:\d+|bir)\s(?:saniye|sn|dakika|dk|saat|gün|hafta|ay|yıl|sene)\sönce",
    r"před\s(?:\d+\s)?(?:sekund\w*|minut\w*|hodin\w*|dn\w+|týdn\w+|měsíc\w*|rok\w*|let[ya]?)",
    r"(?:منذ|قبل)\s(?:\d+\s)?(?:ثانيتين|ثانية|ثوان|دقيقتين|دقيقة|دقائق|ساعتين|ساعات|ساعة|يومين|يوم|أيام|أسبوعين|أسبوع|أسابيع|شهرين|شهر|أشهر"
    r"|سنتين|سنوات|سنة|عامين|عام|أعوام)",
    r"לפני\s(?:\d+\s)?(?:שניות|דקות|דקה|שעות|שעתיים|שעה|ימים|יומיים|יום|שבועות|שבועיים|שבוע|חודשים|חודשיים|חודש|שנים|שנתיים|שנה)",
    r"(?:yesterday|today|gestern|heute|hier|aujourd['’]hui|ayer|hoy|ontem|hoje|ieri|oggi|gisteren|vandaag|wczoraj|dzisiaj|dziś"
    rf"|вчера|сегодня|igår|i går|idag|i dag|dün|bugün|včera|dnes),?\s+"
    rf"(?:(?:at|um|à|a las|a|às|alle|om|o|в|kl)\.?\s)?{_CLOCK}",
    r"just now",
)
EAST_ASIAN = frozenset("前전")  # at the end of such a time
_EAST_ASIAN = (
    r"\d+\s?(?:秒|分钟|分鐘|分|小时|小時|時間|天|日|周|週間|週|[个個かヶカケ]月|年)前"
    r"|\d+\s?(?:초|분|시간|일|주|개월|달|년)\s?전"
)
_RELATIVE = re.compile(rf"\b(?:{'|'.join(_AGO)})\b|(?<!\d){_EAST_ASIAN}", re.IGNORECASE)

# a word of each of the patterns above: what has none of them need not be searched
_TELLTALE = frozenset(
    "ago vor il hace há atrás fa geleden temu назад sedan siden sitten önce před منذ قبل לפני now yesterday today"
    " gestern heute hier aujourd ayer hoy ontem hoje ieri oggi gisteren vandaag wczoraj dzisiaj dziś вчера сегодня"
    " igår går idag dag dün bugün včera dnes".split()
)
_WORD = re.compile(r"\w+")


def is_sentence_around(text: str, time: str) -> bool:
    """Tell "I moved here 2 years ago." from a label such as "Posted 2 years ago": it has words and ends as one."""
    before, _, after = text.partition(time)
    return text.rstrip()[-1:] in (".", "!", "?") and len(_WORD.findall(f"{before} {after}")) > 1


def relative_time(text: str) -> str | None:
    """Return the first such time in a text as printed, or None; cheaper than a search where there is none."""
    if EAST_ASIAN.isdisjoint(text) and _TELLTALE.isdisjoint(_WORD.findall(text.lower())):
        return None
    match = _RELATIVE.search(text)
    return match[0] if match else None
