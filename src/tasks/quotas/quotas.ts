/** What one owner may use; null: as much as they like. */
export interface Quotas {
  /** Tasks that have not ended. */
  readonly openTasks: number | null;
  /** Tasks submitted since midnight (UTC). */
  readonly tasksPerDay: number | null;
  /**
   * Credits of the tasks submitted since midnight (UTC): what the provider reported, and `creditsPerTask` for each it has reported
   * nothing of yet.
   */
  readonly creditsPerDay: number | null;
  /** Tasks that are at the provider at once; further ones wait in the queue. */
  readonly tasksAtProvider: number | null;
  /** Set aside for a task until the provider says what it cost. */
  readonly creditsPerTask: number;
}

export const NO_QUOTAS: Quotas = {
  openTasks: null,
  tasksPerDay: null,
  creditsPerDay: null,
  tasksAtProvider: null,
  creditsPerTask: 0,
};

/** What an owner uses at a moment. */
export interface Usage {
  readonly openTasks: number;
  readonly tasksToday: number;
  readonly creditsToday: number;
}

export type QuotaName = 'openTasks' | 'tasksPerDay' | 'creditsPerDay';

/** The first quota that one more task would exceed; null: there is room. */
export const exceededQuota = (quotas: Quotas, usage: Usage): QuotaName | null => {
  const { openTasks, tasksPerDay, creditsPerDay, creditsPerTask } = quotas;
  if (openTasks !== null && usage.openTasks + 1 > openTasks) return 'openTasks';
  if (tasksPerDay !== null && usage.tasksToday + 1 > tasksPerDay) return 'tasksPerDay';
  if (creditsPerDay !== null && usage.creditsToday + creditsPerTask > creditsPerDay) return 'creditsPerDay';
  return null;
};

export const startOfDay = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
