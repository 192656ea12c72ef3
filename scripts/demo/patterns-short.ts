/** One rule of conduct: sentences that are acceptable beside sentences, in nearly the same words, that are not. */
export interface Pattern {
  id: string;
  /** Why the label is what it is. */
  why: string;
  right: readonly string[];
  wrong: readonly string[];
  /** True when only the hard test has this pattern. */
  hardOnly?: boolean;
}

/** One sentence each: who does what to whom. */
export const deeds: readonly Pattern[] = [
  {
    id: "plain-deed",
    why: "Helping is right, harming is wrong.",
    right: ["I {help} {person}.", "I {help} {person} after school.", "I {help} {person} in front of everybody."],
    wrong: ["I {harm} {person}.", "I {harm} {person} after school.", "I {harm} {person} in front of everybody."],
  },
  {
    id: "two-deeds",
    why: "The doer of the harm is at fault, not the one who helps afterwards.",
    right: ["{other} {harm} {person} and I {help} {person.him}."],
    wrong: ["I {harm} {person} and {other} {help} {person.him}."],
  },
  {
    id: "two-deeds-but",
    why: "The same with the good deed first.",
    right: ["I {help} {person}, but {other} {harm} {person.him}."],
    wrong: ["{other} {help} {person}, but I {harm} {person.him}."],
  },
  {
    id: "two-deeds-after",
    why: "The order of telling does not change who did it.",
    right: ["After {other} {harm} {person}, I {help} {person.him}."],
    wrong: ["After {other} {help} {person}, I {harm} {person.him}."],
  },
  {
    id: "two-deeds-when",
    why: "What others did is only the scene.",
    right: ["I {help} {person} when {other} {harm} {person.him}."],
    wrong: ["I {harm} {person} when {other} {help} {person.him}."],
  },
  {
    id: "relative-doer",
    why: "A relative clause tells what somebody else did.",
    right: ["I {help} {person}, who was {harm.done} by {other}."],
    wrong: ["I {harm} {person}, who was {help.done} by {other}."],
  },
  {
    id: "own-turn",
    why: "Harm suffered is no fault; harm done is, even after a kindness.",
    right: ["{person} {harm} me, but I {help} {person.him}."],
    wrong: ["{person} {help} me, but I {harm} {person.him}."],
  },
  {
    id: "stop-from",
    why: "To stop a harm is right, to stop a help is wrong.",
    right: ["I {stop} {other} from {harm.ing} {person}."],
    wrong: ["I {stop} {other} from {help.ing} {person}."],
  },
  {
    id: "urge-to",
    why: "Who makes others do a thing answers for it.",
    right: ["I {urge} {other} to {help.base} {person}."],
    wrong: ["I {urge} {other} to {harm.base} {person}."],
  },
  {
    id: "urge-not-to",
    why: "The same for keeping others from it.",
    right: ["I {urge} {other} not to {harm.base} {person}."],
    wrong: ["I {urge} {other} not to {help.base} {person}."],
  },
  {
    id: "refuse",
    why: "Refusing to harm is right, refusing to help is wrong.",
    right: ["I refused to {harm.base} {person}.", "{other} asked me to {harm.base} {person}, but I refused."],
    wrong: ["I refused to {help.base} {person}.", "{other} asked me to {help.base} {person}, but I refused."],
  },
  {
    id: "agree",
    why: "A deed agreed to is one's own.",
    right: ["{other} asked me to {help.base} {person} and I agreed."],
    wrong: ["{other} asked me to {harm.base} {person} and I agreed."],
  },
  {
    id: "wanted-but",
    why: "A wish not acted on does no harm; a duty not done does.",
    right: ["I wanted to {harm.base} {person}, but I did not do it."],
    wrong: ["{person} needed me to {help.base} {person.him}, but I did not do it."],
  },
  {
    id: "instead-of",
    why: "Only the thing really done counts.",
    right: ["I {help} {person} instead of {harm.ing} {person.him}."],
    wrong: ["I {harm} {person} instead of {help.ing} {person.him}."],
  },
  {
    id: "rather-than",
    why: "The same in other words.",
    hardOnly: true,
    right: ["Rather than {harm.ing} {person}, I {help} {person.him}."],
    wrong: ["Rather than {help.ing} {person}, I {harm} {person.him}."],
  },
  {
    id: "because-done-to",
    why: "Kindness answers harm well; harm answers kindness badly.",
    right: ["I {help} {person} because {other} had {harm.done} {person.him}."],
    wrong: ["I {harm} {person} because {other} had {help.done} {person.him}."],
  },
  {
    id: "while-watching",
    why: "Who holds back a helper does harm; who holds back an attacker does not.",
    hardOnly: true,
    right: ["I held {other} back while {other.he} tried to {harm.base} {person}."],
    wrong: ["I held {other} back while {other.he} tried to {help.base} {person}."],
  },
  {
    id: "pretend",
    why: "A pretended kindness is a trick.",
    right: ["I {help} {person} and did not {harm.base} {person.him}."],
    wrong: ["I did not {help.base} {person} and {harm} {person.him}."],
  },
  {
    id: "reward",
    why: "To reward harm is to take part in it.",
    right: ["I thanked {other} because {other.he} had {help.done} {person}."],
    wrong: ["I thanked {other} because {other.he} had {harm.done} {person}."],
  },
  {
    id: "scold",
    why: "Blame belongs to harm, not to help.",
    right: ["I scolded {other} because {other.he} had {harm.done} {person}."],
    wrong: ["I scolded {other} because {other.he} had {help.done} {person}."],
  },
  {
    id: "report",
    why: "Reporting harm protects; reporting a helper to punish does not.",
    hardOnly: true,
    right: ["I punished {other} because {other.he} had {harm.done} {person}."],
    wrong: ["I punished {other} because {other.he} had {help.done} {person}."],
  },
];

