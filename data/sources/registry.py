"""The register of sources: licence, citation, files with their checksums, and the reader of each.

`commercial` says whether the licence allows commercial use of what is learnt; the variant `permissive` trains on
those alone. A source that states no licence counts as not allowing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.sources import grades, news, relevance, sarcasm, toxicity
from data.sources.examples import Example
from data.sources.tables import check

TWINS = Path(__file__).with_name("twins.csv")
TWINS_TEST = Path(__file__).with_name("twins_test.csv")
FEELINGS = Path(__file__).with_name("feelings.csv")
FEELINGS_TEST = Path(__file__).with_name("feelings_test.csv")
DISCUSSIONS = Path(__file__).with_name("discussions.jsonl")
DISCUSSIONS_TEST = Path(__file__).with_name("discussions_test.jsonl")
CHATTER = Path(__file__).with_name("chatter.jsonl")
STORIES = Path(__file__).with_name("stories.jsonl")
STORY_GRADES = Path(__file__).with_name("story_grades.csv")
SUBJECTS = Path(__file__).with_name("subjects.txt")
CHATTER_TEST = Path(__file__).with_name("chatter_test.jsonl")
DEMO = Path(__file__).resolve().parent.parent / "demo" / "discussions.jsonl"


@dataclass(frozen=True, slots=True)
class Source:
    """One published collection. `rows` is what its reader must yield: a reader that drifts is refused by test."""

    name: str
    folder: str
    read: Callable[[Path], Iterator[Example]]
    files: Mapping[str, str]  # name -> sha256
    licence: str
    commercial: bool
    citation: str
    rows: int

    def examples(self, data_dir: Path) -> Iterator[Example]:
        """Check the files and yield the examples; raise `SourceError` for a missing or changed file."""
        for name, sha256 in self.files.items():
            check(data_dir / self.folder / name, sha256)
        yield from self.read(data_dir / self.folder)


SOURCES: tuple[Source, ...] = (
    Source(
        "jigsaw",
        "jigsaw_wikipedia",
        toxicity.jigsaw,
        {"train.csv": "e1a550762818162d438e13dcb48ed4bb2aa47f18c6759c62531306527660edc1"},
        "CC0-1.0",
        True,
        "Wulczyn, Thain and Dixon 2017, Ex Machina; Jigsaw 2018 challenge",
        41079,
    ),
    Source(
        "jigsaw_test",
        "jigsaw_wikipedia",
        toxicity.jigsaw_test,
        {"test_public.csv": "29e1fdae4ef9c765e5318f0c5d8f90faeb3f5b027ca05b12a471c39bd819e566"},
        "CC0-1.0",
        True,
        "Jigsaw 2018 challenge",
        6054,
    ),
    Source(
        "civil_spans",
        "civil_comments_toxic_spans",
        toxicity.civil_spans,
        {
            "comments.csv": "6cc4b5409decd1f984c02856d3c91b0c6e3097ef2812908b191fbde49a3aa8b7",
            "annotations.csv": "98e6d02f0afa9faa9a3b2a4bb405678d660d1258929db940fde0b8922169f611",
            "spans.csv": "b624b8117f9532c4146676ad13498dabddce4b4cbce10c81a49373173f84f382",
        },
        "CC0-1.0",
        True,
        "Pavlopoulos et al. 2022, From the detection of toxic spans to the analysis of toxic-to-civil transfer",
        8899,
    ),
    Source(
        "toxic_spans",
        "civil_comments_toxic_spans",
        toxicity.toxic_spans,
        {"tsd_train.csv": "b2a59fcb081d13351284c5ae1a2b0a550bee10250ef62975d8863df42368bb1d"},
        "CC0-1.0",
        True,
        "Pavlopoulos et al. 2021, SemEval-2021 task 5",
        7923,
    ),
    Source(
        "toxic_spans_trial",
        "civil_comments_toxic_spans",
        toxicity.toxic_spans_trial,
        {"tsd_trial.csv": "00514dc60cd04b78bf3fcfd79fe13a240ba03a71e6ab3fbb9540ad7276de7b00"},
        "CC0-1.0",
        True,
        "Pavlopoulos et al. 2021, SemEval-2021 task 5",
        687,
    ),
    Source(
        "cad",
        "cad_reddit",
        toxicity.cad,
        {"cad_v1_1_train.tsv": "139b4d21be0f6b6c372dbfc8015eb18753e11025e3251f92eebd2ffb9d27fe17"},
        "CC-BY-4.0",
        True,
        "Vidgen et al. 2021, Introducing CAD",
        13584,
    ),
    Source(
        "cad_dev",
        "cad_reddit",
        toxicity.cad_dev,
        {"cad_v1_1_dev.tsv": "71f84da6ed1d52ec0e8e478e5428167c86bbb3686c34a54b81c222185ff7ec59"},
        "CC-BY-4.0",
        True,
        "Vidgen et al. 2021, Introducing CAD",
        4526,
    ),
    Source(
        "edos",
        "edos",
        toxicity.edos,
        {"edos_labelled_aggregated.csv": "753b2f77f2ed8c80e3997fa427cf06a91765bfc52c01f46af4454d74c010f774"},
        "CC0-1.0",
        True,
        "Kirk et al. 2023, SemEval-2023 task 10",
        15999,
    ),
    Source(
        "ruddit",
        "ruddit",
        toxicity.ruddit,
        {"ruddit_with_text.csv": "d8a45cf08ea8e5e49a6202af4f2697e27e817cd5e86d1fec7d5e276d2ed6fae5"},
        "MIT",
        True,
        "Hada et al. 2021, Ruddit",
        5710,
    ),
    Source(
        "trac_facebook",
        "trac1_facebook",
        toxicity.trac_facebook,
        {
            "agr_en_train.csv": "64147571519612b716b10aff1dba8ca90d73cc6ab1050d2675c68b0407b6efd3",
            "agr_en_dev.csv": "c1aa30260f227a08db31c5ba1a8ea182670f13b3cdf16b94941685a510a3364c",
        },
        "CC-BY-NC-SA-4.0",
        False,
        "Kumar et al. 2018, TRAC-1",
        15000,
    ),
    Source(
        "trac_youtube",
        "trac2_youtube",
        toxicity.trac_youtube,
        {
            "trac2_eng_train.csv": "6dd7034f013a8049aa9a443a9fd5f8a5d96ed9e999bd2cb2597ee2d7a0876d6a",
            "trac2_eng_dev.csv": "a721c07faddacf3e8bc3e303ac6169f14b915c32a25986dd37cf49c756c9c55c",
        },
        "CC-BY-NC-SA-4.0",
        False,
        "Bhattacharya et al. 2020, TRAC-2",
        5329,
    ),
    Source(
        "hatemoji",
        "hatemoji",
        toxicity.hatemoji,
        {
            "build_train.csv": "2255818a5b10153876320068451be582ed876a2eefb22a250bd2f6478d1815e5",
            "build_validation.csv": "721094d44fceb923a0b3897935126a654bbb1f092b1fed6a74d80e4a845c6f43",
            "build_test.csv": "4b067b445c6445dbd4036d7c75dde21f72928bfd31db63d1c53d66226c53be99",
        },
        "CC-BY-4.0",
        True,
        "Kirk et al. 2022, Hatemoji",
        5912,
    ),
    Source(
        "hatemoji_check",
        "hatemoji",
        toxicity.hatemoji_check,
        {"check_public_test.csv": "9aa6bf78370a87b56b7e117593e7c5e798a933083fe4cfd9bf1b26baf785a7da"},
        "CC-BY-4.0",
        True,
        "Kirk et al. 2022, Hatemoji",
        3930,
    ),
    Source(
        "cat_context",
        "cat_wikipedia_context",
        toxicity.cat_context,
        {"gc.csv": "0cc3b39816537fed3e607c4170d9bab5652b54175021c7279c340211c9db33f8"},
        "Apache-2.0",
        True,
        "Pavlopoulos et al. 2020, Toxicity detection: does context really matter?",
        9987,
    ),
    Source(
        "madlibs",
        "bias_madlibs",
        toxicity.madlibs,
        {"bias_madlibs_77k.csv": "aac542254cf158415ec74623d54fa76176f26a7e7d8ef20788e1748a05ba5b4c"},
        "Apache-2.0",
        True,
        "Dixon et al. 2018, Measuring and mitigating unintended bias",
        76564,
    ),
    Source(
        "sarcasm_v2",
        "sarcasm_v2",
        sarcasm.sarcasm_v2,
        {
            "GEN-sarc-notsarc.csv": "2240c3c4ef43b413f096efd54d6faddf55c816f32a0bf8da7101d1ccd06a99ad",
            "HYP-sarc-notsarc.csv": "d487a413d33a549e08eae6a242a9b8fe273be616fc12348d25d2af4e9be1e892",
            "RQ-sarc-notsarc.csv": "73aaa1d8a55a86fb832cc888afce1c2658997d4d03d712dd87418165bb3a83ae",
        },
        "none stated",
        False,
        "Oraby et al. 2016, Creating and characterizing a diverse corpus of sarcasm in dialogue",
        9386,
    ),
    Source(
        "figlang_reddit",
        "figlang2020_sarcasm",
        sarcasm.figlang_reddit,
        {"reddit_training.jsonl": "aa69ff5a809e63b3336fa297dbfbd1d8f884c27dd68001b0633c128ad5f07059"},
        "none stated",
        False,
        "Ghosh, Vajpayee and Muresan 2020, FigLang shared task",
        4400,
    ),
    Source(
        "figlang_reddit_test",
        "figlang2020_sarcasm",
        sarcasm.figlang_reddit_test,
        {"reddit_testing.jsonl": "401a451af95f89c402c48a83c66034c2c8931aade35a73b2907d03f0efbffb95"},
        "none stated",
        False,
        "Ghosh, Vajpayee and Muresan 2020, FigLang shared task",
        1800,
    ),
    Source(
        "figlang_twitter",
        "figlang2020_sarcasm",
        sarcasm.figlang_twitter,
        {"twitter_training.jsonl": "c5180db39589d4ff93fa5c07fa44888dab6694cddd50b08c938c71445156cecf"},
        "none stated",
        False,
        "Ghosh, Vajpayee and Muresan 2020, FigLang shared task",
        5000,
    ),
    Source(
        "sarc_politics",
        "sarc_politics",
        sarcasm.sarc_politics,
        {"test-balanced.csv": "6e3b0257da8951dcac35e6e27f23001495caed467dbc963d35f6d83c07600ffd"},
        "none stated",
        False,
        "Khodak, Saunshi and Vodrahalli 2018, SARC",
        11840,
    ),
    Source(
        "reddit_tagged",
        "reddit_sarcasm_serious",
        sarcasm.reddit_tagged,
        {
            "reddit_sarcasm.csv": "de5bc7f13b96ec069b237b3298bf0f7be5b1a4682ccc895ff1e6f4a686859409",
            "reddit_serious.csv": "101d3bb748c6290c6488b2b8a19c751d2069c0ae9c0ac34a396d16529a1f3996",
        },
        "none stated",
        False,
        "Reddit comments by their own tag",
        17957,
    ),
    Source(
        "isarcasm",
        "isarcasm",
        sarcasm.isarcasm,
        {"train.En.csv": "fde737b69caffbcf81ebe79858ad16ac21881573c308343cd5219c4f7a800ae7"},
        "MIT",
        True,
        "Abu Farha et al. 2022, SemEval-2022 task 6",
        4335,
    ),
    Source(
        "semeval_irony",
        "semeval2018_irony",
        sarcasm.semeval_irony,
        {"SemEval2018-T3-train-taskB_emoji.txt": "1bf861ee4dd3e3fa5441451ac84b091b226ce2e87f6a2998987d8219c88d0529"},
        "CC-BY-NC-4.0",
        False,
        "Van Hee, Lefever and Hoste 2018, SemEval-2018 task 3",
        3834,
    ),
    Source(
        "mustard",
        "mustard",
        sarcasm.mustard,
        {"sarcasm_data.json": "ec9533032c5f143f197cb5fa5d4b29ab9bf56a20b0dc05d5b31d052f5957d39c"},
        "MIT",
        True,
        "Castro et al. 2019, MUStARD",
        690,
    ),
    Source(
        "silver",
        "silver",
        news.silver,
        {"comments.csv": "f6fc40f6c2559f18abadd6f4e6c609b9a64778f60f34366bfbfbd5d8cf17d7cb"},
        "labels CC0-1.0, texts as their source",
        True,
        "Labels by a language model, question in the card",
        33122,
    ),
    Source(
        "graded",
        "",
        grades.graded,
        {"ucc/train_unlabelled.csv": "bbe3a44cc5f8bc90c8e3766510f54c8f29754fd1649279daaffe6d5cd6b32f26"},
        "labels CC0-1.0, texts as their source",
        True,
        "Belowline's own grades by a language model, data/sources/grades.csv",
        29277,
    ),
    Source(
        "graded_pairs",
        "",
        grades.graded_pairs,
        {
            "c3_globe_and_mail/train.csv": "57cd3a6afb7591b2f4887ab68b0b8e88f4b79b56f5185ebee2beb5c901501f13",
            "neutralnews_reddit/threads.csv": "6f9ae55c979d722460a76dc5e0c333ceaa60a8d60eb70e82ea777a760483a66e",
        },
        "labels CC0-1.0, texts as their source",
        True,
        "Belowline's own grades by a language model, data/sources/pair_grades.csv",
        3581,
    ),
    Source(
        "guessed_pairs",
        "",
        grades.guessed_pairs,
        {
            "c3_globe_and_mail/train.csv": "57cd3a6afb7591b2f4887ab68b0b8e88f4b79b56f5185ebee2beb5c901501f13",
            "neutralnews_reddit/threads.csv": "6f9ae55c979d722460a76dc5e0c333ceaa60a8d60eb70e82ea777a760483a66e",
        },
        "labels CC0-1.0, texts as their source",
        True,
        "Belowline's own guesses at which article a comment stood below, data/sources/pair_guesses.csv",
        73613,
    ),
    Source(
        "guessed",
        "",
        grades.guessed,
        {
            "ucc/train_unlabelled.csv": "bbe3a44cc5f8bc90c8e3766510f54c8f29754fd1649279daaffe6d5cd6b32f26",
            "c3_globe_and_mail/train.csv": "57cd3a6afb7591b2f4887ab68b0b8e88f4b79b56f5185ebee2beb5c901501f13",
            "cad_reddit/cad_v1_1_train.tsv": "139b4d21be0f6b6c372dbfc8015eb18753e11025e3251f92eebd2ffb9d27fe17",
            "ruddit/ruddit_with_text.csv": "d8a45cf08ea8e5e49a6202af4f2697e27e817cd5e86d1fec7d5e276d2ed6fae5",
            "edos/edos_labelled_aggregated.csv": "753b2f77f2ed8c80e3997fa427cf06a91765bfc52c01f46af4454d74c010f774",
        },
        "labels CC0-1.0, texts as their source",
        True,
        "Belowline's own guesses at a crowd's votes by a language model, data/sources/guesses.csv",
        88576,
    ),
    Source(
        "headlined",
        "",
        grades.headlined,
        {"ucc/train_unlabelled.csv": "bbe3a44cc5f8bc90c8e3766510f54c8f29754fd1649279daaffe6d5cd6b32f26"},
        "headlines CC0-1.0, texts as their source",
        True,
        "Belowline's own headlines by a language model, data/sources/headlines.csv",
        30341,
    ),
    Source(
        "silver_pairs",
        "silver",
        news.silver_pairs,
        {"relevance_pairs.csv": "f3422226581bc7980d368784e1cd59b7928c55f98e6a3f625735a9c6c3dc82bd"},
        "labels CC0-1.0, texts as their source",
        True,
        "Labels by a language model, question in the card",
        5795,
    ),
    Source(
        "c3",
        "c3_globe_and_mail",
        news.c3,
        {"train.csv": "57cd3a6afb7591b2f4887ab68b0b8e88f4b79b56f5185ebee2beb5c901501f13"},
        "CC-BY-NC-SA-4.0",
        False,
        "Kolhatkar et al. 2020, C3",
        9618,
    ),
    Source(
        "ucc_val",
        "ucc",
        news.ucc_val,
        {"val.csv": "cdb5e946f1caff10383d873bcb4134a3c5b6cdbb9ef1a781c008fe16c5d6fc01"},
        "CC-BY-NC-SA-4.0",
        False,
        "Price et al. 2020, Six attributes of unhealthy conversations",
        4407,
    ),
    Source(
        "ucc_healthy",
        "ucc",
        news.ucc_healthy,
        {"train_healthy_only.csv": "f7cd6742de8c40e3ac94ef309d1403ece7164322d8bd7e1a3048c5eff40a5c39"},
        "CC-BY-NC-SA-4.0",
        False,
        "Price et al. 2020, Six attributes of unhealthy conversations",
        6311,
    ),
    Source(
        "neutralnews",
        "neutralnews_reddit",
        relevance.neutralnews,
        {
            "threads.csv": "6f9ae55c979d722460a76dc5e0c333ceaa60a8d60eb70e82ea777a760483a66e",
            "comments.csv": "609198461f825ce53ba7ce176f77f1729e09f2d23b2cd6c37e6b41181d468a62",
        },
        "none stated",
        False,
        "Moderated threads of r/neutralnews",
        8835,
    ),
    Source(
        "arc",
        "arc_nyt_room_for_debate",
        relevance.arc,
        {
            "arc_bodies.csv": "a4bf995664c2773424d37578ea358ccffa55dc1c52e7b39070fe2fae0df44a36",
            "arc_stances.csv": "4d639569b7c4af44ab7fe8aa49db8f75782b1c689db64d29ffa176f192fcdaaa",
        },
        "Apache-2.0",
        True,
        "Habernal et al. 2018; Hanselowski et al. 2018, ARC",
        3675,
    ),
    Source(
        "youtube_spam",
        "youtube_spam",
        relevance.youtube_spam,
        {
            "combined_data.csv": "061a03a904ea7ed05601d1f7d39663715bf3a06cb0c460ef73a1b4f9f4b8a8b6",
            "video_contexts.csv": "006d4431f7e61ac4f6945485f68343a50a0584af0a046bba5f800336cb11c3fa",
        },
        "CC-BY-4.0",
        True,
        "Alberto, Lochter and Almeida 2015, TubeSpam",
        1502,
    ),
)


def authored_examples() -> Iterator[Example]:
    """The project's own discussions, which travel with the repository."""
    yield from news.authored(DEMO)


