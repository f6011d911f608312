import { compare } from './plugins/compare';
import { core } from './plugins/core';
import { doctor } from './plugins/doctor';
import { drift } from './plugins/drift';
import { files } from './plugins/files';
import { launcher } from './plugins/launcher';
import { pipelines } from './plugins/pipelines';
import { runDetail } from './plugins/run_detail';
import { runs } from './plugins/runs';
import { ship } from './plugins/ship';
import { statusbar } from './plugins/statusbar';
import { toolbar } from './plugins/toolbar';
import { track } from './plugins/track';
import { tracking } from './plugins/tracking';

export * from './tokens';

export default [
  core,
  compare,
  doctor,
  drift,
  files,
  launcher,
  pipelines,
  runDetail,
  runs,
  ship,
  statusbar,
  toolbar,
  track,
  tracking
];
