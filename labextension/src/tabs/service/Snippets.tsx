import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Code, TabList } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';

/** How to ask the same from elsewhere: what was asked last, at first the example. */
export function Snippets(props: {
  name: string;
  place: string;
  asked: Schemas['InvokeBody'] | null;
  first: Schemas['Snippets'];
}): React.ReactElement {
  const { api, trans } = useNbship();
  const { name, place, asked, first } = props;
  const { data } = useResource(
    signal =>
      asked &&
      api.post('/services/{name}/snippets', {
        path: { name },
        query: { path: place },
        body: asked,
        signal
      }),
    [name, place, asked]
  );
  const shown = data ?? first;
  return (
    <section className="jp-nbship-Ask-snippets">
      <h2>{trans.__('Ask it from elsewhere')}</h2>
      <TabList
        label={trans.__('Languages')}
        tabs={[
          {
            id: 'curl',
            label: CURL,
            panel: () => <Code source={shown.curl} label={trans.__('As a curl command')} copy />
          },
          {
            id: 'python',
            label: PYTHON,
            panel: () => <Code source={shown.python} label={trans.__('In Python')} copy />
          }
        ]}
      />
    </section>
  );
}

const CURL = 'curl';
const PYTHON = 'Python';
