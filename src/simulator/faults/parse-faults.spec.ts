import { parseAnswerFault } from './answer-fault.js';
import { FaultSyntaxError, formatFault, parseFaults } from './parse-faults.js';

describe('parseFaults', () => {
  it.each([
    ['submit=drop', { name: 'submit', value: 'drop', probability: 1, times: null }],
    ['submit=drop@0.05', { name: 'submit', value: 'drop', probability: 0.05, times: null }],
    ['submit=429:30@.5', { name: 'submit', value: '429:30', probability: 0.5, times: null }],
    ['status=503x3', { name: 'status', value: '503', probability: 1, times: 3 }],
    ['status=503/html x12', { name: 'status', value: '503/html', probability: 1, times: 12 }],
    ['callback-never', { name: 'callback-never', value: '', probability: 1, times: null }],
    ['callback-neverx2', { name: 'callback-never', value: '', probability: 1, times: 2 }],
    ['fail', { name: 'fail', value: '', probability: 1, times: null }],
    ['fail=No = no, at all@1', { name: 'fail', value: 'No = no, at all', probability: 1, times: null }],
    [' duration=never ', { name: 'duration', value: 'never', probability: 1, times: null }],
    ['word=relax', { name: 'word', value: 'relax', probability: 1, times: null }],
  ])('reads %j', (text, setting) => {
    expect(parseFaults([text])).toEqual([setting]);
  });

  it('names every problem at once', () => {
    const read = () =>
      parseFaults(['submit=drop', 'submit', 'count=many', 'nothing=1', 'fail@1.5', 'callback-never=1', '']);
    expect(read).toThrow(FaultSyntaxError);
    try {
      read();
    } catch (error) {
      expect((error as FaultSyntaxError).problems.map((problem) => problem.slice(0, 42))).toEqual([
        'Fault "submit" got "" and wants ANSWER: ho',
        'Fault "count" got "many" and wants N: how ',
        'Unknown fault "nothing=1". Known are: subm',
        'Fault "fail" got the probability 1.5 and w',
        'Fault "callback-never" got "1" and wants n',
        'Unknown fault "". Known are: submit, statu',
      ]);
    }
  });

  it.each([
    'submit=drop@0.05',
    'status=503x3',
    'callback-never',
    'fail=Too red',
    'submit=429:date30+created',
  ])('writes %s back as it was', (text) => {
    expect(parseFaults([text]).map(formatFault)).toEqual([text]);
  });
});

describe('parseAnswerFault', () => {
  it.each([
    ['503', { kind: 'error', status: 503, shape: 'envelope', retryAfter: null, creates: false }],
    ['503+created', { kind: 'error', status: 503, shape: 'envelope', retryAfter: null, creates: true }],
    ['200/html', { kind: 'error', status: 200, shape: 'html', retryAfter: null, creates: true }],
    [
      '429/in-200:5',
      {
        kind: 'error',
        status: 429,
        shape: 'in-200',
        retryAfter: { seconds: 5, asDate: false },
        creates: false,
      },
    ],
    [
      '429:date5',
      {
        kind: 'error',
        status: 429,
        shape: 'envelope',
        retryAfter: { seconds: 5, asDate: true },
        creates: false,
      },
    ],
    ['drop', { kind: 'drop', creates: true }],
    ['drop+nothing', { kind: 'drop', creates: false }],
    ['redirect', { kind: 'redirect', creates: false }],
    ['slow', { kind: 'slow', ms: 1_000, creates: true }],
    ['trickle:5', { kind: 'trickle', ms: 5, creates: true }],
  ])('reads %s', (text, fault) => {
    expect(parseAnswerFault(text)).toEqual(fault);
  });

  it.each([
    '',
    'dropp',
    '99',
    '600',
    '200',
    '204',
    '200/envelope',
    '503/pdf',
    '503:soon',
    '503+maybe',
    'slow:-1',
    '+created',
  ])('refuses %j', (text) => {
    expect(parseAnswerFault(text)).toBeNull();
  });
});
