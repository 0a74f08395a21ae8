import { Command } from 'commander';
import {
  decidePauseSubmissions,
  decideResumeSubmissions,
  Submissions,
  type SubmissionsState,
} from '../tasks/index.js';
import { type CliContext, withApplication } from './context.js';
import { Output } from './output.js';

const CAUSE = { actor: 'cli', correlationId: null };

/** submissions pause | resume: stops all sending, of all servers, and lets it go on. */
export const submissionsCommand = (context: CliContext): Command => {
  const submissions = new Command('submissions').description('sending to the provider');
  const decide = (rule: Parameters<Submissions['execute']>[0], json: boolean): Promise<void> =>
    withApplication(context, async (app) => {
      const stream = app.get(Submissions);
      const changed = await stream.execute(rule, CAUSE);
      new Output(json).result({ ...asJson(stream.current), changed }, [sentence(stream.current)]);
    });

  submissions
    .command('pause')
    .description('send nothing until resume; tasks are accepted and wait')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) => decide(decidePauseSubmissions, json));

  submissions
    .command('resume')
    .description('end the pause; a suspected restore goes on stopping everything until recover')
    .option('--json', 'print JSON')
    .action(({ json = false }: { json?: boolean }) => decide(decideResumeSubmissions, json));
  return submissions;
};

const asJson = ({ pausedSince, suspicion }: SubmissionsState): object => ({
  submissions: pausedSince || suspicion ? 'stopped' : 'running',
  paused_since: pausedSince?.toISOString() ?? null,
  restore_suspected: suspicion && { since: suspicion.since.toISOString(), signs: suspicion.signs },
});

const sentence = ({ pausedSince, suspicion }: SubmissionsState): string => {
  if (suspicion)
    return `Nothing is sent: the log seems restored (${suspicion.signs.join(', ')}). See genledger recover.`;
  return pausedSince ? 'Submissions are paused.' : 'Submissions are running.';
};
