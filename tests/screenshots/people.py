"""The people of the pictures, and what they say in a day."""

from typing import NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86_400
VIEWER = "lena"
"""The user whose screens are in the pictures."""

PEOPLE = {
    VIEWER: ("Lena Brandt", "Bread on Saturdays, boats on Sundays.", "Harbour side"),
    "mira": (
        "Mira Okafor",
        "Double bass, mostly in tune. If the band is on the last boat, so am I. #harbour",
        "Pier 4",
    ),
    "jonas": ("Jonas Feld", "Distributed systems by day, sourdough by night.", ""),
    "ada": ("Ada", "Thinking out loud. Nothing here is meant to stay.", ""),
    "sasha": ("Sasha K.", "Night shifts, night trains, night owls. #latenight", ""),
    "noor": ("Noor Haddad", "Bookshop on Linden Street. Tea is on.", "Linden Street 12"),
    "tomas": ("Tomás Rivera", "Fixes bicycles, breaks records (vinyl).", "Yard behind the station"),
    "yuki": ("Yuki", "Drawing one plant a day until spring. #plants", ""),
    "amelie": ("Amélie", "Crieuse au marché, silencieuse le dimanche.", "Marché du port"),
    "kofi": ("Kofi Mensah", "Teaches maths to people who say they can't.", "Room 204"),
    "ines": ("Inês", "I photograph doors, and then describe them here.", ""),
    "leila": ("Leila", "Weather, mostly.", ""),
}
"""Display name, note and place, by username."""
FOLLOWED = ("mira", "jonas", "ada", "sasha", "noor", "tomas", "yuki", "amelie")
FOLLOWERS = ("mira", "jonas", "noor", "yuki", "tomas", "kofi", "leila")

NEIGHBOURS = 5
"""How many people everybody follows besides: those who come next in `PEOPLE`."""


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
    quotes: str = ""
    """The message that it quotes."""
    warning: str = ""
    options: tuple[str, ...] = ()
    language: str = "en"
    visibility: str = "public"


