import { act, fireEvent, screen } from '@testing-library/react';
import * as React from 'react';

import {
  Badge,
  Field,
  formatAgo,
  formatDuration,
  IconButton,
  JobView,
  Loading,
  MimeOutput,
  Sparkline,
  sparklinePoints,
  TabList
} from '../components';
import { shipIcon } from '../icons';
import { fakeNbship, renderWith } from './fake';

describe('Loading', () => {
  it('shows nothing at first, then what is loaded', () => {
    jest.useFakeTimers();
    renderWith(fakeNbship(), <Loading label="Loading runs…" />);
    expect(screen.getByRole('status')).toBeEmptyDOMElement();
    act(() => void jest.advanceTimersByTime(250));
    expect(screen.getByRole('status')).toHaveTextContent('Loading runs…');
    jest.useRealTimers();
  });
});

describe('TabList', () => {
  const tabs = ['a', 'b', 'c'].map(id => ({ id, label: `Tab ${id}`, panel: () => `panel ${id}` }));

  it('shows one panel, and moves with the arrow keys, Home and End', () => {
    renderWith(fakeNbship(), <TabList label="Parts" tabs={tabs} />);
    const bar = screen.getByRole('tablist', { name: 'Parts' });
    expect(screen.getByRole('tabpanel', { name: 'Tab a' })).toHaveTextContent('panel a');
    fireEvent.keyDown(bar, { key: 'ArrowLeft' });
    expect(screen.getByRole('tabpanel', { name: 'Tab c' })).toHaveTextContent('panel c');
    fireEvent.keyDown(bar, { key: 'Home' });
    fireEvent.keyDown(bar, { key: 'ArrowRight' });
    expect(screen.getByRole('tab', { selected: true })).toHaveTextContent('Tab b');
    expect(screen.getByRole('tab', { selected: true })).toHaveFocus();
    expect(screen.getAllByRole('tab').filter(tab => tab.tabIndex === 0)).toHaveLength(1);
  });
});

describe('small components', () => {
  it('a badge has a sign beside its colour', () => {
    renderWith(fakeNbship(), <Badge kind="failed" label="failed" />);
    expect(screen.getByTitle('failed')).toHaveTextContent('✕failed');
  });

  it('an icon button has a name, and says whether it is pressed', () => {
    const onClick = jest.fn();
    renderWith(fakeNbship(), <IconButton icon={shipIcon} label="Ship" onClick={onClick} pressed />);
    const button = screen.getByRole('button', { name: 'Ship', pressed: true });
    fireEvent.click(button);
    expect(onClick).toHaveBeenCalledTimes(1);
  });

  it('a field ties its control to its label and error', () => {
    renderWith(
      fakeNbship(),
      <Field label="Rate" error="No number">
        {attributes => <input {...attributes} />}
      </Field>
    );
    expect(screen.getByLabelText('Rate')).toHaveAccessibleDescription('No number');
    expect(screen.getByLabelText('Rate')).toBeInvalid();
  });
});

describe('Sparkline', () => {
  it('keeps to its box, leaves gaps out and draws a constant in the middle', () => {
    expect(sparklinePoints([0, NaN, 10], 64, 16)).toEqual([
      [2, 14],
      [62, 2]
    ]);
    expect(sparklinePoints([5, 5], 64, 16).map(point => point[1])).toEqual([8, 8]);
    expect(sparklinePoints([], 64, 16)).toEqual([]);
  });

  it('thins a very long history, and keeps its end', () => {
    const points = sparklinePoints(
      Array.from({ length: 200_000 }, (_, index) => index),
      64,
      16
    );
    expect(points.length).toBeLessThan(300);
    expect(points[points.length - 1]).toEqual([62, 2]);
  });

  it('says what it shows', () => {
    renderWith(fakeNbship(), <Sparkline values={[1, 2]} label="loss: 2" />);
    expect(screen.getByRole('img', { name: 'loss: 2' })).toBeInTheDocument();
  });
});

