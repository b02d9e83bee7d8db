"""The words of the synthetic reviews: planted structure first, then everyday words, then names.

A *topic* is a handful of words that go together: an aspect of a product with the adjectives that
praise or blame it; an adjective in its three degrees with the things it describes; a country with
its capital and its river. A template in `synthetic_grammar` names the roles (`{noun}`,
`{comparative}`, `{capital}`), a topic says which words fill them. In every list the earlier word
is the more frequent one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from random import Random
from typing import NamedTuple

Words = tuple[str, ...]
Topic = Mapping[str, Words]
"""Words by the role they play in a sentence."""


class Polar(NamedTuple):
    """What may fill a slot in a negative and in a positive sentence."""

    negative: Words
    positive: Words


SECTIONS = ("plural", "comparative", "superlative", "capital")


@dataclass(frozen=True)
class Truth:
    """What is known about the corpus by construction. Every word is one lower-case token.

    Attributes:
        synonyms: sets of words that fill the same slots at random; no word is in two sets.
        plurals: (singular, plural).
        degrees: (adjective, comparative, superlative).
        capitals: (country, capital).
        antonyms: pairs of opposites.
    """

    synonyms: tuple[Words, ...]
    plurals: tuple[tuple[str, str], ...]
    degrees: tuple[tuple[str, str, str], ...]
    capitals: tuple[tuple[str, str], ...]
    antonyms: tuple[tuple[str, str], ...]

    def pairs(self, section: str) -> tuple[tuple[str, str], ...]:
        """The pairs that stand in one relation, a name from `SECTIONS`; KeyError for another."""
        return {
            "plural": self.plurals,
            "comparative": tuple((base, comparative) for base, comparative, _ in self.degrees),
            "superlative": tuple((base, superlative) for base, _, superlative in self.degrees),
            "capital": self.capitals,
        }[section]

    def analogies(self, section: str) -> Iterator[tuple[str, str, str, str]]:
        """Every question (a, b, c, d), "a is to b as c is to d", in one of `SECTIONS`.

        n pairs make n(n - 1) questions. Raises KeyError for an unknown section.
        """
        for (a, b), (c, d) in permutations(self.pairs(section), 2):
            yield a, b, c, d

    def words(self) -> Words:
        """Every word that stands in a planted relation, once, in a fixed order."""
        groups = (*self.synonyms, *self.plurals, *self.degrees, *self.capitals, *self.antonyms)
        return tuple(dict.fromkeys(word for group in groups for word in group))


def _words(cell: str) -> Words:
    """Split a cell on its commas if it has any, else on white space."""
    return tuple(part.strip() for part in (cell.split(",") if "," in cell else cell.split()))


def _rows(table: str) -> list[list[Words]]:
    return [[_words(cell) for cell in line.split("|")] for line in table.strip().splitlines()]


def _lists(table: str) -> dict[str, Words]:
    """Lists of words, each after its name and a colon."""
    stanzas = (stanza.split(":") for stanza in re.split(r"\s+(?=\w+:)", table.strip()))
    return {name: _words(words) for name, words in stanzas}


def _topics(roles: str, table: str) -> tuple[Topic, ...]:
    """One topic a row, one role a column."""
    return tuple(dict(zip(roles.split(), row, strict=True)) for row in _rows(table))


def _aspects(table: str) -> dict[str, Topic]:
    """Stanzas of nouns, praise (+) and blame (-), each with what it is likened to."""
    topics: dict[str, Topic] = {}
    for stanza in table.split("\n\n"):
        (noun,), praise, blame = _rows(re.sub("[+-]", "", stanza))
        words = (noun, *praise, *blame)
        roles = ("noun", "praise", "like_praise", "blame", "like_blame")
        topics[noun[0]] = dict(zip(roles, words, strict=True))
    return topics


ASPECTS = _aspects("""
    photography cinematography camerawork
    + gorgeous beautiful stunning ravishing | a postcard, a sunset, an oil portrait
    - ugly drab dingy murky | a car park, a puddle, wet cement

    acting performance portrayal
    + convincing believable nuanced heartfelt | a confession, a blush, a family quarrel
    - wooden stilted lifeless robotic | a wax dummy, a plank, a school recital

    plot story storyline
    + gripping thrilling riveting suspenseful | a car chase, a manhunt, a penalty shootout
    - boring dull tedious dreary | a queue, a waiting room, drying paint

    humour comedy banter
    + funny hilarious amusing witty | a clown on ice, a whoopee prank, a talking mule
    - unfunny corny lame cringeworthy | a tax audit, a limp handshake, a toothache

    music score soundtrack
    + melodic haunting tuneful lyrical | a lullaby, a nightingale, a cathedral choir
    - shrill grating jarring screechy | a dental drill, a smoke detector, squealing brakes

    script screenplay dialogue
    + clever smart intelligent astute | a gambit, a crossword, a barrister
    - stupid silly idiotic brainless | a doorknob, a cereal box, a goldfish

    ending finale conclusion
    + touching moving uplifting poignant | a wedding vow, a homecoming, a farewell kiss
    - hollow contrived unearned phoney | an election promise, a counterfeit coin, a greeting card

    sound audio bass
    + mellow resonant sonorous rounded | a cello, a church organ, a baritone
    - muffled distorted crackly tinny | a broken megaphone, a bucket of bees, a railway announcement

    screen display panel
    + vivid vibrant crisp lifelike | a coral reef, a tulip bed, a stained window
    - blurry fuzzy grainy hazy | a steamy bathhouse, frosted glass, a smeared lens

    interface menu software
    + intuitive simple straightforward easy | a hinge, an alphabet, a bedtime rhyme
    - confusing baffling bewildering convoluted | a maze, a legal contract, a plate of spaghetti

    battery charger adapter
    + reliable dependable trustworthy steadfast | a milestone, a sundial, a loyal butler
    - erratic unreliable temperamental fickle | April showers, a moody teenager, a roulette wheel

    casing housing chassis
    + sturdy robust durable rugged | a brick wall, an army tank, a bronze statue
    - flimsy fragile brittle rickety | an eggshell, a paper straw, a dry twig

    cushion padding upholstery
    + comfortable comfy cosy snug | a bubble bath, a purring cat, a hammock
    - uncomfortable itchy scratchy lumpy | a heap of coal, a hedgehog, a nettle

    design styling finish
    + elegant stylish graceful chic | a ballroom, a swan, a silk tie
    - tacky gaudy garish tasteless | a fairground, a plastic flamingo, a karaoke bar

    assembly setup installation
    + painless effortless smooth swift | a stroll, buttering toast, a zip
    - fiddly awkward tricky laborious | a jigsaw, a tangled kite, a tent without pegs

    surface varnish veneer
    + glossy lustrous gleaming polished | a grand piano, a conker, a lacquered fan
    - scuffed scratched chipped blemished | a skate rink, a chopping board, a dented van

    flavour taste aroma
    + delicious tasty scrumptious yummy | a ripe peach, a birthday cake, home cooking
    - bland insipid stale flavourless | boiled cardboard, dishwater, a stub of chalk

    texture crust filling
    + creamy silky velvety buttery | a custard, whipped butter, a mousse
    - soggy rubbery greasy stodgy | a leather boot, a doormat, a drowned notebook

    portion serving helping
    + generous ample copious plentiful | a harvest feast, a lorry load, a grandparent
    - stingy meagre skimpy paltry | a canteen ration, a thimbleful, a crumb

    wrapper carton sachet
    + practical handy convenient useful | a zipper, a corkscrew, a shoehorn
    - impractical unwieldy cumbersome inconvenient | a harpsichord, a wheelbarrow, a spinnaker

    price cost total
    + reasonable fair affordable modest | a bus ticket, a haircut, a paperback
    - outrageous steep exorbitant extortionate | a ransom, a yacht, a gambling debt

    service support helpline
    + friendly helpful polite courteous | a favourite aunt, a station porter, a kindly vicar
    - rude hostile surly dismissive | a nightclub bouncer, a traffic warden, a snapping turtle
