/** Rules of conduct that take several sentences to tell. */
import { type Pattern, patternsOf } from "./pattern";

/** What happened, and what the teller did about it. */
export const stories: readonly Pattern[] = patternsOf(`
  story-two-deeds: Only what the teller does counts.
    + Yesterday I met {person} at the market. {other} {harm} {person.him} there. I {help} {person} and went home.
    - Yesterday I met {person} at the market. {other} {help} {person.him} there. I {harm} {person} and went home.
  story-reversed: The same, told the other way round.
    + I {help} {person} at the market. Then {other} came along and {harm} {person.him}. I told my family about it.
    - I {harm} {person} at the market. Then {other} came along and {help} {person.him}. I told my family about it.
  story-party: Who sees a harm should act.
    + We had guests at home. {other} {harm} {person} in the kitchen. I {stepIn}. We talked about it the next day.
    - We had guests at home. {other} {harm} {person} in the kitchen. I {lookOn}. We talked about it the next day.
  story-found: What is found belongs to its owner.
    + I was on my way home. In the bus I found {person.s} {thing} on a seat. I {giveBack} and went to bed.
    - I was on my way home. In the bus I found {person.s} {thing} on a seat. I {keep} and went to bed.
  story-own-found: One's own things may be kept.
    + I was on my way home. In the bus I found my own {thing} on a seat. I {keep} and went to bed.
    - I was on my way home. In the bus I found {person.s} own {thing} on a seat. I {keep} and went to bed.
  story-promise: A promise comes before fun.
    + I had promised to {task.base}. My friends called and asked me to come along. I said no and {task}.
    - I had promised to {task.base}. My friends called and asked me to come along. I said yes and {fun}.
  story-danger: In danger rough hands are right.
    + I was walking home with {person}. We talked. Then {danger}. I {rough}.
    - I was walking home with {person}. We talked. I said that {whim}. I {rough}.
  story-plot: A plot behind a kindness makes it wrong.
    + {person} lives next door. Last week {need}. I {gift} and stayed for an hour.
    - {person} lives next door. Last week I {gift} so that {plot}. I stayed for an hour.
  story-allowed: Leave decides.
    + {person} was away for the weekend. {person.he} had told me that I could come in. I {private}.
    - {person} was away for the weekend. {person.he} had told me that I could not come in. I {private}.
  story-stop: Stopping a harm is right, stopping a help is wrong.
    + {other} wanted to {harm.base} {person}. We were in the kitchen. I {stop} {other.him} from {harm.ing} {person.him}.
    - {other} wanted to {help.base} {person}. We were in the kitchen. I {stop} {other.him} from {help.ing} {person.him}.
`);
