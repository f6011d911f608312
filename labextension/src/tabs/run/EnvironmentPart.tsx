import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, CopyButton, ErrorNote, KeyValue, Loading } from '../../components';
import { formatBytes } from '../../components/numbers';
import { SourceCode } from '../../components/SourceCode';
import { useNbship } from '../../core/context';
import { Filtered } from './Filtered';
import { Lacks } from './Lacks';
import { Part } from './Part';
import { usePart } from './parts';

type Environment = Schemas['RunEnvironmentJson'];

/** Where a run ran: Python, packages, repository, seeds. */
export function EnvironmentPart(): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, reload } = usePart('environment', ask =>
    api.get('/runs/{run}/environment', ask)
  );
  if (!data) {
    return error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the environment…')} />
    );
  }
  return (
    <div className="jp-nbship-Run-summary">
      <Facts title={trans.__('Python')} facts={data.python} />
      <Facts title={trans.__('Machine')} facts={data.platform} />
      {data.git && <Git git={data.git} />}
      <Seeds environment={data} />
      <Packages environment={data} />
      <Facts title={trans.__('Environment variables')} facts={data.variables} />
      <Lacks lacks={data.lacks} />
    </div>
  );
}

function Facts(props: {
  title: string;
  facts: Record<string, unknown>;
}): React.ReactElement | null {
  const { locale } = useNbship();
  const facts = Object.entries(props.facts).filter(([, value]) => value !== null && value !== '');
  if (facts.length === 0) {
    return null;
  }
  return (
    <Part title={props.title}>
      <KeyValue
        label={props.title}
        rows={facts.map(([key, value]) => {
          const text = factText(key, value, locale);
          return { key: key.replace(/_bytes$/, '').replace(/_/g, ' '), value: text, title: text };
        })}
      />
    </Part>
  );
}

function factText(key: string, value: unknown, locale: string): string {
  if (typeof value === 'number' && key.endsWith('_bytes')) {
    return formatBytes(value, locale);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Git({ git }: { git: Schemas['GitState'] }): React.ReactElement {
  const { trans } = useNbship();
  const [open, setOpen] = React.useState(false);
  const rows = [
    {
      key: trans.__('Commit'),
      value: (
        <span className="jp-nbship-Run-copied">
          <code title={git.commit}>{(git.commit ?? '').slice(0, 12) || '–'}</code>
          {git.commit && <CopyButton text={git.commit} label={trans.__('Copy the commit')} />}
        </span>
      )
    },
    ...(git.branch ? [{ key: trans.__('Branch'), value: git.branch, title: git.branch }] : []),
    ...(git.remote ? [{ key: trans.__('Remote'), value: git.remote, title: git.remote }] : [])
  ];
  return (
    <Part
      title={trans.__('Git')}
      wide={open}
      tools={
        git.dirty ? (
          <Badge
            kind="warn"
            label={trans.__('Uncommitted changes')}
            title={trans.__('The commit alone does not give this run')}
          />
        ) : (
          <Badge kind="ok" label={trans.__('Clean')} />
        )
      }
    >
      <KeyValue label={trans.__('Git')} rows={rows} />
      {git.diff && (
        <>
          <button
            type="button"
            className="jp-nbship-Button"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? trans.__('Hide the changes') : trans.__('Show the changes')}
          </button>
          {open && <Diff diff={git.diff} />}
        </>
      )}
    </Part>
  );
}

// Colouring takes its time with very long texts.
const MOST_DIFF = 200_000;

function Diff({ diff }: { diff: string }): React.ReactElement {
  const { trans } = useNbship();
  const shown = diff.slice(0, MOST_DIFF);
  return (
    <div className="jp-nbship-Run-diff">
      <SourceCode source={shown} language="diff" label={trans.__('What was not committed')} />
      {shown.length < diff.length && (
        <p className="jp-nbship-Muted">
          {trans.__('%1 of %2 characters', shown.length, diff.length)}
        </p>
      )}
    </div>
  );
}

function Seeds({ environment }: { environment: Environment }): React.ReactElement | null {
  const { trans } = useNbship();
  const { seeds, random_state_used: used } = environment;
  if (seeds.length === 0 && used.length === 0) {
    return null;
  }
  return (
    <Part title={trans.__('Seeds')} count={seeds.length}>
      {seeds.length > 0 && (
        <table className="jp-nbship-KeyValue" aria-label={trans.__('Seeds')}>
          <tbody>
            {seeds.map((seed, at) => (
              <tr key={at}>
                <th scope="row" title={seed.call}>
                  {seed.call}
                </th>
                <td>
                  <code>{seed.value}</code>{' '}
                  <span className="jp-nbship-Muted">{trans.__('cell %1', seed.cell + 1)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {used.length > 0 && (
        <p className="jp-nbship-Muted">
          {trans.__('The run drew from the generators of: %1', used.join(', '))}
        </p>
      )}
    </Part>
  );
}

function Packages({ environment }: { environment: Environment }): React.ReactElement {
  const { trans } = useNbship();
  const packages = Object.entries(environment.packages);
  const pinned = packages.map(([name, version]) => `${name}==${version}`).join('\n');
  return (
    <Part
      title={trans.__('Packages')}
      count={packages.length}
      tools={
        packages.length > 0 && <CopyButton text={pinned} label={trans.__('Copy as requirements')} />
      }
    >
      {packages.length > 0 && (
        <Filtered
          items={packages}
          text={([name, version]) => `${name} ${version}`}
          most={30}
          placeholder={trans.__('Search packages')}
        >
          {shown => (
            <KeyValue
              label={trans.__('Packages')}
              rows={shown.map(([name, version]) => ({
                key: name,
                value: (
                  <>
                    <code>{version}</code>
                    {environment.upgraded[name] && (
                      <>
                        {' '}
                        <Badge
                          kind="warn"
                          label={trans.__('%1 on disk', environment.upgraded[name])}
                          title={trans.__('It was replaced on disk while the kernel ran')}
                        />
                      </>
                    )}
                  </>
                )
              }))}
            />
          )}
        </Filtered>
      )}
    </Part>
  );
}
