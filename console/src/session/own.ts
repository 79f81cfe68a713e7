// Under which names this browser keeps what is one person's: whoever signs in here next sees none of it.

let person = "";

/** Told once, when it is known who is signed in. */
export function keepFor(objectId: string): void {
  person = objectId.toLowerCase();
}

/** `vedette.views` of the person who is signed in. */
export function ownKey(name: string): string {
  return `${name}@${person}`;
}

const OF_THE_TAB = ["vedette.queries", "vedette.signin."];

/** Take away what a tab knows of somebody who leaves; texts that were begun stay for that person alone. */
export function forgetTab(storage: Storage): void {
  for (const key of Object.keys(storage)) {
    if (OF_THE_TAB.some((each) => key.startsWith(each))) storage.removeItem(key);
  }
}
