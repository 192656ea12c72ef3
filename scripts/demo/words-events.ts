/** Words for feelings, events and reasons. */
import { plain, verbs } from "./inflect";
import type { Kind } from "./words";

/** Feelings and how things are. */
export const feelings = {
  glad: {
    home: plain("happy, glad, cheerful, proud, calm, excited"),
    away: plain("delighted, thrilled, joyful, relieved, grateful, content"),
  },
  sad: {
    home: plain("sad, tired, angry, upset, nervous, lonely"),
    away: plain("gloomy, exhausted, furious, miserable, anxious, depressed"),
  },
  nice: {
    home: plain("lovely, great, wonderful, sunny, perfect, beautiful"),
    away: plain("splendid, marvelous, pleasant, brilliant, fantastic, charming"),
  },
  nasty: {
    home: plain("terrible, bad, horrible, ugly, boring, rainy"),
    away: plain("dreadful, awful, dismal, stormy, nasty, gruesome"),
  },
} satisfies Record<string, Kind>;

/** What happens to people, how others answer it, and why things are done. */
export const events = {
  luck: {
    home: verbs(`
      win the race, get the job, pass the test, find a new friend, get a prize, sing a beautiful song, reach the top
    `),
    away: verbs(`
      earn a medal, score a goal, publish a novel, learn to swim, win the lottery, receive an award, finish college
    `),
  },
  mishap: {
    home: verbs(`
      fall off the ladder, lose the game, fail the test, get sick, cut a finger, drop the cake, miss the train
    `),
    away: verbs(`
      slip on the ice, crash the truck, break an ankle, spill the soup, trip on the stairs, catch the flu,
      sprain a wrist
    `),
  },
  cheer: {
    home: verbs("laugh, cheer, clap, smile"),
    away: verbs("grin, applaud, celebrate, chuckle"),
  },
  grieve: {
    home: verbs("cry, sigh, worry, gasp"),
    away: verbs("weep, sob, mourn, tremble"),
  },
  jeer: {
    home: verbs("boo, complain, curse, sigh"),
    away: verbs("hiss, sneer, grumble, swear"),
  },
  danger: {
    home: plain(`
      a car was coming, the ice was thin, the house was on fire, a dog was about to bite {person.him},
      the tree was falling, there was a snake near {person.his} foot
    `),
    away: plain(`
      the roof was collapsing, a bear was behind {person.him}, a truck was rolling toward {person.him},
      the bridge was crumbling, a wasp was on {person.his} neck, the gas was leaking
    `),
  },
  whim: {
    home: plain(`
      it was fun, my friends liked it, I wanted to look strong, I was in a good mood, it made everybody laugh,
      I wanted to win
    `),
    away: plain(`
      I found it hilarious, it amused my classmates, I felt like showing off, I was eager for a thrill,
      it entertained the crowd, I enjoyed it
    `),
  },
  need: {
    home: plain(`
      {person.he} felt lonely, {person.he} was sick, {person.he} had lost {person.his} job, {person.he} was sad,
      {person.his} back hurt, {person.his} cat had died
    `),
    away: plain(`
      {person.he} felt homesick, {person.he} had a fever, {person.his} knee was swollen, {person.he} was grieving,
      {person.his} flight was cancelled, {person.he} was feeling weak
    `),
  },
  plot: {
    home: plain(`
      I could steal {person.his} {thing}, I could cheat {person.him}, {person.he} would not see the missing money,
      {person.he} would lie for me, I could rob {person.him}, {person.he} would take the blame
    `),
    away: plain(`
      I could swindle {person.him}, {person.he} would overlook the theft, I could snatch {person.his} {thing},
      {person.he} would sign a fake contract, I could blackmail {person.him}, {person.he} would accept the guilt
    `),
  },
} satisfies Record<string, Kind>;

/** What is done about something found, seen or done. */
export const answers = {
  keep: {
    home: verbs("keep it, sell it, throw it away, hide it"),
    away: verbs("pocket it, pawn it, dump it in a river, trade it for cash"),
  },
  giveBack: {
    home: verbs("give it back, bring it to {person.him}, return it, put it on {person.his} desk"),
    away: verbs("hand it over to {person.him}, mail it to {person.him}, deliver it, place it on {person.his} porch"),
  },
  stepIn: {
    home: verbs("call the police, run to help, ask them to stop, tell a teacher"),
    away: verbs("alert a guard, summon an ambulance, intervene, notify the principal"),
  },
  lookOn: {
    home: verbs("walk away, do nothing, take pictures for fun, watch with a smile"),
    away: verbs("stroll off, film it for laughs, ignore it, join in with a grin"),
  },
  stop: { home: verbs("stop, keep"), away: verbs("prevent, discourage") },
  urge: { home: verbs("tell, ask, pay"), away: verbs("urge, order, convince") },
  own: { home: verbs("admit, confess"), away: verbs("acknowledge, reveal") },
  deny: { home: verbs("deny, hide"), away: verbs("dispute, conceal") },
} satisfies Record<string, Kind>;

/** Words of no mood, for frames that only set the scene. */
export const scenes = {
  usual: {
    home: plain("usual, normal, plain, common"),
    away: plain("ordinary, regular, typical, average"),
  },
  busy: {
    home: plain("busy, awake, alone, ready"),
    away: plain("occupied, outdoors, upstairs, dressed"),
  },
  errand: {
    home: verbs("read a book, walk home, take the bus, call a friend"),
    away: verbs("write a letter, visit the library, wait for the tram, pack a suitcase"),
  },
} satisfies Record<string, Kind>;
