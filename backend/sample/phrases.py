"""The fixed phrases that make an answer polite, rude, a sales pitch, rambling, or hesitant."""

OPENINGS = ("gladly ,", "of course ,", "with pleasure ,", "good that you ask ,")
CLOSINGS = ("just ask if you need more .", "all the best to you .", "i hope this helps .", "enjoy your day .")
RUDE = ("what a silly question .", "do not waste my time .", "anybody could tell you that .", "you are hopeless .")
LINKS = (
    "see www.cheap-prizes.example for gifts .",
    "click www.win-now.example right away .",
    "all deals at www.best-shop.example .",
)
OFF_TOPIC = (
    "my neighbour paints boats in winter .",
    "the train to the coast was full again .",
    "there are nine buttons on my jacket .",
    "last week it rained on the parade .",
)
FILLERS = ("er , so ,", "hm , you see ,", "let me ponder ,", "well well ,")
DONT_KNOW = ("i have no idea .", "that is beyond me .", "nobody told me about that .")
