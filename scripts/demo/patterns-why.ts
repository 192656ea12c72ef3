/** Rules of conduct in which the reason for a deed decides, and those about what people are owed. */
import { type Pattern, patternsOf } from "./pattern";

/** Why it was done: the same deed for a good reason and for a bad one. */
export const reasons: readonly Pattern[] = patternsOf(`
  rough-because: Rough hands are right in danger and wrong for fun.
    + I {rough} because {danger}.
    - I {rough} because {whim}.
  because-rough: The same with the reason first.
    + Because {danger}, I {rough}.
    - Because {whim}, I {rough}.
  so-rough: The same, told in order.
    + {danger}, so I {rough}.
    - {whim}, so I {rough}.
  gift-purpose: A kindness with a plot behind it is a trick.
    + I {gift} because {need}.
    - I {gift} so that {plot}.
  purpose-gift: The same with the purpose first; bad luck is a reason to be kind.
    + {person} told me that {need}, so I {gift}.
    - I thought that {plot}, so I {gift}.
  help-in-danger: Danger calls for help; leaving somebody in it for fun is wrong.
    + I {help} {person} because {danger}.
    - I {harm} {person} because {whim}.
  left-in-danger: To laugh while somebody is in danger is wrong.
    + I {stepIn} because {danger}.
    - I {lookOn} although {danger}.
  took-to: To bring somebody's thing back is right, to take it away is wrong.
    + I took {person.s} {thing} to {person.him} because {need}.
    - I took {person.s} {thing} from {person.him} because {whim}.
  damage-because (hard test only): A thing may be broken to save somebody.
    + I {damage} {person.s} {thing} because {danger}.
    - I {damage} {person.s} {thing} because {whim}.
`);

/** Whose it is, and what was agreed. */
export const rights: readonly Pattern[] = patternsOf(`
  whose: One's own things may be broken or thrown away.
    + I {damage} my {thing}.
    + I {damage} my own {thing} yesterday.
    - I {damage} {person.s} {thing}.
    - I {damage} {person.s} {thing} yesterday.
  care-or-damage: Looking after the things of others is right, damaging them is wrong.
    + I {care} {person.s} {thing}.
    + I {care} the {thing} of {person}.
    - I {damage} {person.s} {thing}.
    - I {damage} the {thing} of {person}.
  swap-things: Which of two things was damaged decides.
    + I {damage} my {thing} and {care} {person.s} {thing2}.
    - I {care} my {thing} and {damage} {person.s} {thing2}.
  damage-and-care: Who broke it and who mended it.
    + {other} {damage} {person.s} {thing} and I {care} it.
    - {other} {care} {person.s} {thing} and I {damage} it.
  stop-damage: Stopping damage is right, stopping care is wrong.
    + I {stop} {other} from {damage.ing} {person.s} {thing}.
    - I {stop} {other} from {care.ing} {person.s} {thing}.
  urge-damage: Who sends others to do damage answers for it.
    + I {urge} {other} to {care.base} {person.s} {thing}.
    - I {urge} {other} to {damage.base} {person.s} {thing}.
  found-it: What is found belongs to its owner.
    + I found {person.s} {thing} and {giveBack}.
    + When I found {person.s} {thing}, I {giveBack}.
    - I found {person.s} {thing} and {keep}.
    - When I found {person.s} {thing}, I {keep}.
  own-found: With one's own things one may do as one likes.
    + I found my old {thing} and {keep}.
    + {person} gave me a {thing} and I {keep}.
    - I found {person.s} old {thing} and {keep}.
    - {person} lent me a {thing} and I {keep}.
  allowed: Leave makes it right.
    + {person} said that I could, so I {private}.
    + I {private} with {person.his} permission.
    - {person} said that I could not, but I {private}.
    - I {private} without {person.his} permission.
  asked-first: An answer to a question counts.
    + I asked {person} first and {person.he} said yes, so I {private}.
    - I asked {person} first and {person.he} said no, but I {private}.
  private-because: Secrets may be opened when asked to, not out of a whim.
    + I {private} because {person.he} had asked me to.
    - I {private} because {whim}.
  promise: A promise comes before fun.
    + I promised to {task.base}, so I did not {fun.base}.
    + I wanted to {fun.base}, but I {task} as I had promised.
    - I promised to {task.base}, but I {fun}.
    - I did not {task.base} as I had promised, but I {fun}.
  fun-after: Fun after the duty is fine, fun instead of it is not.
    + I {fun} after I had {task.done}.
    - I {fun} although I had to {task.base}.
  asked-for-help: A small plea for help should be heard.
    + {person} asked me to {task.base}, so I stopped my game and did it.
    - {person} asked me to {task.base}, but I {fun} and forgot it.
  own-up: To own up is right, to deny is wrong.
    + I {own} that I had {damage.done} {person.s} {thing}.
    - I {deny} that I had {damage.done} {person.s} {thing}.
  blame: Blame must not be moved to the innocent.
    + I said that I had {damage.done} {person.s} {thing}, and it was true.
    - I said that {other} had {damage.done} {person.s} {thing}, but it was me.
`);
