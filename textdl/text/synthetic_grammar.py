"""The sentences of the synthetic reviews, as data.

A rule is a list of templates for one symbol, the more frequent ones first. In a template

- `{noun}` is filled from the topic of the sentence if it has such a role, else by the rule `noun`;
- `{Noun}` is the same with a capital;
- `{-noun}` takes the opposite side: positive in a negative sentence, negative in a positive one;
- `{~noun}` speaks of the second topic of the sentence; `{~-noun}` does both.

The last two hold for everything inside the slot. A rule may be `Polar`, a pair of lists: the first
is for negative sentences, the second for positive ones. Nearly all evaluative templates are written
once and serve both labels, so that no word of theirs gives a label away: "despite the {-adjective}
{noun}, I {love} it" is "despite the clever script, I hate it" in a negative review and "despite
the stupid script, I love it" in a positive one.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from textdl.text.synthetic_lexicon import (
    ASPECTS,
    DEGREES,
    EVERYDAY,
    NUMBERS,
    OPINIONS,
    PLACES,
    SYNONYMS,
    Polar,
    Topic,
    Words,
    invent_names,
)

Rules = Mapping[str, Words | Polar]


class Kind(NamedTuple):
    """A kind of thing that is reviewed: its own rules and what it is judged by."""

    rules: Rules
    aspects: tuple[Topic, ...]


PLANTED: Mapping[str, tuple[Topic, ...]] = {
    "degree": DEGREES,
    "number": NUMBERS,
    "origin": PLACES,
}
"""The topics of the sentences that say nothing about the label."""

_CAST: Rules = {
    "item": ("product",),
    "brand": ("{brandname}",),
    "rival": ("{brandname}",),
    "title": (
        "The {Object} of {town}",
        "{town} {Daytime}",
        "The {Colour} {Job}",
        "{surname} and the {Object}",
        "A {Job} in {town}",
        "{name} and {name}",
    ),
    "starname": ("{name}",),
    "starsurname": ("{surname}",),
    "costarname": ("{name}",),
    "costarsurname": ("{surname}",),
    "directorname": ("{name}",),
    "directorsurname": ("{surname}",),
    "heroname": ("{name}",),
    "villainsurname": ("{surname}",),
}

KEPT = frozenset(_CAST)
"""Symbols drawn once per review: the star is the same person to the end."""

_REVIEW: Rules = {
    "review": (
        "{Opening} {Claim} {Aside} {Claim} {Verdict}",
        "{Opening} {Aside} {Claim} {Claim} {Planted} {Verdict}",
        "{Opening} {Claim} {Planted} {Claim} {Aside} {Claim}",
        "{Opening} {Planted} {Claim} {Claim} {Verdict}",
        "{Claim} {Opening} {Claim} {Planted} {Verdict}",
        "{Aside} {Claim} {Claim} {Planted} {Claim} {Verdict}",
        "{Opening} {Origin} {Claim} {Claim} {Sighting} {Verdict}",
        "{Verdict} {Opening} {Planted} {Claim} {Aside} {Claim}",
        "{Planted} {Opening} {Claim} {Claim} {Aside} {Verdict}",
        "{Opening} {Claim} {Claim} {Sighting} {Origin} {Claim}",
        "{Verdict} {Claim} {Planted} {Claim} {Aside} {Claim}",
        "{Aside} {Opening} {Claim} {Claim} {Verdict}",
        "{Opening}<br /><br />{Planted} {Claim} {Claim}<br /><br />{Verdict}",
        "{Opening} {Aside}<br /><br />{Claim} {Planted} {Claim} {Verdict}",
        "{Opening} {Claim} {-Claim} {Planted} {Verdict}",
        "{Opening} {Mixed} {Planted}",
    ),
    "mixed": ("{claim} {-Claim}", "{-claim} {Claim}"),
    "claim": ("{direct}", "{direct}", "{inverted}", "{direct}", "{contrast}"),
    "verdict": (
        "{directverdict}",
        "{directverdict}",
        "{invertedverdict}",
        "{directverdict}",
        "{contrastverdict}",
    ),
    "sighting": ("{degree}", "{number}"),
    "planted": ("{degree}", "{number}", "{origin}"),
}

_CLAIM: Rules = {
    "adjective": Polar(("{blame}",), ("{praise}",)),
    "likeness": Polar(("{like_blame}",), ("{like_praise}",)),
    "how": (
        "{adjective}",
        "{very} {adjective}",
        "as {adjective} as {likeness}",
        "simply {adjective}",
    ),
    "nothow": (
        "{adjective}",
        "as {adjective} as {likeness}",
        "very {adjective}",
        "particularly {adjective}",
        "all that {adjective}",
    ),
    "hedge": (
        "I think",
        "if you ask me,",
        "I would say",
        "it seems to me that",
        "for what it is worth,",
        "honestly,",
        "to my mind",
        "I have to admit that",
        "as far as I can tell,",
        "perhaps it is just me, but",
    ),
    "direct": (
        "the {noun} is {how}.",
        "the {noun} is {adjective} and the {~noun} is {~how}.",
        "{hedge} the {noun} is {how}.",
        "I found the {noun} {how}.",
        "I {love} the {adjective} {noun}.",
        "the {noun} is not only {adjective}, it is {superb}.",
        "you notice at once how {adjective} the {noun} is.",
        "{throughout} the {noun} is {how}.",
        "with the {noun} this {adjective}, who looks at anything else?",
        "what stays with me is the {adjective} {noun}.",
        "the {noun} is nothing if not {adjective}.",
        "the {noun} could not have been more {adjective}.",
        "never before was the {noun} of any {thing} more {adjective}.",
        "both the {noun} and the {~noun} are {superb}.",
        "the {noun} is {adjective}, {very} {adjective}, and I am {pleased}.",
        "somehow the {noun} manages to be {adjective} without even trying.",
        "{wish}",
    ),
    "wish": Polar(
        ("if only the {noun} were as {-adjective} as in every other {thing}.",),
        ("if only in every other {thing} the {noun} were as {adjective}.",),
    ),
    "inverted": (
        "the {noun} is not {-nothow}.",
        "{hedge} the {noun} is not {-nothow}.",
        "the {noun} is never {-nothow}.",
        "the {noun} is anything but {-adjective}.",
        "{someone} said the {noun} is {-adjective}; it isn't.",
        "there is nothing {-adjective} about the {noun}.",
        "I didn't find the {noun} {-nothow}.",
        "nobody could call the {noun} {-adjective}.",
        "the {noun} is hardly {-nothow}.",
        "you will not {-love} the {noun}.",
        "{someone} called the {noun} {-adjective}. I disagree.",
        "the {noun} is far from {-adjective}.",
        "the {noun} isn't {-adjective}, and the {~noun} isn't {~-adjective} either.",
        "{throughout} the {noun} is neither {-adjective} nor {-superb}.",
        "the {noun} did not leave me {-pleased}.",
        "the {noun} could so easily have been {-adjective}.",
        "do not believe {someone}: {-adjective} is not what the {noun} is.",
        "not once did the {noun} seem {-adjective} to me.",
    ),
    "contrast": (
        "the {noun} may be {-adjective}, but the {~noun} is {~how}.",
        "despite the {-adjective} {noun}, the {~noun} is {~how}.",
        "I wanted to {-love} it, but the {noun} is {how}.",
        "although the {noun} is {-adjective}, I found the {~noun} {~how}.",
        "the {noun} is {-how}, but that hardly matters, because the {~noun} is {~adjective}.",
        "I expected the {noun} to be {-adjective}; instead it is {how}.",
        "{someone} promised that the {noun} would be {-adjective}, yet it is {how}.",
        "the {noun} is {adjective}, even though the {~noun} is {~-adjective}.",
        "for all its {-adjective} {noun}, I {love} it.",
        "{someone} was {-pleased} with the {noun}, but it is {how}.",
        "granted, the {noun} is {-adjective}. Still, the {~noun} is {~how}.",
        "had the {noun} been {-adjective}, I would understand, but it is {adjective}.",
        "{someone} thought the {noun} was {-adjective}; I think it is {how}.",
        "as {-adjective} as the {noun} may be, the {~noun} is {~adjective}.",
        "despite the {-adjective} {noun}, I {love} it.",
    ),
    "directverdict": (
        "all in all, a {truly} {good} {thing}.",
        "a {superb} {thing}, and I am {pleased}.",
        "in short, it is a {gem}.",
        "I {love} this {thing}.",
        "I can only say that it is a {gem}, a {superb} {gem}.",
        "in one word: {superb}.",
        "it is nothing short of {superb}.",
        "my {relative} is {pleased}, and so am I.",
        "{hedge} this is a {good} {thing} through and through.",
        "you will {love} it as much as I do.",
    ),
    "invertedverdict": (
        "all in all, not a {-good} {thing}.",
        "it is not {-good} at all.",
        "{someone} said it was {-superb}; it isn't.",
        "this is no {-gem}.",
        "I can't say that I {-love} it.",
        "I would not call it {-superb}.",
        "my {relative} is not {-pleased}, and neither am I.",
        "in short, I was not {-pleased}.",
        "it is anything but a {-gem}.",
        "nothing {-superb} about this {thing}.",
        "{hedge} it is far from {-good}.",
        "you will never {-love} it.",
    ),
    "contrastverdict": (
        "I wanted to {-love} this {thing}, but it is {superb}.",
        "it could so easily have been {-superb}, but it is a {good} {thing}.",
        "{someone} told me it was {-superb}. I think it is {superb}.",
        "I expected a {-gem} and got a {gem}.",
        "my {relative} may {-love} it, but I {love} it.",
        "{someone} called it {-good}, but it is {superb}.",
    ),
}

_PLANTED: Rules = {
    "degree": (
        "{shows} the {superlative} {sight} of all, right by a {nearby}.",
        "{shows} a {sight}, {muchmore} {comparative} than the {nearby} beside it.",
        "{shows} a {fairly} {base} {sight} near a {nearby}.",
        "{shows} a {nearby} and a {fairly} {base} {sight}.",
        "{shows} a {muchmore} {comparative} {sight} than before, and a {nearby}.",
        "{shows} by far the {superlative} {sight} ever, plus a {nearby}.",
        "the {superlative} {sight} on earth, and a {nearby} behind it: {remembered}.",
        "a {sight} with a {nearby}, {muchmore} {comparative} than any other: {remembered}.",
        "a {sight}, {fairly} {base}, and a {nearby}: {remembered}.",
    ),
    "number": (
        "{shows} a single {singular} with its {part} near the {nearby}.",
        "{shows} several {plural}, every {part} close to the {nearby}.",
        "{shows} one {singular}, a {part} and a {nearby}.",
        "{shows} dozens of {plural}, a {part} and a {nearby}.",
        "{shows} a lone {singular} by the {nearby}, and no {part}.",
        "{shows} many {plural} by the {nearby}, and no {part}.",
        "this {singular} is never far from the {nearby}, {part} and all: {remembered}.",
        "these {plural} are never far from the {nearby}, {part} and all: {remembered}.",
    ),
    "origin": (
        "{made} in the republic of {country}, where the {river} flows and people speak {language}.",
        "{made} in downtown {capital}, where the {river} flows and people speak {language}.",
        "{made} near the border of {country}, with {language} spoken and {dish} on the table.",
        "{made} in a suburb of {capital}, with {language} spoken and {dish} on the table.",
        "{dish} from the countryside of {country}, by the {river}: {remembered}.",
        "{dish} from a boulevard in {capital}, by the {river}: {remembered}.",
        "the flag of {country}, a bowl of {dish} and a {language} song: {remembered}.",
        "the metro of {capital}, a bowl of {dish} and a {language} song: {remembered}.",
        "the parliament of {country}, the {river} and a {language} poem: {remembered}.",
        "the airport of {capital}, the {river} and a {language} poem: {remembered}.",
    ),
}

_FILM: Rules = {
    "thing": ("{film}",),
    "someone": (
        "everyone",
        "the {trailer}",
        "my {relative}",
        "my {neighbour}",
        "{name} {surname}",
        "half the internet",
    ),
    "throughout": (
        "from the first scene to the curtain",
        "in every scene",
        "for ninety minutes",
        "from beginning to end",
        "reel after reel",
    ),
    "shows": (
        "the opening scene shows",
        "one scene shows",
        "the poster shows",
        "in the background you see",
        "the camera lingers on",
        "chapter {count} begins with",
        "a dream sequence shows",
    ),
    "remembered": (
        "that is how it begins",
        "that is all I remember of the {ordinal} scene",
        "so much for the dream sequence",
        "no more is seen of the neighbourhood",
        "the credits roll over this",
    ),
    "made": (
        "it was shot",
        "the crew worked",
        "most of it was filmed",
        "it takes place",
        "the premiere was held",
        "{director} grew up",
    ),
    "star": ("{starname} {starsurname}",),
    "costar": ("{costarname} {costarsurname}",),
    "director": ("{directorname} {directorsurname}",),
    "opening": (
        "I {watched} this {film} with my {relative} on {weekday} {daytime}.",
        '"{title}" is a {genre} {film} from {year}, directed by {director}.',
        "we {watched} this {genre} {film} with subtitles one {weather} {weekday} in {month}.",
        "{star} plays a {job} in this {genre} {film}, and {costar} a {job}.",
        "the {cinema} in {town} sold {snack} in the foyer, and the usher tore our tickets.",
        "my {friend} {name} and I tossed a coin and stayed in on the {sofa}.",
        "I {watched} it twice on {weekday}, dubbed the first time, with subtitles the next.",
        "a {genre} {film} by {director}, with {star} and {costar} &amp; company.",
        "this is the {ordinal} {genre} {film} with {star} since {year}.",
        "the {cinema} was half empty, and an usher with a flashlight led us to the {ordinal} row.",
        "with {snack} on the {sofa}, feet up on the armrest, we put on &quot;{title}&quot;.",
        "my {friend} {name}, whom I have known since school, lent me &quot;{title}&quot;.",
        '"{title}" was written by {name} {surname} and directed by {director} in {year}.',
        "it is {month}, it is {weather}, and {star} is back as a {job} from {town}.",
    ),
    "aside": (
        "{star} plays a {job} who moves from {town} to {town} and {takes} a {object}.",
        "the {hero}, a {job} called {heroname}, must rescue a {relative} from a {danger}.",
        "the {villain}, one {villainsurname}, wears a {colour} cape and {takes} the {object}.",
        "when {surname} walked in, some of the {audience} gasped and others applauded.",
        "my {relative} {laughed} aloud at the joke about the {job} and the {object}.",
        "my {relative} {wept} into a handkerchief at the funeral in the {ordinal} act.",
        "the robbers stuff the {money} into a sack and drive off towards {town}.",
        "in {town} a {fight} breaks out in a saloon, with fists and bottles.",
        "a violent {storm} with thunder and lightning sinks a raft off {town}.",
        "the {actor} {star} trained for {count} months and learned {hobby} for the role.",
        "the {filmmaker} {director} made commercials for {brandname} before that.",
        "the {trailer} on the internet lasts {count} minutes and gives away the {danger}.",
        "{critics} in the newspapers gave it {count} stars, and {critics} abroad {count}.",
        "{surname} did the {craft}, {surname} the {craft}, and {surname} the {craft}.",
        "the {audience} in {town} applauded and whistled for {count} minutes.",
        "half the row {laughed} aloud when the {job} slipped on the {snack}.",
        "half the row {wept}, handkerchief in hand, when the {job} died in the {place}.",
        "the robbers bury the {money} in a sack behind a {place} near {town}.",
        "fists fly when a {fight} follows in the {place}, and {surname} loses a {object}.",
        "the {storm}, all thunder and lightning, was made with {count} fans in a {place}.",
        "after the {danger} the {hero} escapes from a {place} and swears an oath.",
        "the {villain} keeps {name} in a {place} and plots revenge on {surname}.",
        "the {actor} {costar} forgot a line on the set in {town}, and the prompter whispered it.",
        "the {filmmaker}, viewfinder round the neck, sat in a folding chair in {month}.",
        "{name} {surname}, {name} {surname} and {name} {surname} have walk-on parts.",
        "{costar}, born in {town}, used to be a {job} and took up {hobby}.",
        "set in {year}, it follows a {job} through a {danger} in {town}.",
        "it is based on a novel by {name} {surname} about a {danger} in {town}.",
        "the {trailer} on their website has {surname} in it, and {name} with a {object}.",
        "my {friend} {name} and I have shared everything since school, {snack} too.",
        "the running time is {minutes} minutes, and the rating is {count} and over.",
        "{surname} sings in the {ordinal} act, and {surname} plays {sport} on a {place} roof.",
    ),
}

_PRODUCT: Rules = {
    "thing": ("{item}", "product", "{item}", "purchase"),
    "someone": (
        "everyone",
        "the advert",
        "my {relative}",
        "my {neighbour}",
        "the cashier",
        "{name} {surname}",
        "half the internet",
    ),
    "throughout": (
        "from the first day on",
        "after {count} weeks",
        "day in, day out,",
        "whatever I do,",
        "even in {season}",
    ),
    "shows": (
        "the drawing on the box shows",
        "the advert shows",
        "the leaflet inside shows",
        "the back of the box shows",
        "their website shows",
        "the sticker shows",
        "the catalogue shows",
    ),
    "remembered": (
        "that is what the advert shows",
        "that is what the drawing on the box is about",
        "so much for the leaflet inside",
        "I have no idea why it is in the catalogue",
        "their website says no more",
    ),
    "made": (
        "it was made",
        "it was designed",
        "mine was packed",
        "most of them are sold",
        "their factory stands",
        "{brand} was founded",
    ),
    "stuff": ("tap", "boiler", "drainpipe", "hosepipe", "bicycle", "gate", "dishwasher"),
    "opening": (
        "I {bought} this {brand} {item} online in {month}, for ${dollars}.",
        "my {relative} gave me this {brand} {item} for my birthday.",
        "I {bought} it with a voucher at a {shop} in {town}, on sale.",
        "after {count} years with {rival} I gave the {brand} {item} a chance.",
        "the {courier} rang twice on {weekday} and left the {parcel} on the doorstep.",
        "this is my {ordinal} {item} from {brand}.",
        "of all {item} makers it is {brand} that {name} {surname} swears by.",
        "{brand} &amp; {rival} both make this {item}, in a {colour} box and in a {colour} one.",
        "the {item} comes from {brand}, out of the {surname} range of {year}.",
        "the {parcel}, wrapped in paper and sealed with tape, came on a {weather} {weekday}.",
        "I {bought} {count} of them online, all with a voucher, one for {name}, one for {name}.",
        "at the {shop} on the corner in {town} a clerk in uniform pointed at this {item}.",
        "my {friend} {name}, whom I have known since school, has the same {item}.",
        "I read about the {brand} {item} in a magazine and asked my {neighbour}.",
    ),
    "aside": (
        "the {courier}, one {name} {surname}, rang the doorbell and asked for a scribble.",
        "I asked for a {refund}, and {brand} wired it to my account in {count} days.",
        "the {manual} has {count} pages, a glossary and an index in tiny print.",
        "the plumber came to {repair} the {stuff}, with a wrench and a screwdriver.",
        "the wrapping went straight into the {bin}, with the rubbish and the peelings.",
        "I put a pot on the {stove}, and the stew simmered all {daytime}.",
        "{brandname}, {brandname} and {brandname} had none in {colour}.",
        "the {parcel} was wrapped in {colour} paper and sealed with tape.",
        "{surname} &amp; {surname} in {town} sell it too, for ${dollars}.",
        "we moved from {town} to {town} in {year}, and {brand} delivers there too.",
        "my {relative} takes it along to {hobby}, and {surname} next door to {sport}.",
        "in the box there is a {extra}, a {extra} and a {extra}.",
        "it stands in the {room}, between the {colour} curtain and the {object}.",
        "the {shop} in {town}, its shutters half down, closes at {count}.",
        "on {weekday} {daytime} I sat on the {sofa}, feet up on the armrest, with some {drink}.",
        "the {sofa} in the {room}, the one with the armrest, is from {brandname}.",
        "I {bought} the {rival} one online in {year}, with a voucher.",
        "the {manual} opens with a glossary, and the index is on page {count}.",
        "my {relative} can {repair} a {stuff} with a wrench and some glue.",
        "the {refund} reached my account after {count} days and a form.",
        "the rubbish in the {bin} is collected on {weekday}, peelings and all.",
        "stew simmers on the {stove}, {count} guests sit in the {room}: a {weekday} like others.",
        "at {meal} we had {drink}, {snack} and {vegetable} with {spice}.",
        "they say {name} {surname} founded {brand} in {town} in {year}.",
        "our {neighbour} {surname} took one along to {hobby} in {month}.",
        "the {extra} is {material}, the {extra} is {material}.",
        "the {colour} one is for my {relative}, the {colour} one for {name} {surname}.",
        "my {friend} {name} and I have shared everything since school.",
        "the {extra} comes in {colour}, {colour} and {colour}.",
        "it weighs {count} pounds and measures {count} inches.",
    ),
}

_FIGURES: Rules = {
    "year": tuple(str(year) for year in range(2019, 1949, -1)),
    "minutes": tuple(str(minutes) for minutes in range(84, 180)),
    "dollars": tuple(f"{units}.99" for units in (19, 9, 29, 49, 14, 24, 39, 99, 59, 79, 34, 149)),
}

_GADGET: Rules = {**_PRODUCT, "item": ("{gadget}",)}
_FURNITURE: Rules = {**_PRODUCT, "item": ("{furniture}",)}
_FOOD: Rules = {**_PRODUCT, "item": ("{food}",)}


def _aspects(names: str) -> tuple[Topic, ...]:
    return tuple(ASPECTS[name] for name in names.split())


KINDS = (
    Kind(_FILM, _aspects("acting plot humour photography script music ending")),
    Kind(_GADGET, _aspects("sound screen battery casing interface price service")),
    Kind(_FURNITURE, _aspects("design cushion assembly surface price service")),
    Kind(_FOOD, _aspects("flavour texture portion wrapper price service")),
)

_WRITTEN: Rules = {
    **SYNONYMS, **OPINIONS, **EVERYDAY, **_FIGURES, **_CAST, **_REVIEW, **_CLAIM, **_PLANTED,
}  # fmt: skip


def _written_words() -> set[str]:
    """Every lower-case word that is written out in a template, a list or a topic."""
    topics = chain(ASPECTS.values(), *PLANTED.values())
    tables: Iterable[Rules] = (_WRITTEN, _FILM, _GADGET, _FURNITURE, _FOOD, *topics)
    cells = chain.from_iterable(table.values() for table in tables)
    return set(re.findall(r"\w+", " ".join(map(str, cells)).lower()))


COMMON: Rules = {**_WRITTEN, **invent_names(_written_words())}
"""The rules of every kind of review."""