describe('times', () => {
  const { trans } = fakeNbship();

  it.each([
    [null, '–'],
    [0.0123, '12 ms'],
    [1.26, '1.3 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min']
  ])('writes %s seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds, trans)).toBe(text);
  });

  it('writes how long ago in the language of the user interface', () => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    expect(formatAgo(new Date(now - 180_000), now, 'en')).toBe('3 minutes ago');
    expect(formatAgo(new Date(now - 86_400_000), now, 'de')).toBe('gestern');
    expect(formatAgo(new Date(now - 100 * 86_400_000), now, 'en')).toBe('Nov 30, 2025');
  });
});

describe('MimeOutput', () => {
  const html = { 'text/html': '<b>fine</b><script>window.hacked = 1</script>' };

  it('shows the HTML of a run sanitised, and scripts never', async () => {
    const output = { output_type: 'display_data', metadata: {}, data: html };
    renderWith(fakeNbship(), <MimeOutput output={output} label="Output 1" />);
    expect(await screen.findByText('fine')).toBeInTheDocument();
    expect(document.querySelector('.jp-nbship-Mime script')).toBeNull();
  });

  it('prefers any form over a widget whose model is gone', async () => {
    const widget = { 'application/vnd.jupyter.widget-view+json': { model_id: 'x' } };
    const output = { output_type: 'display_data', metadata: {}, data: { ...html, ...widget } };
    renderWith(fakeNbship(), <MimeOutput output={output} label="Output 1" />);
    expect(await screen.findByText('fine')).toBeInTheDocument();
  });

  it('says so when there is no safe form', () => {
    const data = { 'application/javascript': 'alert(1)' };
    const output = { output_type: 'display_data', metadata: {}, data };
    renderWith(fakeNbship(), <MimeOutput output={output} label="Output 1" />);
    expect(screen.getByText(/no form that is safe/)).toBeInTheDocument();
  });
});

describe('JobView', () => {
  const running = {
    id: 'j1',
    title: '<img src=x onerror=alert(1)>',
    command: 'nbship run train.ipynb',
    state: 'running',
    seconds: 3,
    message: '',
    progress: { done: 1 }
  };

  it('follows the log, shows progress, cancels, and shows the result', async () => {
    jest.useFakeTimers();
    let answer: object = { job: running, log: 'one\n', log_end: 4, result: null };
    const nbship = fakeNbship({
      answers: { 'GET /jobs/{job}': () => answer, 'POST /jobs/{job}/cancel': running }
    });
    renderWith(
      nbship,
      <JobView
        job="j1"
        progress={value => <p>{JSON.stringify(value)}</p>}
        result={value => <p>{String(value)}</p>}
      />
    );
    await act(() => jest.advanceTimersByTimeAsync(10));
    expect(screen.getByRole('log')).toHaveTextContent('one');
    expect(screen.getByText('{"done":1}')).toBeInTheDocument();
    expect(screen.getByText(running.title)).toBeInTheDocument();

    answer = { job: running, log: 'two\n', log_end: 8, result: null };
    await act(() => jest.advanceTimersByTimeAsync(1_000));
    expect(screen.getByRole('log').textContent).toBe('one\ntwo\n');
    expect(nbship.api.callsOf('GET /jobs/{job}')[1].query).toMatchObject({ log_from: 4 });

    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await act(() => jest.advanceTimersByTimeAsync(10));
    expect(nbship.api.callsOf('POST /jobs/{job}/cancel')).toHaveLength(1);

    const done = { ...running, state: 'completed', progress: null };
    answer = { job: done, log: '', log_end: 8, result: 'loss 0.1' };
    await act(() => jest.advanceTimersByTimeAsync(2_000));
    expect(screen.getByText('loss 0.1')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull();
    jest.useRealTimers();
  });
});
