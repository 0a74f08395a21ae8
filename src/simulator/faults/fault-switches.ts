import { type Random } from '../random.js';
import { type FaultName } from './fault-catalogue.js';
import { formatFault, type FaultSetting } from './parse-faults.js';

interface Switch {
  readonly setting: FaultSetting;
  remaining: number;
}

/** A set of faults that are on. Of several with one name the first that strikes counts; a used up one lets the next speak. */
export class FaultSwitches {
  private readonly switches = new Map<FaultName, Switch[]>();

  constructor(
    private readonly random: Random,
    settings: readonly FaultSetting[] = [],
  ) {
    this.add(settings);
  }

  add(settings: readonly FaultSetting[]): void {
    for (const setting of settings) {
      const entry = { setting, remaining: setting.times ?? Number.POSITIVE_INFINITY };
      const known = this.switches.get(setting.name);
      if (known) known.push(entry);
      else this.switches.set(setting.name, [entry]);
    }
  }

  replace(settings: readonly FaultSetting[]): void {
    this.switches.clear();
    this.add(settings);
  }

  /** The value of the fault when it strikes now (which uses it up once), else undefined. */
  strike(name: FaultName): string | undefined {
    for (const entry of this.switches.get(name) ?? []) {
      if (entry.remaining <= 0) continue;
      if (entry.setting.probability < 1 && this.random() >= entry.setting.probability) continue;
      entry.remaining -= 1;
      return entry.setting.value;
    }
    return undefined;
  }

  /** What is still on, in the words of `parseFaults`. */
  list(): string[] {
    return [...this.switches.values()]
      .flat()
      .filter(({ remaining }) => remaining > 0)
      .map(({ setting, remaining }) =>
        formatFault({ ...setting, times: setting.times === null ? null : remaining }),
      );
  }
}

/** Faults that hold for one request or task: its own directives first, then what is on for everybody. */
export class FaultScope {
  constructor(
    private readonly own: FaultSwitches | null,
    private readonly everybody: FaultSwitches,
  ) {}

  strike(name: FaultName): string | undefined {
    return this.own?.strike(name) ?? this.everybody.strike(name);
  }
}
