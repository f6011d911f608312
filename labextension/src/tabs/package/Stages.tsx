import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, Duration, Elapsed, type BadgeKind } from '../../components';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';

/** The stages of the work so far, and how long each took. */
export function Stages(props: {
  stages: readonly Schemas['StageJson'][];
  state: JobJson['state'];
}): React.ReactElement {
  const { trans } = useNbship();
  const { stages, state } = props;
  const look = (stage: Schemas['StageJson'], at: number): [BadgeKind, string] => {
    if (stage.seconds === null) {
      return ['running', trans.__('now')];
    }
    if (at < stages.length - 1 || state === 'completed') {
      return ['ok', trans.__('done')];
    }
    return state === 'running' ? ['ok', trans.__('done')] : ['failed', trans.__('not done')];
  };
  return (
    <section className="jp-nbship-Package-part">
      <h2>{trans.__('Stages')}</h2>
      <table className="jp-nbship-Table jp-nbship-Package-stages" aria-label={trans.__('Stages')}>
        <tbody>
          {stages.map((stage, at) => {
            const [kind, label] = look(stage, at);
            return (
              <tr key={stage.name}>
                <td>
                  <Badge kind={kind} label={label} />
                </td>
                <th scope="row">{stage.name}</th>
                <td className="jp-mod-number">
                  {stage.seconds === null ? (
                    <Elapsed since={stage.began_ms} />
                  ) : (
                    <Duration seconds={stage.seconds} />
                  )}
                </td>
                <td className="jp-nbship-Muted jp-nbship-Package-detail">{stage.detail}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