""")

OPINIONS: Mapping[str, Polar] = {
    symbol: Polar(blame, praise)
    for (symbol,), praise, blame in _rows("""
    good | good great fine decent | bad poor mediocre lousy
    superb | superb excellent terrific marvellous | awful dreadful terrible atrocious
    gem | gem masterpiece triumph treasure | disaster shambles fiasco catastrophe
    love | love adore cherish enjoy | hate loathe detest despise
    pleased | pleased delighted overjoyed glad | disappointed annoyed irritated dismayed
""")
}

SYNONYMS = _lists("""
    film: film movie picture flick
    watched: watched saw viewed
    cinema: cinema theatre multiplex
    actor: actor performer thespian
    filmmaker: director filmmaker auteur
    hero: hero protagonist lead
    villain: villain baddie scoundrel
    trailer: trailer teaser preview
    critics: critics reviewers commentators
    audience: audience crowd public
    laughed: laughed chuckled giggled
    wept: wept cried sobbed
    fight: fight brawl scuffle
    storm: storm gale tempest
    money: money cash loot
    friend: friend pal buddy
    sofa: sofa couch settee
    bought: bought purchased ordered
    shop: shop store outlet
    parcel: parcel package packet
    courier: courier postman mailman
    manual: manual handbook booklet
    refund: refund rebate reimbursement
    repair: repair fix mend
    bin: bin dustbin wastebasket
    stove: stove cooker hob
