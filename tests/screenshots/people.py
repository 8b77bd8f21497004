"""The people of the pictures, and what they say in a day."""

from typing import NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86_400
VIEWER = "lena"
"""The user whose screens are in the pictures."""

PEOPLE = {
    VIEWER: ("Lena Brandt", "Bread on Saturdays, boats on Sundays.", "Harbour side"),
    "mira": ("Mira Okafor", "Plays the double bass. Will tell you about the #harbour.", "Pier 4"),
    "jonas": ("Jonas Feld", "Distributed systems by day, sourdough by night.", ""),
    "ada": ("Ada", "Thinking out loud. Nothing here is meant to stay.", ""),
    "sasha": ("Sasha K.", "Night shifts, night trains, night owls. #latenight", ""),
    "noor": ("Noor Haddad", "Bookshop on Linden Street. Tea is on.", "Linden Street 12"),
    "tomas": ("Tomás Rivera", "Fixes bicycles, breaks records (vinyl).", ""),
    "yuki": ("Yuki", "Drawing one plant a day until spring.", ""),
    "leila": ("Leila", "Weather, mostly.", ""),
}
"""Display name, note and place, by username."""
FOLLOWED = ("mira", "jonas", "ada", "sasha", "noor", "tomas", "yuki")
FOLLOWERS = ("mira", "jonas", "noor", "yuki", "leila")


class Said(NamedTuple):
    """A message."""

    by: str
    ago: int
    """Seconds before the pictures are taken."""
    lasts: int
    """Seconds."""
    text: str
    key: str = ""
    """The name by which others refer to it."""
    to: str = ""
    """The message that it answers."""
    warning: str = ""
    options: tuple[str, ...] = ()
    language: str = "en"
    visibility: str = "public"


SAID = (
    Said("noor", 22 * HOUR, DAY, "Saturday: we swap books. Bring one that you would lend to a friend.", "swap"),
    Said("sasha", 21 * HOUR, DAY, "Rain on the roof, kettle on, phone on its last four percent. Good night, stream."),
    Said("yuki", 20 * HOUR, 7 * DAY, "Day 61: a fern that uncurled while I was drawing it. I started over twice. "
         "#plants"),
    Said("leila", 11 * HOUR, DAY, "Clouds from the west until noon, then a dry evening. #weather", "weather"),
    Said("jonas", 10 * HOUR, DAY, "Read the paper on feed delivery again. Most of what is pushed is never read. "
         "I am writing this down here so that it may be gone tomorrow.", "paper"),
    Said("ada", 9 * HOUR, DAY, "@jonas and what is pulled is read twice. I would rather pay for reading.", "reading",
         "paper"),
    Said("jonas", 9 * HOUR - 300, DAY, "@ada That is the nicest objection I have had all week.", to="reading"),
    Said("mira", 9 * HOUR - 900, 12 * HOUR, "@jonas @ada Say it at the harbour tonight. I will bring the bass.",
         to="reading"),
    Said("tomas", 7 * HOUR, DAY, "Two wheels trued, one chain replaced, zero thanks from the bicycle."),
    Said("leila", 6 * HOUR, DAY, "Heute Abend trocken, versprochen. Nehmt trotzdem eine Jacke mit. #weather",
         language="de"),
    Said("noor", 5 * HOUR, DAY, "فنجان شاي، كتاب مفتوح، ولا أحد على عجلة.", language="ar"),
    Said("ada", 4 * HOUR, 6 * HOUR, "Everybody dies except the dog, and the dog is the one who did it.",
         warning="How the series ends"),
    Said("lena", 3 * HOUR, DAY, "Which loaf for Saturday? I have one oven and no opinions left. #bread", "loaf",
         options=("Rye with caraway", "Walnut", "Plain white, thickly cut")),
    Said("jonas", 2 * HOUR + 1800, DAY, "@lena Rye. It is the only bread that argues back.", to="loaf"),
    Said("noor", 2 * HOUR, 3 * HOUR, "@lena Walnut, and I will trade you a novel for half of it.", to="loaf"),
    Said("sasha", 100 * MINUTE, 2 * HOUR, "The 23:40 is running after all. Window seat, no plan. #latenight", "train"),
    Said("yuki", 70 * MINUTE, 90 * MINUTE, "Two spare tickets for the late show at the Orpheum. First who answers.",
         "tickets"),
    Said("tomas", 55 * MINUTE, DAY, "Somebody is practising the trumpet two houses down. They are getting better. "
         "I will not tell them."),
    Said("mira", 50 * MINUTE, 55 * MINUTE, "Anyone at the #harbour tonight? The last boat leaves at nine, and the band "
         "is said to be on it.", "boat"),
    Said("ada", 24 * MINUTE, HOUR, "Thinking out loud: a network that forgets is one where I dare to be wrong.",
         "wrong"),
    Said("lena", 18 * MINUTE, HOUR, "@mira Save me a place by the railing. I come straight from the oven.", to="boat"),
    Said("noor", 9 * MINUTE, 7 * DAY, "New in the window: a first edition with somebody's pressed violet in it. The "
         "violet is not for sale."),
    Said("jonas", 4 * MINUTE, 6 * HOUR, "@lena Told the dough about your poll. It is rising to the occasion.", "dough"),
    Said("mira", 2 * MINUTE, 6 * MINUTE, "Soundcheck. The river is in tune, we are not. #harbour", "soundcheck"),
)  # fmt: skip
"""In the order of posting."""

FAVOURITES = {
    "boat": ("jonas", "noor", "ada", "tomas", "yuki", "leila", "sasha"),
    "paper": ("ada", "mira", "noor", "sasha"),
    "reading": ("jonas", "noor"),
    "loaf": ("mira", "noor", "tomas", "yuki"),
    "wrong": ("lena", "mira", "sasha", "noor", "leila"),
    "soundcheck": ("noor", "lena"),
    "swap": ("lena", "yuki", "jonas"),
}
BOOSTS = {"weather": ("tomas",), "swap": ("yuki",), "boat": ("noor",), "loaf": ("mira",)}
BOOKMARKS = ("swap", "paper")
VOTES = {"mira": 1, "noor": 1, "jonas": 0, "tomas": 0, "yuki": 1, "leila": 2, "ada": 0}
