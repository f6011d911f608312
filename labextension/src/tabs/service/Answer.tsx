import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge, Code } from '../../components';
import { useNbship } from '../../core/context';
import { predictionsOf, problemsOf } from '../../shipping/asking';
import { formatLatency, predictionText } from '../../shipping/words';

const SHOWN = 50;

/** What a served model answered: its predictions, or what is wrong with the request, and how long it took. */
export function Answer(props: {
  reply: Schemas['ServedAnswerJson'];
  /** Whether the predictions stand in the table already. */
  inTable: boolean;
}): React.ReactElement {
  const { locale, trans } = useNbship();
  const { reply, inTable } = props;
  const failed = reply.status >= 400;
  const predictions = predictionsOf(reply.answer);
  const told = failed ? problemsOf(reply.answer) : null;
  // Those of a value stand at its field.
  const others = told?.problems.filter(each => !inTable || each.column === null) ?? [];
  return (
    <div className="jp-nbship-Ask-answer" role="status">
      <p>
        <Badge
          kind={failed ? 'failed' : 'ok'}
          label={failed ? trans.__('refused') : trans.__('answered')}
          title={trans.__('Status %1', reply.status)}
        />{' '}
        {trans.__('status %1, in %2', reply.status, formatLatency(reply.seconds, locale))}
      </p>
      {told && <p className="jp-nbship-Ask-message">{told.message}</p>}
      {others.length > 1 && (
        <ul>
          {others.map((problem, at) => (
            <li key={at}>
              {[
                problem.row === null ? '' : trans.__('row %1', problem.row + 1),
                problem.column,
                problem.message
              ]
                .filter(Boolean)
                .join(' · ')}
            </li>
          ))}
        </ul>
      )}
      {!failed && !inTable && predictions && (
        <ol className="jp-nbship-Ask-predictions" aria-label={trans.__('Predictions')}>
          {predictions.slice(0, SHOWN).map((value, at) => (
            <li key={at}>
              <output className="jp-nbship-Ask-prediction">{predictionText(value, locale)}</output>
            </li>
          ))}
        </ol>
      )}
      {(!predictions || predictions.length > SHOWN || failed) && (
        <details>
          <summary>{trans.__('The whole answer')}</summary>
          <Code
            source={JSON.stringify(reply.answer, null, 2)}
            label={trans.__('The whole answer')}
            copy
          />
        </details>
      )}
    </div>
  );
}
