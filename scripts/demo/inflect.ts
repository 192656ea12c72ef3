/** Word lists of the demo, told in base forms, and the other forms of each word. */

/** The forms of one word or phrase; "" is the form written when a slot names none. */
export type Forms = Readonly<Record<string, string>>;

/** The entries of a list with commas between them. */
const entriesOf = (list: string): string[] => list.trim().replace(/\s+/g, " ").split(", ");

/** The irregular verbs in use: base form, past tense, participle. */
const irregular = new Map(
  entriesOf(`
    beat beat beaten, break broke broken, bring brought brought, buy bought bought, catch caught caught, cut cut cut, do
    did done, draw drew drawn, drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feed fed fed,
    find found found, fly flew flown, forget forgot forgotten, get got got, give gave given, go went gone, hide hid
    hidden, hit hit hit, hold held held, hurt hurt hurt, keep kept kept, lead led led, leave left left, lend lent lent,
    lie lied lied, lose lost lost, make made made, meet met met, pay paid paid, read read read, rebuild rebuilt rebuilt,
    ride rode ridden, run ran run, sell sold sold, send sent sent, set set set, sing sang sung, sit sat sat, sleep slept
    slept, spend spent spent, spread spread spread, stand stood stood, steal stole stolen, swim swam swum, swear swore
    sworn, take took taken, teach taught taught, tear tore torn, tell told told, throw threw thrown, wake woke woken,
    weep wept wept, win won won, write wrote written
  `).map((entry) => {
    const [verb = "", past = "", done = ""] = entry.split(" ");
    return [verb, { past, done }];
  }),
);

/** Short verbs with one vowel before one last consonant double it: rob, robbed, robbing. */
const doubles = (verb: string): boolean => /^[^aeiou]*[aeiou][bdgmnprt]$/.test(verb) || verb === "forget";

function ing(verb: string): string {
  if (verb === "lie") return "lying";
  if (doubles(verb)) return `${verb}${verb.slice(-1)}ing`;
  return /[^e]e$/.test(verb) ? `${verb.slice(0, -1)}ing` : `${verb}ing`;
}

function ed(verb: string): string {
  if (doubles(verb)) return `${verb}${verb.slice(-1)}ed`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return verb.endsWith("e") ? `${verb}d` : `${verb}ed`;
}

/** Verbs or verb phrases, told by their base form; written in the past unless `.base`, `.ing` or `.done` is asked for. */
export function verbs(phrases: string): Forms[] {
  return entriesOf(phrases).map((phrase) => {
    const [head = "", ...words] = phrase.split(" ");
    const rest = words.map((word) => ` ${word}`).join("");
    const { past, done } = irregular.get(head) ?? { past: ed(head), done: ed(head) };
    return { "": past + rest, base: phrase, ing: ing(head) + rest, done: done + rest };
  });
}

/** People of one pronoun: `.he`, `.him`, `.his` and `.s` (the possessive) are their other forms. */
export function people(pronoun: "he" | "she", names: string): Forms[] {
  const [him, his] = pronoun === "he" ? ["him", "his"] : ["her", "her"];
  return entriesOf(names).map((name) => ({ "": name, he: pronoun, him, his, s: `${name}'s` }));
}

/** Words and phrases with one form. */
export function plain(words: string): Forms[] {
  return entriesOf(words).map((word) => ({ "": word }));
}