def discussion_examples() -> Iterator[Example]:
    """Discussions written for training, in pairs on like subjects and in the voices of phones (`chatter`), and others
    that are never trained on.
    """
    yield from news.authored(DISCUSSIONS, "discussions")
    yield from news.authored(DISCUSSIONS_TEST, "discussions_test")
    yield from news.authored(CHATTER, "chatter")
    yield from news.authored(CHATTER_TEST, "chatter_test")


def story_examples() -> Iterator[Example]:
    """The project's own headlines with comments below them, which travel with the repository."""
    yield from news.stories(STORIES, STORY_GRADES)


def subject_lines() -> list[str]:
    """The project's own lines on affairs of public life: what each is, and the names and things that readers link."""
    return SUBJECTS.read_text(encoding="utf-8").splitlines()


def twin_examples() -> Iterator[Example]:
    """The project's own families of near twins, which travel with the repository, and others never trained on."""
    yield from news.twins(TWINS)
    yield from news.twins(TWINS_TEST, "twins_test")


def feeling_examples() -> Iterator[Example]:
    """The project's own comments that feel something, or make as if; those to measure on had another author."""
    yield from news.twins(FEELINGS, "feelings")
    yield from news.twins(FEELINGS_TEST, "feelings_test")


def commercial_use(source: str) -> bool:
    """Say whether an example's `source` may train the variant `permissive`; graded texts keep their own licence."""
    return source in _GRADED_COMMERCIAL or any(known.name == source and known.commercial for known in SOURCES)


COMMERCIAL_GUESSES = frozenset(f"guessed_{name}" for name in ("arc", "cad", "civil_spans", "edos", "ruddit"))
# texts of these collections were graded by a language model; the grades are free, so the text decides
_GRADED_COMMERCIAL = frozenset(
    {
        "authored",
        "discussions",
        "chatter",
        "stories",
        "twins",
        "feelings",
        "silver_civil_comments_toxic_spans",
        "silver_pairs_arc",
    }
    | {f"graded_{name}" for name in ("civil_spans", "cad", "ruddit", "arc", "pairs_arc")}
    | {"headlined_civil_spans"}
    | COMMERCIAL_GUESSES
    | {"guessed_pairs_civil_spans", "guessed_pairs_arc"}
)
