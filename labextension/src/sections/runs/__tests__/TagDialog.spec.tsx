import { nullTranslator } from '@jupyterlab/translation';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';

import { ownTags, TagForm, type TagChange } from '../TagDialog';
import { run } from './answers';

const trans = nullTranslator.load('nbship');

it('knows which tags runs have in common, and leaves out those of MLflow and nbship', () => {
  const tags = { team: 'a', stage: '1', 'mlflow.user': 'u', 'nbship.run': 'x' };
  const found = ownTags([run('1', { tags }), run('2', { tags: { ...tags, stage: '2' } })]);
  expect(found).toEqual([
    ['stage', null],
    ['team', 'a']
  ]);
});

it('sets a tag and removes others', async () => {
  let change: TagChange = {};
  const tags: [string, string | null][] = [['team', 'a']];
  render(<TagForm tags={tags} trans={trans} onChange={to => void (change = to)} />);
  expect(change).toEqual({});
  await userEvent.type(screen.getByLabelText('Name'), ' stage ');
  await userEvent.type(screen.getByLabelText('Value'), '-1');
  await userEvent.click(screen.getByLabelText(/team/));
  expect(change).toEqual({ stage: '-1', team: null });
});
