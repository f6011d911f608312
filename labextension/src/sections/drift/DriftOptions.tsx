import * as React from 'react';

import { Field } from '../../components';
import { useNbship } from '../../core/context';
import { wrongNumbers, type OptionTexts } from './options';

interface IOptionField {
  name: keyof OptionTexts;
  label: string;
  help: string;
  placeholder?: string;
}

/** The options of a drift report, which most do not need. */
export function DriftOptions(props: {
  texts: OptionTexts;
  onChange: (texts: OptionTexts) => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const { texts, onChange } = props;
  const wrong = wrongNumbers(texts);
  const set = (name: keyof OptionTexts, text: string) => onChange({ ...texts, [name]: text });
  const field = ({ name, label, help, placeholder }: IOptionField) => (
    <Field
      key={name}
      label={label}
      help={help}
      error={wrong.includes(name) ? trans.__('This is no number.') : undefined}
    >
      {attributes => (
        <input
          {...attributes}
          className="jp-nbship-Input"
          spellCheck={false}
          placeholder={placeholder}
          value={texts[name] ?? ''}
          onChange={event => set(name, event.target.value)}
        />
      )}
    </Field>
  );
  const columns: IOptionField[] = [
    {
      name: 'target',
      label: trans.__('Label column'),
      help: trans.__('What a model learns to predict.')
    },
    {
      name: 'prediction',
      label: trans.__('Prediction column'),
      help: trans.__('What a model said.')
    },
    {
      name: 'columns',
      label: trans.__('Only these columns'),
      help: trans.__('Names with commas between them.')
    },
    {
      name: 'by',
      label: trans.__('Windows over time'),
      help: trans.__('A period such as D, W or MS, 1000 rows as 1000, or 12 windows as /12.')
    },
    { name: 'time', label: trans.__('Time column'), help: trans.__('What periods are cut by.') }
  ];
  const thresholds: IOptionField[] = [
    {
      name: 'q',
      label: trans.__('Level of the tests'),
      help: trans.__('Share of reports with a false alarm.'),
      placeholder: '0.05'
    },
    {
      name: 'wasserstein',
      label: trans.__('Threshold of numbers'),
      help: trans.__('Distance in usual spreads of the reference.'),
      placeholder: '0.1'
    },
    {
      name: 'jensen_shannon',
      label: trans.__('Threshold of levels'),
      help: trans.__('Distance from 0 to 1.'),
      placeholder: '0.1'
    },
    {
      name: 'missing',
      label: trans.__('Threshold of missing values'),
      help: trans.__('Change of their share.'),
      placeholder: '0.02'
    }
  ];
  return (
    <details className="jp-nbship-Drift-options">
      <summary>{trans.__('Options')}</summary>
      <div className="jp-nbship-Drift-fields">
        {columns.map(field)}
        {thresholds.map(field)}
        <Field label={trans.__('Correction')} help={trans.__('Of many tests at once.')}>
          {attributes => (
            <select
              {...attributes}
              className="jp-nbship-Select"
              value={texts.correction ?? ''}
              onChange={event => set('correction', event.target.value)}
            >
              <option value="">{trans.__('Benjamini–Hochberg')}</option>
              <option value="holm">{trans.__('Holm')}</option>
              <option value="none">{trans.__('none')}</option>
            </select>
          )}
        </Field>
      </div>
    </details>
  );
}
