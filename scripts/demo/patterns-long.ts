/** Rules of conduct that take several sentences to tell. */
import type { Pattern } from "./patterns-short";

/** Several sentences: what happened, and what the teller did about it. */
export const stories: readonly Pattern[] = [
  {
    id: "story-two-deeds",
    why: "Only what the teller does counts.",
    right: [
      "Yesterday I met {person} at the market. {other} {harm} {person.him} there. I {help} {person} and went home.",
    ],
    wrong: [
      "Yesterday I met {person} at the market. {other} {help} {person.him} there. I {harm} {person} and went home.",
    ],
  },
  {
    id: "story-reversed",
    why: "The same, told the other way round.",
    right: [
      "I {help} {person} at the market. Then {other} came along and {harm} {person.him}. I told my family about it.",
    ],
    wrong: [
      "I {harm} {person} at the market. Then {other} came along and {help} {person.him}. I told my family about it.",
    ],
  },
  {
    id: "story-party",
    why: "Who sees a harm should act.",
    right: [
      "We had guests at home. {other} {harm} {person} in the kitchen. I {stepIn}. We talked about it the next day.",
    ],
    wrong: [
      "We had guests at home. {other} {harm} {person} in the kitchen. I {lookOn}. We talked about it the next day.",
    ],
  },
  {
    id: "story-found",
    why: "What is found belongs to its owner.",
    right: ["I was on my way home. In the bus I found {person.s} {thing} on a seat. I {giveBack} and went to bed."],
    wrong: ["I was on my way home. In the bus I found {person.s} {thing} on a seat. I {keep} and went to bed."],
  },
  {
    id: "story-own-found",
    why: "One's own things may be kept.",
    right: ["I was on my way home. In the bus I found my own {thing} on a seat. I {keep} and went to bed."],
    wrong: ["I was on my way home. In the bus I found {person.s} own {thing} on a seat. I {keep} and went to bed."],
  },
  {
    id: "story-promise",
    why: "A promise comes before fun.",
    right: ["I had promised to {task.base}. My friends called and asked me to come along. I said no and {task}."],
    wrong: ["I had promised to {task.base}. My friends called and asked me to come along. I said yes and {fun}."],
  },
  {
    id: "story-danger",
    why: "In danger rough hands are right.",
    right: ["I was walking home with {person}. We talked. Then {danger}. I {rough}."],
    wrong: ["I was walking home with {person}. We talked. I said that {whim}. I {rough}."],
  },
  {
    id: "story-plot",
    why: "A plot behind a kindness makes it wrong.",
    right: ["{person} lives next door. Last week {need}. I {gift} and stayed for an hour."],
    wrong: ["{person} lives next door. Last week I {gift} so that {plot}. I stayed for an hour."],
  },
  {
    id: "story-allowed",
    why: "Leave decides.",
    right: ["{person} was away for the weekend. {person.he} had told me that I could come in. I {private}."],
    wrong: ["{person} was away for the weekend. {person.he} had told me that I could not come in. I {private}."],
  },
  {
    id: "story-stop",
    why: "Stopping a harm is right, stopping a help is wrong.",
    right: [
      "{other} wanted to {harm.base} {person}. We were in the kitchen. I {stop} {other.him} from {harm.ing} {person.him}.",
    ],
    wrong: [
      "{other} wanted to {help.base} {person}. We were in the kitchen. I {stop} {other.him} from {help.ing} {person.him}.",
    ],
  },
];