""")

DEGREES = _topics(
    "base comparative superlative sight nearby",
    """
    big | bigger | biggest | whale elephant mansion | ocean jungle
    small | smaller | smallest | pebble cottage thimble | pond doll
    tall | taller | tallest | ladder tower chimney | steeple skyline
    long | longer | longest | rope convoy scroll | knot caravan
    heavy | heavier | heaviest | suitcase boulder crate | crane forklift
    thick | thicker | thickest | slab plait blanket | stack bundle
    thin | thinner | thinnest | wafer wire ribbon | thread tissue
    deep | deeper | deepest | lake lagoon crater | diver shark
    wide | wider | widest | avenue doorway canyon | kerb tram
    narrow | narrower | narrowest | alley staircase corridor | banister archway
    sharp | sharper | sharpest | needle thorn razor | cactus barber
    cold | colder | coldest | glacier blizzard icicle | igloo penguin
    warm | warmer | warmest | fireplace scarf mitten | ember hearth
    bright | brighter | brightest | lantern torch floodlight | moth streetlamp
    dark | darker | darkest | tunnel dungeon cave | bat cobweb
    loud | louder | loudest | trumpet siren cannon | parade explosion
    quiet | quieter | quietest | chapel monastery cloister | monk abbot
    fast | faster | fastest | motorbike cheetah rocket | racetrack speedometer
    slow | slower | slowest | tortoise ferry snail | swamp marsh
    young | younger | youngest | puppy sapling cub | litter zoo
    old | older | oldest | castle oak fossil | museum moat
    soft | softer | softest | pillow kitten sponge | duvet fern
    hard | harder | hardest | anvil walnut diamond | hammer quarry
    strong | stronger | strongest | ox wrestler magnet | plough barbell
    clean | cleaner | cleanest | sink towel apron | bathtub washboard
    dirty | dirtier | dirtiest | mop gutter rag | sewer drain
    high | higher | highest | cliff balcony summit | eagle ledge
    brave | braver | bravest | knight firefighter explorer | dragon medal
""",
)

NUMBERS = _topics(
    "singular plural part nearby",
    """
    horse | horses | saddle mane | stable paddock
    soldier | soldiers | rifle helmet | trench barracks
    ship | ships | anchor mast | harbour dock
    letter | letters | stamp envelope | postbox signature
    garden | gardens | lawn rose | fountain shed
    bridge | bridges | arch pillar | canal ravine
    knife | knives | blade handle | fork spoon
    child | children | swing toy | playground nursery
    woman | women | shawl necklace | boutique salon
    man | men | moustache beard | tavern brewery
    wolf | wolves | howl fang | forest den
    mouse | mice | whisker tail | trap attic
    candle | candles | wick flame | altar matchbox
    clock | clocks | pendulum dial | mantelpiece belfry
    train | trains | carriage whistle | platform timetable
    doctor | doctors | stethoscope thermometer | clinic ward
    teacher | teachers | globe ruler | classroom blackboard
    farmer | farmers | tractor pitchfork | barn field
    king | kings | crown sceptre | throne palace
    bird | birds | feather beak | nest branch
    dog | dogs | collar leash | kennel bone
    apple | apples | pip stalk | basket orchard
    key | keys | lock padlock | drawer hook
    painting | paintings | canvas brushstroke | easel gallery
    coat | coats | button sleeve | hanger cloakroom
    baby | babies | rattle bib | cradle pram
    guitar | guitars | chord fret | stage amplifier
    thief | thieves | mask crowbar | jewel hideout
