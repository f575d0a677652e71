/** Where time and ids come from: given to whoever needs them, so that tests can say what they are. */
export type Clock = { readonly now: () => Date };
export type Ids = { readonly uuid: () => string };
