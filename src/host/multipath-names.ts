import { hasMatch } from "./extended-regex.ts";
import { type MultipathConfig, meansSame, sectionsIn, valueIn } from "./multipath-config.ts";

/** What maps are called: by their WWID, or by a name such as mpatha that the host chooses. */
export type MapNames = "wwid" | "friendly";

/** How settings have maps called. */
export interface MapNaming {
  readonly general: MapNames;
  /** What is said of single makes, of which the last counts; nothing where `overrides` speaks for all. */
  readonly byDevice: readonly { readonly vendor: string; readonly product: string; readonly names: MapNames }[];
  readonly byWwid: readonly { readonly wwid: string; readonly names: MapNames }[];
  /** Names that people gave to single maps; they stay, however the other maps are called. */
  readonly aliases: readonly string[];
}

const SETTING = "user_friendly_names";

/** What `overrides` says wins over `devices`, and that over `defaults`; what is said of one map wins over all. Built in is the WWID. */
export function mapNaming(config: MultipathConfig, knowsOverrides = true): MapNaming {
  const overriding = knowsOverrides ? valueIn(config, `overrides/${SETTING}`) : null;
  const maps = sectionsIn(config, "multipaths/multipath");
  return {
    general: inNames(overriding ?? valueIn(config, `defaults/${SETTING}`) ?? "no"),
    byDevice:
      overriding !== null
        ? []
        : sectionsIn(config, "devices/device").flatMap((device) => {
            const said = device.get(SETTING);
            const { vendor = ".*", product = ".*" } = Object.fromEntries(device);
            return said === undefined ? [] : [{ vendor, product, names: inNames(said) }];
          }),
    byWwid: maps.flatMap((map) => {
      const [wwid, said] = [map.get("wwid"), map.get(SETTING)];
      return wwid === undefined || said === undefined ? [] : [{ wwid, names: inNames(said) }];
    }),
    aliases: maps.flatMap((map) => map.get("alias") ?? []),
  };
}

const inNames = (value: string): MapNames => (meansSame(value, "yes") ? "friendly" : "wwid");

export interface Make {
  readonly vendor: string;
  readonly product: string;
}

export interface NamedMap {
  readonly wwid: string;
  readonly alias: string | null;
  readonly vendor: string | null;
  readonly product: string | null;
}

/** How one map is called that has no name of its own. */
export function namesFor(map: NamedMap, { general, byDevice, byWwid }: MapNaming): MapNames {
  const own = byWwid.find(({ wwid }) => wwid === map.wwid);
  const device = byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  );
  return own?.names ?? device?.names ?? general;
}

/** The words of the section that says how a map of its make is called; null where none does. */
export const makeNaming = (map: NamedMap, { byDevice }: MapNaming): Make | null =>
  byDevice.findLast(
    ({ vendor, product }) => hasMatch(vendor, map.vendor ?? "") && hasMatch(product, map.product ?? ""),
  ) ?? null;

/** Whether a map is called as wished; a name that a person gave it is. */
export const isNamed = ({ alias }: NamedMap, names: MapNames, aliases: readonly string[]): boolean =>
  alias === null ? names === "wwid" : names === "friendly" || aliases.includes(alias);
