import { type ConfigurationProblem } from './configuration.error.js';
import { SETTINGS, type Values } from './settings.js';

/** Values of which some could not be read; rules look only at those that could. */
type Known = Partial<Values>;

/** A submit under way when the signal comes may take its whole timeout, and its outcome must still be stored. */
const STORING_MS = 5_000;

/** What must hold between variables. */
export const brokenRules = (known: Known, use: 'server' | 'database'): ConfigurationProblem[] =>
  [
    leaseOutlivesCalls(known),
    shutdownOutlivesSubmit(known),
    retryGrows(known),
    budgetHasReservation(known),
    ...(use === 'server' ? secretsForSharedData(known) : []),
  ].filter((problem) => problem !== null);

type Rule = (known: Known) => ConfigurationProblem | null;

const leaseOutlivesCalls: Rule = ({
  LEASE_MS: lease,
  SUBMIT_TIMEOUT_MS: submit,
  STATUS_TIMEOUT_MS: status,
}) => {
  if (lease === undefined || submit === undefined || status === undefined) return null;
  const [longest, name] = submit >= status ? [submit, 'SUBMIT_TIMEOUT_MS'] : [status, 'STATUS_TIMEOUT_MS'];
  if (lease >= 2 * longest) return null;
  return { variable: 'LEASE_MS', got: String(lease), wants: `at least ${2 * longest}, twice ${name}` };
};

const shutdownOutlivesSubmit: Rule = ({ SHUTDOWN_TIMEOUT_MS: shutdown, SUBMIT_TIMEOUT_MS: submit }) => {
  if (shutdown === undefined || submit === undefined || shutdown >= submit + STORING_MS) return null;
  return {
    variable: 'SHUTDOWN_TIMEOUT_MS',
    got: String(shutdown),
    wants: `at least ${submit + STORING_MS}, SUBMIT_TIMEOUT_MS plus ${STORING_MS}`,
  };
};

const retryGrows: Rule = ({ SUBMIT_RETRY_INITIAL_MS: initial, SUBMIT_RETRY_MAX_MS: max }) => {
  if (initial === undefined || max === undefined || initial <= max) return null;
  return {
    variable: 'SUBMIT_RETRY_MAX_MS',
    got: String(max),
    wants: `at least ${initial}, the value of SUBMIT_RETRY_INITIAL_MS`,
  };
};

/** Without it, everything that is under way would be free until the provider reports. */
const budgetHasReservation: Rule = ({ CREDITS_PER_DAY_PER_OWNER: budget, CREDITS_PER_TASK: each }) => {
  if (typeof budget !== 'number' || each !== null) return null;
  return {
    variable: 'CREDITS_PER_TASK',
    got: null,
    wants: `${SETTINGS.Tasks.CREDITS_PER_TASK.wants}, as CREDITS_PER_DAY_PER_OWNER is set`,
  };
};

/** With an embedded database the secrets lie beside it; with any other, every replica must be given the same ones. */
const secretsForSharedData = (known: Known): (ConfigurationProblem | null)[] => {
  if (typeof known.DATABASE_URL !== 'string') return [];
  const { ENCRYPTION_KEY: key, CALLBACK_SECRET: secret } = SETTINGS['Database and secrets'];
  return [
    known.ENCRYPTION_KEY === null
      ? { variable: 'ENCRYPTION_KEY', got: null, wants: `${key.wants}, as DATABASE_URL is set` }
      : null,
    known.CALLBACK_SECRET === null && typeof known.PUBLIC_URL === 'string'
      ? { variable: 'CALLBACK_SECRET', got: null, wants: `${secret.wants}, as PUBLIC_URL is set` }
      : null,
  ];
};

/** What is allowed and still worth a line in the log. */
export const warningsOf = (values: Values): string[] => {
  const warnings: string[] = [];
  const real = values.APIDOT_API_KEY !== null;
  if (real && values.APIDOT_BASE_URL.startsWith('http:')) {
    warnings.push(
      `APIDOT_BASE_URL is ${values.APIDOT_BASE_URL}: the provider key and prompts travel unencrypted.`,
    );
  }
  if (values.PUBLIC_URL?.startsWith('http:') === true) {
    warnings.push(`PUBLIC_URL is ${values.PUBLIC_URL}: callbacks and their tokens travel unencrypted.`);
  }
  if (real && values.DATABASE_URL === null) {
    warnings.push(
      'A real provider with the embedded database: paid tasks are recorded in DATA_DIR alone. Back it up.',
    );
  }
  if (values.CALLBACK_CONFIRMATION === 'never') {
    warnings.push(
      'CALLBACK_CONFIRMATION is never: whoever learns a callback URL can decide the outcome of its task.',
    );
  }
  if (values.UNCONFIRMED_POLICY === 'resubmit') {
    warnings.push('UNCONFIRMED_POLICY is resubmit: a task whose submit was not answered may be paid twice.');
  }
  for (const name of [
    'ALLOW_PRIVATE_MEDIA_URLS',
    'ALLOW_PRIVATE_NOTIFY_URLS',
    'ALLOW_FOREIGN_PROVIDER_IDS',
  ] as const) {
    if (values[name]) warnings.push(`${name} is true: meant for tests and closed networks.`);
  }
  return warnings;
};
