import { type Line, type Measured } from './measure.js';

type Cells = readonly (string | number)[];

const table = (titles: readonly string[], rows: readonly Cells[]): string => {
  const line = (cells: Cells): string => `| ${cells.join(' | ')} |\n`;
  return ['\n', line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('');
};

/** Rates of all sides, and ours and grouped as ratios to the bare server. */
export const rates = (lines: readonly Line[]): string =>
  table(
    ['', 'connections', 'ours /s', 'bare /s', 'ratio', 'goal', 'grouped /s', 'ratio', 'ours, ms', 'bare, ms'],
    lines.map(({ name, connections, goal, sides }) => {
      const [ours, bare, grouped] = [sides.ours!, sides.bare!, sides.grouped];
      const toBare = (side: Measured): string => (side.requestsPerSecond / bare.requestsPerSecond).toFixed(2);
      const times = ({ p50, p97, p99 }: Measured): string => `${p50} / ${p97} / ${p99}`;
      const rate = (side: Measured): number => Math.round(side.requestsPerSecond);
      const ofGrouped = grouped ? [rate(grouped), toBare(grouped)] : ['', ''];
      return [
        name,
        connections,
        rate(ours),
        rate(bare),
        toBare(ours),
        goal,
        ...ofGrouped,
        times(ours),
        times(bare),
      ];
    }),
  );

export const processorTimes = (lines: readonly Line[]): string =>
  table(
    [
      'us of processor time per request',
      'connections',
      '',
      'server',
      'PostgreSQL',
      'load generator',
      'together',
    ],
    lines.flatMap(({ name, connections, sides }) =>
      Object.entries(sides).map(([side, { cpu }]) => [
        name,
        connections,
        side,
        ...[...cpu, cpu.reduce((sum, us) => sum + us, 0)].map((us) => us.toFixed(0)),
      ]),
    ),
  );
