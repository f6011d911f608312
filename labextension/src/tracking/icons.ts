import { LabIcon } from '@jupyterlab/ui-components';

import track from '../../style/icons/track.svg';

/** A record button. */
export const trackIcon = new LabIcon({ name: 'nbship:track', svgstr: track });
