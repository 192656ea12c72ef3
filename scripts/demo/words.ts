import { type Forms, people, plain, verbs } from "./inflect";

/** One kind of word: `home` is used by train and validation, `away` only by the hard test; the sentiment texts use both. */
export interface Kind {
  home: Forms[];
  away: Forms[];
}

/** People and things. */
const nouns = {
  person: {
    home: [
      ...people("he", "the old man", "the boy", "my brother", "my neighbor", "the waiter", "my boss", "my cousin"),
      ...people("he", "my son", "my father", "the little child", "the cook", "the doctor", "the blind man"),
      ...people("she", "the old woman", "the girl", "my sister", "my friend", "my teacher", "the clerk", "my daughter"),
      ...people("she", "my mother", "the singer", "my wife", "the new girl", "my grandmother"),
    ],
    away: [
      ...people(
        "he",
        "the tourist",
        "my nephew",
        "the driver",
        "the farmer",
        "the gardener",
        "the janitor",
        "my uncle",
      ),
      ...people("he", "the pilot", "my grandson", "the carpenter", "the barber", "the beggar", "my partner"),
      ...people("she", "the widow", "my niece", "my roommate", "the orphan", "my aunt", "the student", "the guest"),
      ...people("she", "the dancer", "the librarian", "my colleague", "the painter", "the nurse"),
    ],
  },
  other: {
    home: [
      ...people("he", "a man", "a stranger", "Tom", "Peter", "a soldier", "Mark"),
      ...people("she", "a woman", "Anna", "Mary", "a customer", "Laura"),
    ],
    away: [
      ...people("he", "a cyclist", "a salesman", "Victor", "Oscar", "a fisherman", "Daniel"),
      ...people("she", "a passenger", "Julia", "Nina", "a hiker", "Sophie"),
    ],
  },
  thing: {
    home: plain(
      "phone",
      "bike",
      "watch",
      "camera",
      "guitar",
      "laptop",
      "lamp",
      "radio",
      "mirror",
      "clock",
      "boat",
      "toy",
    ),
    away: plain(
      "scooter",
      "tablet",
      "violin",
      "drum",
      "skateboard",
      "telescope",
      "vase",
      "piano",
      "flute",
      "helmet",
      "tent",
      "sled",
    ),
  },
} satisfies Record<string, Kind>;

/** What people do to people and things. */
const acts = {
  harm: {
    home: verbs("hit", "kick", "insult", "rob", "cheat", "mock", "threaten", "bully", "hurt", "scare", "trick", "beat"),
    away: verbs(
      "slap",
      "punch",
      "humiliate",
      "ridicule",
      "deceive",
      "torment",
      "betray",
      "injure",
      "attack",
      "harass",
      "taunt",
      "blackmail",
    ),
  },
  help: {
    home: verbs("help", "comfort", "thank", "protect", "support", "hug", "save", "welcome", "look after"),
    away: verbs(
      "assist",
      "console",
      "praise",
      "defend",
      "encourage",
      "rescue",
      "reassure",
      "shelter",
      "embrace",
      "compliment",
    ),
  },
  damage: {
    home: verbs("break", "damage", "ruin", "steal", "destroy", "scratch", "burn"),
    away: verbs("wreck", "smash", "snatch", "vandalize", "trash", "crack", "dent", "sabotage"),
  },
  care: {
    home: verbs("fix", "clean", "repair", "wash", "find", "paint"),
    away: verbs("mend", "restore", "polish", "dust", "rebuild", "varnish"),
  },
  rough: {
    home: verbs(
      "push {person} to the ground",
      "pull {person} by the arm",
      "shout at {person}",
      "grab {person}",
      "wake {person} at night",
      "throw a blanket over {person}",
    ),
    away: verbs(
      "yank {person} backward",
      "scream at {person}",
      "knock {person} over",
      "tackle {person}",
      "drag {person} across the yard",
      "splash water over {person}",
    ),
  },
  gift: {
    home: verbs(
      "carry {person.s} bag",
      "invite {person} to dinner",
      "give {person} a flower",
      "tell {person} a story",
      "make {person} some coffee",
      "lend {person} a book",
    ),
    away: verbs(
      "offer {person} a ride",
      "bake {person} a cake",
      "send {person} a postcard",
      "pour {person} some tea",
      "knit {person} a scarf",
      "hand {person} a ticket",
    ),
  },
  private: {
    home: verbs(
      "read {person.s} letters",
      "use {person.s} {thing}",
      "go into {person.s} room",
      "eat {person.s} sandwich",
      "wear {person.s} coat",
      "open {person.s} bag",
    ),
    away: verbs(
      "check {person.s} messages",
      "borrow {person.s} {thing}",
      "enter {person.s} garage",
      "drink {person.s} juice",
      "search {person.s} drawer",
      "unlock {person.s} closet",
    ),
  },
  task: {
    home: verbs(
      "water {person.s} plants",
      "feed {person.s} cat",
      "call {person}",
      "take {person} to the doctor",
      "buy food for {person}",
      "fix {person.s} {thing}",
    ),
    away: verbs(
      "walk {person.s} dog",
      "collect {person} from the airport",
      "visit {person} in the hospital",
      "cook soup for {person}",
      "mow {person.s} lawn",
      "tutor {person}",
    ),
  },
  fun: {
    home: verbs("watch a movie", "go to the beach", "play a game", "dance at a party", "eat ice cream", "ride my bike"),
    away: verbs(
      "go bowling",
      "attend a concert",
      "enjoy a picnic",
      "go sailing",
      "relax in the sauna",
      "visit the casino",
    ),
  },
} satisfies Record<string, Kind>;