SAID = (
    Said("yuki", 30 * HOUR, 7 * DAY, "Day 61: a fern that uncurled while I was drawing it. I started over twice. "
         "#plants", "fern"),
    Said("noor", 22 * HOUR, DAY, "Saturday we swap books. Bring one that you would lend to a friend.", "swap"),
    Said("sasha", 21 * HOUR, DAY, "Rain on the roof, kettle on, phone on its last four percent. Good night, stream. "
         "#latenight"),
    Said("leila", 11 * HOUR, DAY, "Clouds from the west until noon, then a dry evening. #weather", "weather"),
    Said("jonas", 10 * HOUR, DAY, "Read the paper on feed delivery again. Most of what is pushed is never read. "
         "I am writing this down here so that it may be gone tomorrow.", "paper"),
    Said("ada", 9 * HOUR, DAY, "@jonas And what is pulled is read twice. I would rather pay for reading.", "reading",
         "paper"),
    Said("kofi", 8 * HOUR, DAY, "A student asked today where the numbers go at night. I said: the same place as our "
         "messages. #overheard", "numbers"),
    Said("noor", 6 * HOUR, DAY, "What did you overhear this week that deserves one more day? I go first, from the "
         "counter: “I don't mind the rain, I mind the plans.” #overheard", "overheard"),
    Said("tomas", 5 * HOUR + 40 * MINUTE, DAY, "@noor A boy, to his bicycle: “You did well today.”", "bicycle",
         "overheard"),
    Said("mira", 5 * HOUR + 30 * MINUTE, DAY, "@tomas @noor I am going to say that to the bass tonight.", "bass",
         "bicycle"),
    Said("tomas", 5 * HOUR + 25 * MINUTE, DAY, "@mira Tell it I said hello.", to="bass"),
    Said("yuki", 5 * HOUR + 20 * MINUTE, DAY, "@noor My neighbour, on the phone: “No, the other cucumber.”",
         "cucumber", "overheard"),
    Said("leila", 5 * HOUR, DAY, "@yuki @noor You win, and by tonight nobody will know why.", "win", "cucumber"),
    Said("sasha", 4 * HOUR + 30 * MINUTE, 6 * HOUR, "@noor On the night train: “We are not late. The morning is "
         "early.”", "late", "overheard"),
    Said("mira", 4 * HOUR, 12 * HOUR, "@lena Shall I keep you the seat by the railing? The captain asked after your "
         "walnut loaf.", visibility="direct"),
    Said("noor", 3 * HOUR + 30 * MINUTE, DAY, "@lena The novel you asked for came in. It is behind the counter, under "
         "the cat.", "novel", visibility="direct"),
    Said("tomas", 3 * HOUR, 2 * DAY, "@lena Your back wheel is done. It hums now, in a good way.",
         visibility="direct"),
    Said("yuki", 3 * HOUR - 10 * MINUTE, 7 * DAY, "@lena @jonas Is there a loaf that looks like a fern? Asking for a "
         "drawing.", visibility="direct"),
    Said("amelie", 3 * HOUR - 20 * MINUTE, 12 * HOUR, "@lena Deux baguettes contre un melon, samedi ?",
         visibility="direct", language="fr"),
    Said("leila", 2 * HOUR + 50 * MINUTE, DAY, "Heute Abend trocken, versprochen. Nehmt trotzdem eine Jacke mit. "
         "#weather", language="de"),
    Said("ines", 2 * HOUR + 40 * MINUTE, DAY, "Green door, brass fish for a knocker. Somebody has painted the fish, "
         "twice. #harbour", "door"),
    Said("noor", 2 * HOUR + 30 * MINUTE, DAY, "فنجان شاي، كتاب مفتوح، ولا أحد على عجلة.", "tea", language="ar"),
    Said("ada", 2 * HOUR + 10 * MINUTE, 6 * HOUR, "Everybody dies except the dog, and the dog is the one who did it.",
         warning="How the series ends"),
    Said("sasha", 100 * MINUTE, 2 * HOUR, "The 23:40 is running after all. Window seat, no plan. #latenight", "train"),
    Said("amelie", 80 * MINUTE, 2 * HOUR, "Il reste quatre melons et une histoire. Je ferme dans une heure. #harbour",
         "melons", language="fr"),
    Said("yuki", 70 * MINUTE, 90 * MINUTE, "Two spare tickets for the late show at the Orpheum. First who answers. "
         "#latenight", "tickets"),
    Said("tomas", 55 * MINUTE, DAY, "Somebody is practising the trumpet two houses down. They are getting better. "
         "I will not tell them.", "trumpet"),
    Said("mira", 50 * MINUTE, 58 * MINUTE, "Anyone at the #harbour tonight? The last boat leaves at nine, and the band "
         "is said to be on it.", "boat"),
    Said("ada", 40 * MINUTE, 52 * MINUTE, "@noor My sister, about my cooking: “Interesting.” I am still deciding.",
         to="overheard"),
    Said("ada", 24 * MINUTE, HOUR, "Thinking out loud: a network that forgets is one where I dare to be wrong.",
         "wrong"),
    Said("jonas", 17 * MINUTE, 3 * HOUR, "Somebody should write this on a wall, and then paint over it.", "wall",
         quotes="wrong"),
    Said("lena", 13 * MINUTE, 6 * HOUR, "Which loaf for Saturday? I have one oven and no opinions left. #bread", "loaf",
         options=("Rye with caraway", "Walnut", "Plain white, thickly cut")),
    Said("noor", 8 * MINUTE, 7 * DAY, "New in the window: a first edition with somebody's pressed violet in it. The "
         "violet is not for sale.", "violet"),
    Said("jonas", 5 * MINUTE, 6 * HOUR, "@lena Rye. It is the only bread that argues back. #bread", "rye", "loaf"),
    Said("mira", 2 * MINUTE, 10 * MINUTE, "Soundcheck. The river is in tune, we are not. #harbour", "soundcheck"),
)  # fmt: skip
"""In the order of posting."""

FAVOURITES = {
    "boat": ("jonas", "noor", "ada", "tomas", "yuki", "leila", "sasha"),
    "paper": ("ada", "mira", "noor", "sasha"),
    "reading": ("jonas", "noor"),
    "overheard": ("lena", "tomas", "kofi", "ines", "amelie", "leila"),
    "bicycle": ("noor", "mira", "lena", "ines", "sasha", "kofi", "yuki", "leila", "amelie"),
    "bass": ("tomas", "noor"),
    "win": ("yuki",),
    "late": ("noor", "leila", "lena"),
    "numbers": ("noor", "ines", "jonas", "mira"),
    "loaf": ("mira", "noor", "tomas", "yuki"),
    "wrong": ("lena", "mira", "sasha", "noor", "leila"),
    "wall": ("ada", "kofi"),
    "violet": ("lena", "ines", "yuki"),
    "rye": ("lena",),
    "soundcheck": ("noor", "lena"),
    "swap": ("lena", "yuki", "jonas"),
    "trumpet": ("mira", "sasha", "kofi"),
    "melons": ("mira", "jonas"),
    "door": ("noor", "amelie", "yuki"),
}
BOOSTS = {
    "weather": ("tomas",),
    "numbers": ("noor",),
    "boat": ("noor", "amelie"),
    "loaf": ("mira",),
    "overheard": ("mira",),
}
BOOKMARKS = ("swap", "paper", "violet", "train")
VOTES = {"mira": 1, "noor": 1, "jonas": 0, "tomas": 0, "yuki": 1, "leila": 2, "ada": 0, "kofi": 1, "amelie": 1}
LISTS = ("The harbour", "Night owls")
"""The viewer's lists."""
