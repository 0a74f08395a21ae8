import { CONTENT_TYPES, mediaFile } from '../media/media-file.js';
import { hashOfText } from '../random.js';
import { type ResultKind } from '../tasks/model-profile.js';
import { type SimulatedTask, type TaskView } from '../tasks/simulated-task.js';

/** Fields of `data`, before faults touch them. */
export type TaskData = Record<string, unknown>;

/** ISO time to the second without a zone, as the provider writes it. */
export const providerTime = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 19);

/** `data` of a submit answer. */
export const submitData = (task: SimulatedTask): TaskData => ({
  task_id: task.id,
  status: 'not_started',
  created_time: providerTime(task.createdAt),
});

/** `data` of a status answer. Failed tasks are told without progress and credits. */
export const statusData = (task: SimulatedTask, view: TaskView, baseUrl: string): TaskData => ({
  ...webhookData(task, view, baseUrl),
  ...(view.state === 'finished' ? { credits_amount: task.price } : {}),
});

/** The inner object of a callback: a status without the credits. */
export const webhookData = (task: SimulatedTask, view: TaskView, baseUrl: string): TaskData => ({
  task_id: task.id,
  status: view.state,
  files: view.withFiles ? fileList(task, baseUrl) : [],
  created_time: providerTime(task.createdAt),
  ...(view.state === 'failed' ? {} : { progress: view.progress }),
  error_message: view.message,
});

/** `data` of a music detail answer. */
export const musicData = (task: SimulatedTask, view: TaskView, baseUrl: string): TaskData => ({
  task_id: task.id,
  status: view.state,
  files: view.withFiles ? trackList(task, baseUrl) : [],
  created_time: providerTime(task.createdAt),
  ...(view.state === 'failed' ? {} : { progress: view.progress }),
  error_message: view.message,
});

/** Path of a result: the task's id, the place in the list, and a name that ends as the format does. */
export const filePath = (task: SimulatedTask, index: number): string =>
  `/files/${task.id}/${index + 1}.${task.results[index]!.format}`;

/** The bytes behind that path. */
export const fileBytes = (task: SimulatedTask, index: number): Buffer =>
  mediaFile(task.results[index]!.format, `${task.id}/${index}`);

/** Files that do not exist, for a callback that lies. */
export const inventedFiles = (task: SimulatedTask, baseUrl: string): TaskData[] => [
  { file_url: `${baseUrl}/files/${task.id}/invented.png`, file_type: 'image' },
];

/** Words are no files: only the music detail has them. */
const fileList = (task: SimulatedTask, baseUrl: string): TaskData[] =>
  task.results.flatMap((kind, index) =>
    kind.fileType === 'text'
      ? []
      : {
          file_url: baseUrl + filePath(task, index),
          file_type: kind.fileType,
          ...(kind.label === null ? {} : labelled(task, kind, index)),
        },
  );

/** Labelled files (3D, stems) are told in more detail. */
const labelled = (task: SimulatedTask, kind: ResultKind, index: number): TaskData => ({
  label: kind.label,
  format: kind.format,
  ...(kind.label === 'thumbnail'
    ? {}
    : {
        content_type: CONTENT_TYPES[kind.format],
        file_name: `${kind.label}.${kind.format}`,
        file_size: fileBytes(task, index).length,
      }),
});

const trackList = (task: SimulatedTask, baseUrl: string): TaskData[] => {
  const { prompt = null, style = null, title = 'Untitled' } = task.input;
  if (task.results.some(({ label }) => label !== null)) {
    return [
      Object.fromEntries(
        task.results.map((kind, index) => [`${kind.label}_url`, baseUrl + filePath(task, index)]),
      ),
    ];
  }
  return task.results.map((kind, index) => {
    const url = baseUrl + filePath(task, index);
    switch (kind.fileType) {
      case 'text':
        return textResult(task);
      case 'video':
        return { video_url: url };
      case 'image':
        return { image_url: url };
      default:
        return {
          audio_id: audioId(task, index),
          audio_url: url,
          ...(task.model === 'convert-to-wav' ? { wav_url: url } : {}),
          title,
          duration: 2,
          prompt,
          style,
        };
    }
  });
};

const textResult = (task: SimulatedTask): TaskData => {
  switch (task.model) {
    case 'generate-persona':
      return { persona_id: audioId(task, 0) };
    case 'boost-music-style':
      return { enhanced_style: 'Calm piano, warm room, slow tempo' };
    case 'get-timestamped-lyrics':
      return { timestamped_lyrics: [{ start: 0, end: 2, text: 'A quiet room at noon' }] };
    default:
      return { lyrics: 'A quiet room at noon,\nlight on an open door.' };
  }
};

/** Looks like a UUID and stays the same for a take. */
const audioId = (task: SimulatedTask, index: number): string => {
  const [a, b] = [hashOfText(`${task.id}#${index}`), hashOfText(`${index}#${task.id}`)].map((hash) =>
    hash.toString(16).padStart(8, '0'),
  );
  return `${a}-0000-4000-8000-0000${b}`;
};
