import { LabIcon } from '@jupyterlab/ui-components';

import ship from '../style/icons/ship.svg';

/** The mark of nbship: a container ship. */
export const shipIcon = new LabIcon({ name: 'nbship:ship', svgstr: ship });