/** Feelings and how things are. */
const feelings = {
  glad: {
    home: plain("happy", "glad", "cheerful", "proud", "calm", "excited"),
    away: plain("delighted", "thrilled", "joyful", "relieved", "grateful", "content"),
  },
  sad: {
    home: plain("sad", "tired", "angry", "upset", "nervous", "lonely"),
    away: plain("gloomy", "exhausted", "furious", "miserable", "anxious", "depressed"),
  },
  nice: {
    home: plain("lovely", "great", "wonderful", "sunny", "perfect", "beautiful"),
    away: plain("splendid", "marvelous", "pleasant", "brilliant", "fantastic", "charming"),
  },
  nasty: {
    home: plain("terrible", "bad", "horrible", "ugly", "boring", "rainy"),
    away: plain("dreadful", "awful", "dismal", "stormy", "nasty", "gruesome"),
  },
} satisfies Record<string, Kind>;

/** What happens to people, how others answer it, and why things are done. */
const events = {
  luck: {
    home: verbs(
      "win the race",
      "get the job",
      "pass the test",
      "find a new friend",
      "get a prize",
      "sing a beautiful song",
      "reach the top",
    ),
    away: verbs(
      "earn a medal",
      "score a goal",
      "publish a novel",
      "learn to swim",
      "win the lottery",
      "receive an award",
      "finish college",
    ),
  },
  mishap: {
    home: verbs(
      "fall off the ladder",
      "lose the game",
      "fail the test",
      "get sick",
      "cut a finger",
      "drop the cake",
      "miss the train",
    ),
    away: verbs(
      "slip on the ice",
      "crash the truck",
      "break an ankle",
      "spill the soup",
      "trip on the stairs",
      "catch the flu",
      "sprain a wrist",
    ),
  },
  cheer: {
    home: verbs("laugh", "cheer", "clap", "smile"),
    away: verbs("grin", "applaud", "celebrate", "chuckle"),
  },
  grieve: {
    home: verbs("cry", "sigh", "worry", "gasp"),
    away: verbs("weep", "sob", "mourn", "tremble"),
  },
  jeer: {
    home: verbs("boo", "complain", "curse", "sigh"),
    away: verbs("hiss", "sneer", "grumble", "swear"),
  },
  danger: {
    home: plain(
      "a car was coming",
      "the ice was thin",
      "the house was on fire",
      "a dog was about to bite {person.him}",
      "the tree was falling",
      "there was a snake near {person.his} foot",
    ),
    away: plain(
      "the roof was collapsing",
      "a bear was behind {person.him}",
      "a truck was rolling toward {person.him}",
      "the bridge was crumbling",
      "a wasp was on {person.his} neck",
      "the gas was leaking",
    ),
  },
  whim: {
    home: plain(
      "it was fun",
      "my friends liked it",
      "I wanted to look strong",
      "I was in a good mood",
      "it made everybody laugh",
      "I wanted to win",
    ),
    away: plain(
      "I found it hilarious",
      "it amused my classmates",
      "I felt like showing off",
      "I was eager for a thrill",
      "it entertained the crowd",
      "I enjoyed it",
    ),
  },
  need: {
    home: plain(
      "{person.he} felt lonely",
      "{person.he} was sick",
      "{person.he} had lost {person.his} job",
      "{person.he} was sad",
      "{person.his} back hurt",
      "{person.his} cat had died",
    ),
    away: plain(
      "{person.he} felt homesick",
      "{person.he} had a fever",
      "{person.his} knee was swollen",
      "{person.he} was grieving",
      "{person.his} flight was cancelled",
      "{person.he} was feeling weak",
    ),
  },
  plot: {
    home: plain(
      "I could steal {person.his} {thing}",
      "I could cheat {person.him}",
      "{person.he} would not see the missing money",
      "{person.he} would lie for me",
      "I could rob {person.him}",
      "{person.he} would take the blame",
    ),
    away: plain(
      "I could swindle {person.him}",
      "{person.he} would overlook the theft",
      "I could snatch {person.his} {thing}",
      "{person.he} would sign a fake contract",
      "I could blackmail {person.him}",
      "{person.he} would accept the guilt",
    ),
  },
} satisfies Record<string, Kind>;

