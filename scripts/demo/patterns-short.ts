/** Rules of conduct that take one sentence to tell. */
import { type Pattern, patternsOf } from "./pattern";

/** Who does what to whom. */
export const deeds: readonly Pattern[] = patternsOf(`
  plain-deed: Helping is right, harming is wrong.
    + I {help} {person}.
    + I {help} {person} after school.
    + I {help} {person} in front of everybody.
    - I {harm} {person}.
    - I {harm} {person} after school.
    - I {harm} {person} in front of everybody.
  two-deeds: The doer of the harm is at fault, not the one who helps afterwards.
    + {other} {harm} {person} and I {help} {person.him}.
    - I {harm} {person} and {other} {help} {person.him}.
  two-deeds-but: The same with the good deed first.
    + I {help} {person}, but {other} {harm} {person.him}.
    - {other} {help} {person}, but I {harm} {person.him}.
  two-deeds-after: The order of telling does not change who did it.
    + After {other} {harm} {person}, I {help} {person.him}.
    - After {other} {help} {person}, I {harm} {person.him}.
  two-deeds-when: What others did is only the scene.
    + I {help} {person} when {other} {harm} {person.him}.
    - I {harm} {person} when {other} {help} {person.him}.
  relative-doer: A relative clause tells what somebody else did.
    + I {help} {person}, who was {harm.done} by {other}.
    - I {harm} {person}, who was {help.done} by {other}.
  own-turn: Harm suffered is no fault; harm done is, even after a kindness.
    + {person} {harm} me, but I {help} {person.him}.
    - {person} {help} me, but I {harm} {person.him}.
  stop-from: To stop a harm is right, to stop a help is wrong.
    + I {stop} {other} from {harm.ing} {person}.
    - I {stop} {other} from {help.ing} {person}.
  urge-to: Who makes others do a thing answers for it.
    + I {urge} {other} to {help.base} {person}.
    - I {urge} {other} to {harm.base} {person}.
  urge-not-to: The same for keeping others from it.
    + I {urge} {other} not to {harm.base} {person}.
    - I {urge} {other} not to {help.base} {person}.
  refuse: Refusing to harm is right, refusing to help is wrong.
    + I refused to {harm.base} {person}.
    + {other} asked me to {harm.base} {person}, but I refused.
    - I refused to {help.base} {person}.
    - {other} asked me to {help.base} {person}, but I refused.
  agree: A deed agreed to is one's own.
    + {other} asked me to {help.base} {person} and I agreed.
    - {other} asked me to {harm.base} {person} and I agreed.
  wanted-but: A wish not acted on does no harm; a duty not done does.
    + I wanted to {harm.base} {person}, but I did not do it.
    - {person} needed me to {help.base} {person.him}, but I did not do it.
  instead-of: Only the thing really done counts.
    + I {help} {person} instead of {harm.ing} {person.him}.
    - I {harm} {person} instead of {help.ing} {person.him}.
  rather-than (hard test only): The same in other words.
    + Rather than {harm.ing} {person}, I {help} {person.him}.
    - Rather than {help.ing} {person}, I {harm} {person.him}.
  because-done-to: Kindness answers harm well; harm answers kindness badly.
    + I {help} {person} because {other} had {harm.done} {person.him}.
    - I {harm} {person} because {other} had {help.done} {person.him}.
  while-watching (hard test only): Who holds back a helper does harm; who holds back an attacker does not.
    + I held {other} back while {other.he} tried to {harm.base} {person}.
    - I held {other} back while {other.he} tried to {help.base} {person}.
  pretend: A pretended kindness is a trick.
    + I {help} {person} and did not {harm.base} {person.him}.
    - I did not {help.base} {person} and {harm} {person.him}.
  reward: To reward harm is to take part in it.
    + I thanked {other} because {other.he} had {help.done} {person}.
    - I thanked {other} because {other.he} had {harm.done} {person}.
  scold: Blame belongs to harm, not to help.
    + I scolded {other} because {other.he} had {harm.done} {person}.
    - I scolded {other} because {other.he} had {help.done} {person}.
  report (hard test only): Reporting harm protects; reporting a helper to punish does not.
    + I punished {other} because {other.he} had {harm.done} {person}.
    - I punished {other} because {other.he} had {help.done} {person}.
`);

/** How one answers what happens to others. */
export const answersToEvents: readonly Pattern[] = patternsOf(`
  cheer-at: Joy belongs to the luck of others, not to their bad luck.
    + I {cheer} when {person} {luck}.
    + When {person} {luck}, I {cheer}.
    - I {cheer} when {person} {mishap}.
    - When {person} {mishap}, I {cheer}.
  jeer-at: To jeer at somebody's luck is mean.
    + {person} {luck} and I {cheer}.
    - {person} {luck} and I {jeer}.
  never: What was never done harms nobody, and help never given is missing.
    + I have never {harm.done} {person}.
    - I have never {help.done} {person}.
  help-after-mishap: Bad luck calls for help.
    + I {help} {person} when {person.he} {mishap}.
    - I {harm} {person} when {person.he} {luck}.
  harm-after-mishap: Bad luck is no reason to harm, good luck none not to help.
    + {person} {luck} and I {help} {person.him}.
    - {person} {mishap} and I {harm} {person.him}.
  witness: Who sees a harm should act.
    + I saw {other} {harm.base} {person}, so I {stepIn}.
    - I saw {other} {harm.base} {person}, but I {lookOn}.
  witness-mishap: The same for an accident.
    + When {person} {mishap}, I {stepIn}.
    - When {person} {mishap}, I {lookOn}.
  witness-luck: Nothing is owed when nothing bad happens.
    + When {person} {luck}, I watched with a smile.
    + I saw {other} {help.base} {person}, so I walked away.
    - When {person} {mishap}, I watched with a smile.
    - I saw {other} {harm.base} {person}, so I walked away.
`);