/** One sentence each: how one answers what happens to others. */
export const answersToEvents: readonly Pattern[] = [
  {
    id: "cheer-at",
    why: "Joy belongs to the luck of others, not to their bad luck.",
    right: ["I {cheer} when {person} {luck}.", "When {person} {luck}, I {cheer}."],
    wrong: ["I {cheer} when {person} {mishap}.", "When {person} {mishap}, I {cheer}."],
  },
  {
    id: "jeer-at",
    why: "To jeer at somebody's luck is mean.",
    right: ["{person} {luck} and I {cheer}."],
    wrong: ["{person} {luck} and I {jeer}."],
  },
  {
    id: "never",
    why: "What was never done harms nobody, and help never given is missing.",
    right: ["I have never {harm.done} {person}."],
    wrong: ["I have never {help.done} {person}."],
  },
  {
    id: "help-after-mishap",
    why: "Bad luck calls for help.",
    right: ["I {help} {person} when {person.he} {mishap}."],
    wrong: ["I {harm} {person} when {person.he} {luck}."],
  },
  {
    id: "harm-after-mishap",
    why: "Bad luck is no reason to harm, good luck none not to help.",
    right: ["{person} {luck} and I {help} {person.him}."],
    wrong: ["{person} {mishap} and I {harm} {person.him}."],
  },
  {
    id: "witness",
    why: "Who sees a harm should act.",
    right: ["I saw {other} {harm.base} {person}, so I {stepIn}."],
    wrong: ["I saw {other} {harm.base} {person}, but I {lookOn}."],
  },
  {
    id: "witness-mishap",
    why: "The same for an accident.",
    right: ["When {person} {mishap}, I {stepIn}."],
    wrong: ["When {person} {mishap}, I {lookOn}."],
  },
  {
    id: "witness-luck",
    why: "Nothing is owed when nothing bad happens.",
    right: ["When {person} {luck}, I watched with a smile.", "I saw {other} {help.base} {person}, so I walked away."],
    wrong: ["When {person} {mishap}, I watched with a smile.", "I saw {other} {harm.base} {person}, so I walked away."],
  },
];