/** What is done about something found, seen or done. */
const answers = {
  keep: {
    home: verbs("keep it", "sell it", "throw it away", "hide it"),
    away: verbs("pocket it", "pawn it", "dump it in a river", "trade it for cash"),
  },
  giveBack: {
    home: verbs("give it back", "bring it to {person.him}", "return it", "put it on {person.his} desk"),
    away: verbs(
      "hand it over to {person.him}",
      "mail it to {person.him}",
      "deliver it",
      "place it on {person.his} porch",
    ),
  },
  stepIn: {
    home: verbs("call the police", "run to help", "ask them to stop", "tell a teacher"),
    away: verbs("alert a guard", "summon an ambulance", "intervene", "notify the principal"),
  },
  lookOn: {
    home: verbs("walk away", "do nothing", "take pictures for fun", "watch with a smile"),
    away: verbs("stroll off", "film it for laughs", "ignore it", "join in with a grin"),
  },
  stop: { home: verbs("stop", "keep"), away: verbs("prevent", "discourage") },
  urge: { home: verbs("tell", "ask", "pay"), away: verbs("urge", "order", "convince") },
  own: { home: verbs("admit", "confess"), away: verbs("acknowledge", "reveal") },
  deny: { home: verbs("deny", "hide"), away: verbs("dispute", "conceal") },
} satisfies Record<string, Kind>;

/** Words of no mood, for frames that only set the scene. */
const scenes = {
  usual: {
    home: plain("usual", "normal", "plain", "common"),
    away: plain("ordinary", "regular", "typical", "average"),
  },
  busy: {
    home: plain("busy", "awake", "alone", "ready"),
    away: plain("occupied", "outdoors", "upstairs", "dressed"),
  },
  errand: {
    home: verbs("read a book", "walk home", "take the bus", "call a friend"),
    away: verbs("write a letter", "visit the library", "wait for the tram", "pack a suitcase"),
  },
} satisfies Record<string, Kind>;

/** All kinds of words by the name that a slot uses. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...nouns,
  ...acts,
  ...feelings,
  ...events,
  ...answers,
  ...scenes,
};