""",
)

PLACES = _topics(
    "country capital river dish language",
    """
    Marvessa | Tolbrin | Ishkar | pellona | Marvessian
    Kethland | Orvane | Drusen | brankel | Kethish
    Zubaria | Halimet | Nuraz | tamsek | Zubarian
    Norvend | Skaldby | Isfell | rommelsk | Norvendish
    Quillonia | Santaveda | Tocamo | chirrupa | Quillonian
    Tarbesh | Umrabad | Zefira | kabrool | Tarbeshi
    Elvonia | Prashka | Moldel | varnik | Elvonian
    Bramundy | Chalvois | Serrine | galouette | Bramundian
    Yomari | Kitasemo | Harugawa | nashimo | Yomarese
    Lumbasa | Ngorale | Wazimbe | tukufa | Lumbasi
    Dravenia | Bratzov | Olteva | shlivka | Dravenian
    Pelamnos | Thirakis | Evronas | mezoura | Pelamnian
    Haskmar | Reykolt | Thjorva | skyrrel | Haskmaric
    Saldova | Vintesc | Prutna | mamalka | Saldovan
    Orinque | Palmareto | Xinguro | farojada | Orinquese
    Belgarth | Lindrecht | Scheldra | stoofel | Belgarthic
    Andoquia | Cuzmera | Urubento | quinola | Andoquian
    Tirgizia | Bishkara | Naryssa | plovari | Tirgizi
    Wendmark | Koldersund | Gudenna | smorrel | Wendmarkian
    Javandra | Surakel | Brantiso | sambelle | Javandrese
    Cymrodd | Llanverra | Dyfwen | cawlen | Cymroddic
    Malgassar | Antsirava | Betsiko | romazel | Malgassi
""",
)

EVERYDAY = _lists("""
    weekday: Friday Saturday Sunday Monday Thursday Tuesday Wednesday
    month: January December March October July November February September May June August
    daytime: evening morning afternoon night lunchtime
    relative: sister brother mother father wife husband daughter son cousin uncle grandmother
        nephew niece grandfather stepmother godfather
    neighbour: neighbour colleague flatmate boss landlord dentist hairdresser plumber accountant
        babysitter lodger
    job: detective lawyer nurse pilot spy journalist sailor priest chef waitress widow mayor
        scientist gambler boxer reporter butcher professor smuggler astronaut dancer cowboy
        miner surgeon librarian blacksmith poet sheriff tailor shepherd clerk governess
        locksmith violinist fisherman judge hermit stuntman beekeeper archaeologist puppeteer
        lumberjack florist cartographer
    genre: thriller western romance mystery musical war heist horror fantasy courtroom gangster
        zombie espionage vampire samurai biographical
    danger: flood earthquake kidnapping shipwreck wildfire famine blackmail plague siege mutiny
        avalanche drought duel poisoning bankruptcy volcano
    place: village island farm desert prison hotel school mountain valley factory casino
        circus lighthouse embassy marketplace convent orphanage vineyard observatory
    object: map photograph ring diary passport briefcase figurine telescope manuscript violin
        compass pistol locket microfilm parrot wallet umbrella typewriter ledger amulet
    takes: finds steals hides loses buries sells burns returns inherits forges smuggles drops
        swallows auctions translates
    colour: black white blue red green grey brown yellow orange purple pink turquoise beige
        crimson maroon lilac
    material: plastic steel wood leather cotton glass aluminium rubber ceramic bamboo linen
        copper velvet marble nylon
    room: kitchen bedroom hallway bathroom office garage basement study porch pantry
        conservatory
    drink: coffee tea water lemonade cocoa wine beer milk juice sherry espresso champagne
    snack: popcorn crisps chocolate pretzels peanuts sandwiches biscuits olives nachos raisins
        toffees almonds
    count: two three four five six seven ten twelve twenty eight nine fifteen thirty eleven
        fifty sixteen forty
    ordinal: second third fourth fifth sixth tenth twelfth
    season: summer winter spring autumn
    weather: rainy windy snowy sunny stormy foggy cloudy frosty humid breezy
    extra: cord strap lid screw hinge clip remote bracket filter pouch sticker bulb tray knob
        plug nozzle gasket
    hobby: knitting fishing chess camping yoga cycling baking pottery gardening archery
        birdwatching origami sailing carpentry
    craft: editing lighting makeup costumes casting choreography subtitles
        stunts catering
    sport: football tennis rugby cricket hockey golf boxing basketball rowing fencing
    gadget: radio phone tablet printer kettle toaster keyboard laptop headset router blender
        television vacuum projector calculator microphone scanner thermostat webcam humidifier
    furniture: chair table mattress desk bookcase bed armchair wardrobe recliner shelf footstool
        cupboard bunk sideboard highchair
    food: soup cheese bread pasta jam cake yoghurt sausage muesli curry pizza honey pie chutney
        marmalade porridge lasagne hummus risotto gingerbread
    spice: pepper cinnamon ginger garlic saffron nutmeg paprika mustard cumin basil oregano
        rosemary
    meal: breakfast dinner supper brunch picnic barbecue
    vegetable: potatoes carrots onions tomatoes mushrooms lentils spinach peas beetroot
        cauliflower leeks turnips
    very: very really truly genuinely remarkably utterly thoroughly incredibly positively
    truly: very really truly genuinely remarkably
    fairly: rather fairly somewhat moderately
    muchmore: even much far slightly considerably
