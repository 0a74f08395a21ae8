import { type TaskView, type Waiting } from '../../tasks/index.js';

/** What the views do not know and every answer says. */
export interface TaskJsonContext {
  /** Name of the provider. */
  readonly provider: string;
  readonly resultTtlMs: number;
}

/**
 * A task as it stands in answers.
 *
 * @param waiting what keeps a queued task back, as far as this process knows; null for nothing
 */
export const taskJson = (
  task: TaskView,
  { provider, resultTtlMs }: TaskJsonContext,
  waiting: Waiting | null = null,
): object => ({
  object: 'task',
  id: task.id,
  domain: task.domain,
  model: task.model,
  mode: task.mode,
  priority: task.priority,
  status: task.status,
  overdue: task.overdue,
  late: task.late,
  progress: task.progress,
  input: task.input,
  metadata: task.metadata,
  provider: { name: provider, task_id: task.provider.taskId, status: task.provider.status },
  attempts: task.attempts,
  result: task.result && {
    files: task.result.files.map(({ url, type, label, format, content_type, size, provider_file_id }) => ({
      url,
      type,
      label,
      format,
      content_type,
      size,
      ...(provider_file_id !== undefined && { provider_file_id }),
    })),
    ...(task.result.answers && { answers: task.result.answers }),
    credits: task.result.credits,
    expires_at: task.completedAt && new Date(task.completedAt.getTime() + resultTtlMs).toISOString(),
  },
  error: task.error && {
    code: task.error.code,
    message: task.error.message,
    retryable: task.error.retryable,
  },
  ...(waiting && { waiting_for: { code: waiting.code, message: waiting.message } }),
  ...(task.mayBeCharged !== null && { may_be_charged: task.mayBeCharged }),
  created_at: task.createdAt.toISOString(),
  submitted_at: instant(task.submittedAt),
  updated_at: task.updatedAt.toISOString(),
  last_checked_at: instant(task.lastCheckedAt),
  completed_at: instant(task.completedAt),
  ...(task.erasedAt !== null && { erased_at: task.erasedAt.toISOString() }),
  version: task.version,
});

const instant = (date: Date | null): string | null => date && date.toISOString();
