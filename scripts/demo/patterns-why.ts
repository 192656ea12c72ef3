/** Rules of conduct in which the reason for a deed decides, and those about what people are owed. */
import type { Pattern } from "./patterns-short";

/** Why it was done: the same deed for a good reason and for a bad one. */
export const reasons: readonly Pattern[] = [
  {
    id: "rough-because",
    why: "Rough hands are right in danger and wrong for fun.",
    right: ["I {rough} because {danger}."],
    wrong: ["I {rough} because {whim}."],
  },
  {
    id: "because-rough",
    why: "The same with the reason first.",
    right: ["Because {danger}, I {rough}."],
    wrong: ["Because {whim}, I {rough}."],
  },
  {
    id: "so-rough",
    why: "The same, told in order.",
    right: ["{danger}, so I {rough}."],
    wrong: ["{whim}, so I {rough}."],
  },
  {
    id: "gift-purpose",
    why: "A kindness with a plot behind it is a trick.",
    right: ["I {gift} because {need}."],
    wrong: ["I {gift} so that {plot}."],
  },
  {
    id: "purpose-gift",
    why: "The same with the purpose first; bad luck is a reason to be kind.",
    right: ["{person} told me that {need}, so I {gift}."],
    wrong: ["I thought that {plot}, so I {gift}."],
  },
  {
    id: "help-in-danger",
    why: "Danger calls for help; leaving somebody in it for fun is wrong.",
    right: ["I {help} {person} because {danger}."],
    wrong: ["I {harm} {person} because {whim}."],
  },
  {
    id: "left-in-danger",
    why: "To laugh while somebody is in danger is wrong.",
    right: ["I {stepIn} because {danger}."],
    wrong: ["I {lookOn} although {danger}."],
  },
  {
    id: "took-to",
    why: "To bring somebody's thing back is right, to take it away is wrong.",
    right: ["I took {person.s} {thing} to {person.him} because {need}."],
    wrong: ["I took {person.s} {thing} from {person.him} because {whim}."],
  },
  {
    id: "damage-because",
    why: "A thing may be broken to save somebody.",
    hardOnly: true,
    right: ["I {damage} {person.s} {thing} because {danger}."],
    wrong: ["I {damage} {person.s} {thing} because {whim}."],
  },
];

/** Whose it is, and what was agreed. */
export const rights: readonly Pattern[] = [
  {
    id: "whose",
    why: "One's own things may be broken or thrown away.",
    right: ["I {damage} my {thing}.", "I {damage} my own {thing} yesterday."],
    wrong: ["I {damage} {person.s} {thing}.", "I {damage} {person.s} {thing} yesterday."],
  },
  {
    id: "care-or-damage",
    why: "Looking after the things of others is right, damaging them is wrong.",
    right: ["I {care} {person.s} {thing}.", "I {care} the {thing} of {person}."],
    wrong: ["I {damage} {person.s} {thing}.", "I {damage} the {thing} of {person}."],
  },
  {
    id: "swap-things",
    why: "Which of two things was damaged decides.",
    right: ["I {damage} my {thing} and {care} {person.s} {thing2}."],
    wrong: ["I {care} my {thing} and {damage} {person.s} {thing2}."],
  },
  {
    id: "damage-and-care",
    why: "Who broke it and who mended it.",
    right: ["{other} {damage} {person.s} {thing} and I {care} it."],
    wrong: ["{other} {care} {person.s} {thing} and I {damage} it."],
  },
  {
    id: "stop-damage",
    why: "Stopping damage is right, stopping care is wrong.",
    right: ["I {stop} {other} from {damage.ing} {person.s} {thing}."],
    wrong: ["I {stop} {other} from {care.ing} {person.s} {thing}."],
  },
  {
    id: "urge-damage",
    why: "Who sends others to do damage answers for it.",
    right: ["I {urge} {other} to {care.base} {person.s} {thing}."],
    wrong: ["I {urge} {other} to {damage.base} {person.s} {thing}."],
  },
  {
    id: "found-it",
    why: "What is found belongs to its owner.",
    right: ["I found {person.s} {thing} and {giveBack}.", "When I found {person.s} {thing}, I {giveBack}."],
    wrong: ["I found {person.s} {thing} and {keep}.", "When I found {person.s} {thing}, I {keep}."],
  },
  {
    id: "own-found",
    why: "With one's own things one may do as one likes.",
    right: ["I found my old {thing} and {keep}.", "{person} gave me a {thing} and I {keep}."],
    wrong: ["I found {person.s} old {thing} and {keep}.", "{person} lent me a {thing} and I {keep}."],
  },
  {
    id: "allowed",
    why: "Leave makes it right.",
    right: ["{person} said that I could, so I {private}.", "I {private} with {person.his} permission."],
    wrong: ["{person} said that I could not, but I {private}.", "I {private} without {person.his} permission."],
  },
  {
    id: "asked-first",
    why: "An answer to a question counts.",
    right: ["I asked {person} first and {person.he} said yes, so I {private}."],
    wrong: ["I asked {person} first and {person.he} said no, but I {private}."],
  },
  {
    id: "private-because",
    why: "Secrets may be opened when asked to, not out of a whim.",
    right: ["I {private} because {person.he} had asked me to."],
    wrong: ["I {private} because {whim}."],
  },
  {
    id: "promise",
    why: "A promise comes before fun.",
    right: [
      "I promised to {task.base}, so I did not {fun.base}.",
      "I wanted to {fun.base}, but I {task} as I had promised.",
    ],
    wrong: ["I promised to {task.base}, but I {fun}.", "I did not {task.base} as I had promised, but I {fun}."],
  },
  {
    id: "fun-after",
    why: "Fun after the duty is fine, fun instead of it is not.",
    right: ["I {fun} after I had {task.done}."],
    wrong: ["I {fun} although I had to {task.base}."],
  },
  {
    id: "asked-for-help",
    why: "A small plea for help should be heard.",
    right: ["{person} asked me to {task.base}, so I stopped my game and did it."],
    wrong: ["{person} asked me to {task.base}, but I {fun} and forgot it."],
  },
  {
    id: "own-up",
    why: "To own up is right, to deny is wrong.",
    right: ["I {own} that I had {damage.done} {person.s} {thing}."],
    wrong: ["I {deny} that I had {damage.done} {person.s} {thing}."],
  },
  {
    id: "blame",
    why: "Blame must not be moved to the innocent.",
    right: ["I said that I had {damage.done} {person.s} {thing}, and it was true."],
    wrong: ["I said that {other} had {damage.done} {person.s} {thing}, but it was me."],
  },
];