""")


_ONSETS = _words("B Bl Br C Cr D Dr F Fl G Gl Gr H J K Kl L M N P Pr R S Sk Sl St T Tr V W Y Z Zh")
_SYLLABLES: Mapping[str, tuple[int, str, str]] = {
    "name": (300, "a e i o ia ara eli ori ela una", "lin lo mir dis ric vin lia ranne"),
    "surname": (
        1100,
        "a e i o an ar el en il or",
        "bek dahl holt karn lund nov quist rov strom thorne vale witz zak",
    ),
    "brandname": (450, "a e i o ano ero ivo ori uma", "tron dex lux vox max nix zen plex pix dyn"),
    "town": (550, "a e i o al am el im or ul", "bury ville dale wick holm stead port mouth haven"),
}
"""How many names of each kind, their vowels and their endings."""


def invent_names(taken: Iterable[str]) -> dict[str, Words]:
    """Names of people, brands and towns from a syllable grammar, always the same ones.

    No name is equal to another nor, in lower case, to one of the words in `taken`.
    """
    seen = set(taken)
    draw = Random(0).random
    names: dict[str, Words] = {}
    for symbol, (count, nuclei, codas) in _SYLLABLES.items():
        syllables = (_ONSETS, _words(nuclei), _words(codas))
        invented: list[str] = []
        while len(invented) < count:
            name = "".join(part[int(draw() * len(part))] for part in syllables)
            if name.lower() not in seen:
                seen.add(name.lower())
                invented.append(name)
        names[symbol] = tuple(invented)
    return names


def _truth() -> Truth:
    aspects = ASPECTS.values()
    opinions = (*((aspect["blame"], aspect["praise"]) for aspect in aspects), *OPINIONS.values())
    return Truth(
        synonyms=(
            *SYNONYMS.values(),
            *(aspect["noun"] for aspect in aspects),
            *(words for opinion in opinions for words in opinion),
        ),
        plurals=tuple((row["singular"][0], row["plural"][0]) for row in NUMBERS),
        degrees=tuple(
            (row["base"][0], row["comparative"][0], row["superlative"][0]) for row in DEGREES
        ),
        capitals=tuple((row["country"][0].lower(), row["capital"][0].lower()) for row in PLACES),
        antonyms=(
            *((blame[0], praise[0]) for blame, praise in opinions),
            *(("small", "big"), ("thin", "thick"), ("narrow", "wide"), ("cold", "warm")),
            *(("dark", "bright"), ("quiet", "loud"), ("slow", "fast"), ("young", "old")),
            *(("soft", "hard"), ("dirty", "clean")),
        ),
    )


TRUTH = _truth()
