"""What pages say above comments and on the buttons beside them in languages that the other lists do not speak.

Parts of regular expressions: Dutch, Italian, Portuguese, Polish, Czech, Swedish, Danish, Norwegian, Finnish, Turkish,
Russian, Ukrainian, Arabic, Hebrew, and by itself what is written without spaces.
"""

from __future__ import annotations

COMMENTS = (
    r"reacties?|comment[io]|comentários?|komentarz[ey]?|komentarzy|komentář[eů]?|kommentar(?:er)?|kommenttia|kommentit"
    r"|yorum(?:lar)?|комментари[ийяев]{1,2}|коментар[іиів]{0,2}|التعليقات|تعليقات|تعليق|תגובות"
)
COMMENTS_EAST_ASIAN = r"コメント|댓글|评论|評論|留言"
REPLY = (
    r"reageren|reageer|beantwoorden|rispondi|odpowiedz|odpovědět|svara|svar|vastaa|yanıtla|cevapla|ответить|відповісти"
    r"|رد|השב|返信|답글|回复|回覆"
)
OTHER_BUTTONS = (
    r"vind ik leuk|rapporteer|rapporteren|mi piace|segnala|me gusta|denunciar|curtir|gosto|j['’]aime|gefällt mir"
    r"|empfehlen|lubię to|zgłoś|nahlásit|gilla|anmäl|synes godt om|tykkää|beğen|нравится|пожаловаться|поделиться"
    r"|إعجاب|إبلاغ|共感した|報告|좋아요|신고|举报"
)
