import { act, screen } from '@testing-library/react';
import * as React from 'react';

import { ErrorNote, Loading } from '../components';
import { useNbship } from '../core/context';
import { useResource } from '../core/resource';
import { apiError, fakeNbship, renderWith } from './fake';

function Jobs(props: { id: string }): React.ReactElement {
  const { api } = useNbship();
  const { data, error, reload } = useResource(
    signal => api.get('/jobs/{job}', { path: { job: props.id }, signal }),
    [props.id]
  );
  if (error) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  return data ? <p>{data.log}</p> : <Loading label="Loading…" delayMs={0} />;
}

describe('useResource', () => {
  it('shows what the server answers, and loads again for other arguments', async () => {
    const nbship = fakeNbship({
      answers: { 'GET /jobs/{job}': call => ({ log: `log of ${call.path?.job}` }) }
    });
    const { rerender } = renderWith(nbship, <Jobs id="a" />);
    expect(screen.getByRole('status')).toHaveTextContent('Loading…');
    expect(await screen.findByText('log of a')).toBeInTheDocument();
    rerender(<Jobs id="b" />);
    expect(await screen.findByText('log of b')).toBeInTheDocument();
    expect(nbship.api.callsOf('GET /jobs/{job}')).toHaveLength(2);
  });

  it('shows the message and hint of an error, and tries again', async () => {
    let broken = true;
    const nbship = fakeNbship({
      answers: {
        'GET /jobs/{job}': () => {
          if (broken) {
            throw apiError({ message: 'The store is down.', hint: 'Start it.' });
          }
          return { log: 'well' };
        }
      }
    });
    renderWith(nbship, <Jobs id="a" />);
    expect(await screen.findByRole('alert')).toHaveTextContent('The store is down.Start it.');
    broken = false;
    act(() => screen.getByRole('button', { name: 'Try again' }).click());
    expect(await screen.findByText('well')).toBeInTheDocument();
  });

  it('drops an answer that comes after another one was wanted', async () => {
    const waiting: Record<string, (value: unknown) => void> = {};
    const nbship = fakeNbship({
      answers: {
        'GET /jobs/{job}': call => new Promise(resolve => (waiting[call.path?.job ?? ''] = resolve))
      }
    });
    const { rerender } = renderWith(nbship, <Jobs id="a" />);
    await act(async () => undefined);
    rerender(<Jobs id="b" />);
    await act(async () => undefined);
    await act(async () => {
      waiting.b({ log: 'new' });
      waiting.a({ log: 'old' });
    });
    expect(screen.getByText('new')).toBeInTheDocument();
  });

  it('loads nothing while it cannot be seen, and what it missed when it can', async () => {
    const nbship = fakeNbship({ answers: { 'GET /jobs/{job}': { log: 'seen' } } });
    const { visibility, rerender } = renderWith(nbship, <Jobs id="a" />);
    await screen.findByText('seen');
    act(() => void (visibility.visible = false));
    rerender(<Jobs id="b" />);
    expect(nbship.api.calls).toHaveLength(1);
    act(() => void (visibility.visible = true));
    await act(async () => undefined);
    expect(nbship.api.calls).toHaveLength(2);
  });

  it('loads again when the user refreshes everything', async () => {
    const nbship = fakeNbship({ answers: { 'GET /jobs/{job}': { log: 'fresh' } } });
    renderWith(nbship, <Jobs id="a" />);
    await screen.findByText('fresh');
    await act(async () => nbship.refresh());
    expect(nbship.api.calls).toHaveLength(2);
  });
});
