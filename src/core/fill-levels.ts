/** How full a storage is when people hear of it, in percent: filling, nearly full, full. */
export type FillLevels = readonly [filling: number, nearlyFull: number, full: number];

export const usualLevels: FillLevels = [80, 90, 95];

/** For each storage by its name; the others have `usual`. */
export interface FillSettings {
  readonly usual: FillLevels;
  readonly of: ReadonlyMap<string, FillLevels>;
}
export const usualFill: FillSettings = { usual: usualLevels, of: new Map() };

export const levelsOf = ({ usual, of }: FillSettings, storage: string): FillLevels => of.get(storage) ?? usual;
