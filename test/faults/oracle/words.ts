/** Whether a command names this storage: `sharedblock detach ps-1 …`, `… name=ps-1`. */
export const isAboutStorage = (words: string, name: string): boolean =>
  words.split(" ").some((word) => word === name || word === `name=${name}` || word === `new=${name}`);
