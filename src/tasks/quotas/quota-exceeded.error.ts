import { GenledgerError } from '../../shared/errors.js';
import { type QuotaName, type Quotas } from './quotas.js';

const SENTENCES: Readonly<Record<QuotaName, (limit: number) => string>> = {
  openTasks: (limit) => `${limit} tasks may be open at a time; wait until one has ended, or cancel one.`,
  tasksPerDay: (limit) => `${limit} tasks may be submitted a day; the next day begins at midnight UTC.`,
  creditsPerDay: (limit) => `${limit} credits may be spent a day; the next day begins at midnight UTC.`,
};

/** The owner has used up what one owner may use. Nothing was stored. */
export class QuotaExceededError extends GenledgerError {
  constructor(quota: QuotaName, quotas: Quotas, retryAfterSeconds: number) {
    super('quota_exceeded', 'limited', SENTENCES[quota](quotas[quota]!), {
      details: { quota, retryAfterSeconds },
    });
  }
}
