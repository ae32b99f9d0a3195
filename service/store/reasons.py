"""Why a comment is rejected: a closed list that covers the statement of reasons of the EU Digital Services Act.

Grounds and categories are those of the DSA Transparency Database (article 24(5) of Regulation (EU) 2022/2065;
https://transparency.dsa.ec.europa.eu/page/api-documentation).
"""

from __future__ import annotations

from dataclasses import dataclass

ILLEGAL = "DECISION_GROUND_ILLEGAL_CONTENT"
TERMS = "DECISION_GROUND_INCOMPATIBLE_CONTENT"


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """One line of the list: its word on the desk, and its ground and category in the database."""

    code: str
    label: str
    ground: str
    category: str


_REASONS = (
    RejectionReason("insult", "Insult or personal attack", TERMS, "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
    RejectionReason("harassment", "Harassment or bullying", TERMS, "STATEMENT_CATEGORY_CYBER_VIOLENCE"),
    RejectionReason("hate", "Hate against a group", TERMS, "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"),
    RejectionReason("threat", "Threat or call for violence", TERMS, "STATEMENT_CATEGORY_VIOLENCE"),
    RejectionReason("profanity", "Profanity or obscenity", TERMS, "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
    RejectionReason("off_topic", "Off topic", TERMS, "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
    RejectionReason("spam", "Spam, advertising or scam", TERMS, "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"),
    RejectionReason(
        "privacy", "Private data of others", TERMS, "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"
    ),
    RejectionReason(
        "falsehood", "Harmful falsehood", TERMS, "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
    ),
    RejectionReason("self_harm", "Encourages self-harm", TERMS, "STATEMENT_CATEGORY_SELF_HARM"),
    RejectionReason("minors", "Endangers minors", ILLEGAL, "STATEMENT_CATEGORY_PROTECTION_OF_MINORS"),
    RejectionReason("illegal_speech", "Illegal speech", ILLEGAL, "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"),
    RejectionReason(
        "copyright", "Copyright or trade mark", ILLEGAL, "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS"
    ),
    RejectionReason("other_illegal", "Other illegal content", ILLEGAL, "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"),
    RejectionReason("other", "Other breach of the house rules", TERMS, "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
)
REASONS = {reason.code: reason for reason in _REASONS}
