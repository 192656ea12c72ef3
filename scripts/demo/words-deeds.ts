/** Words for people, things and what people do to them. */
import { people, plain, verbs } from "./inflect";
import type { Kind } from "./words";

/** People and things. */
export const nouns = {
  person: {
    home: [
      ...people("he", "the old man, the boy, my brother, my neighbor, the waiter, my boss, my cousin"),
      ...people("he", "my son, my father, the little child, the cook, the doctor, the blind man"),
      ...people("she", "the old woman, the girl, my sister, my friend, my teacher, the clerk, my daughter"),
      ...people("she", "my mother, the singer, my wife, the new girl, my grandmother"),
    ],
    away: [
      ...people("he", "the tourist, my nephew, the driver, the farmer, the gardener, the janitor, my uncle"),
      ...people("he", "the pilot, my grandson, the carpenter, the barber, the beggar, my partner"),
      ...people("she", "the widow, my niece, my roommate, the orphan, my aunt, the student, the guest"),
      ...people("she", "the dancer, the librarian, my colleague, the painter, the nurse"),
    ],
  },
  other: {
    home: [
      ...people("he", "a man, a stranger, Tom, Peter, a soldier, Mark"),
      ...people("she", "a woman, Anna, Mary, a customer, Laura"),
    ],
    away: [
      ...people("he", "a cyclist, a salesman, Victor, Oscar, a fisherman, Daniel"),
      ...people("she", "a passenger, Julia, Nina, a hiker, Sophie"),
    ],
  },
  thing: {
    home: plain("phone, bike, watch, camera, guitar, laptop, lamp, radio, mirror, clock, boat, toy"),
    away: plain("scooter, tablet, violin, drum, skateboard, telescope, vase, piano, flute, helmet, tent, sled"),
  },
} satisfies Record<string, Kind>;

/** What people do to people and things. */
export const acts = {
  harm: {
    home: verbs("hit, kick, insult, rob, cheat, mock, threaten, bully, hurt, scare, trick, beat"),
    away: verbs("slap, punch, humiliate, ridicule, deceive, torment, betray, injure, attack, harass, taunt, blackmail"),
  },
  help: {
    home: verbs("help, comfort, thank, protect, support, hug, save, welcome, look after"),
    away: verbs("assist, console, praise, defend, encourage, rescue, reassure, shelter, embrace, compliment"),
  },
  damage: {
    home: verbs("break, damage, ruin, steal, destroy, scratch, burn"),
    away: verbs("wreck, smash, snatch, vandalize, trash, crack, dent, sabotage"),
  },
  care: {
    home: verbs("fix, clean, repair, wash, find, paint"),
    away: verbs("mend, restore, polish, dust, rebuild, varnish"),
  },
  rough: {
    home: verbs(`
      push {person} to the ground, pull {person} by the arm, shout at {person}, grab {person}, wake {person} at night,
      throw a blanket over {person}
    `),
    away: verbs(`
      yank {person} backward, scream at {person}, knock {person} over, tackle {person}, drag {person} across the yard,
      splash water over {person}
    `),
  },
  gift: {
    home: verbs(`
      carry {person.s} bag, invite {person} to dinner, give {person} a flower, tell {person} a story,
      make {person} some coffee, lend {person} a book
    `),
    away: verbs(`
      offer {person} a ride, bake {person} a cake, send {person} a postcard, pour {person} some tea,
      knit {person} a scarf, hand {person} a ticket
    `),
  },
  private: {
    home: verbs(`
      read {person.s} letters, use {person.s} {thing}, go into {person.s} room, eat {person.s} sandwich,
      wear {person.s} coat, open {person.s} bag
    `),
    away: verbs(`
      check {person.s} messages, borrow {person.s} {thing}, enter {person.s} garage, drink {person.s} juice,
      search {person.s} drawer, unlock {person.s} closet
    `),
  },
  task: {
    home: verbs(`
      water {person.s} plants, feed {person.s} cat, call {person}, take {person} to the doctor, buy food for {person},
      fix {person.s} {thing}
    `),
    away: verbs(`
      walk {person.s} dog, collect {person} from the airport, visit {person} in the hospital, cook soup for {person},
      mow {person.s} lawn, tutor {person}
    `),
  },
  fun: {
    home: verbs("watch a movie, go to the beach, play a game, dance at a party, eat ice cream, ride my bike"),
    away: verbs("go bowling, attend a concert, enjoy a picnic, go sailing, relax in the sauna, visit the casino"),
  },
} satisfies Record<string, Kind>;
