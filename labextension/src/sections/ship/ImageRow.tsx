import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Ago, CopyButton, formatBytes } from '../../components';
import { useNbship } from '../../core/context';
import { runCommand } from '../../shipping/images';

/** An image that was built: its name, size and age, and the run that it is of. */
export function ImageRow({ image }: { image: Schemas['ImageRecord'] }): React.ReactElement {
  const { locale, tabs, trans } = useNbship();
  const where = image.pushed || (image.loaded ? trans.__('in the local engine') : image.archive);
  return (
    <li className="jp-nbship-Ship-row">
      <div className="jp-nbship-Ship-line">
        <span className="jp-nbship-Ship-name jp-nbship-Cut" title={`${image.reference}\n${where}`}>
          {image.reference}
        </span>
        <CopyButton
          text={runCommand(image)}
          label={trans.__('Copy the command that runs %1', image.reference)}
        />
      </div>
      <div className="jp-nbship-Ship-facts">
        <span>{formatBytes(image.size_bytes, locale)}</span>
        <Ago at={image.built_ms} />
        <button
          type="button"
          className="jp-nbship-Ship-link jp-nbship-Cut"
          title={trans.__('Open the run that it is of')}
          onClick={() => void tabs.open('run', { run: image.run_id })}
        >
          {image.model || image.run_id.slice(0, 8)}
        </button>
      </div>
    </li>
  );
}
