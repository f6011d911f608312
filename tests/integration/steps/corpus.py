"""Small notebooks, each named for the behaviour it shows; what they print must not depend on who executes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CORPUS", "RAISES", "Example"]

RAISES = "\n# raises"
"""Ends a cell that fails on purpose, and whose notebook goes on."""


@dataclass(frozen=True)
class Example:
    """A notebook.

    Attributes
    ----------
    files
        What lies beside it.
    scrub
        Patterns of what differs from one execution to the next, whoever executes.
    """

    name: str
    cells: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    scrub: tuple[str, ...] = ()
    warm: bool = True
    """Whether there can be a warm kernel for it."""
    needs: tuple[str, ...] = ()
    """Modules without which there is nothing to compare."""

    def notebook(self) -> dict[str, Any]:
        """Return it in nbformat 4 JSON."""
        return {
            "cells": [_cell(f"c{index}", source) for index, source in enumerate(self.cells)],
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }


def _cell(identity: str, source: str) -> dict[str, Any]:
    metadata = {"tags": ["raises-exception"]} if source.endswith(RAISES) else {}
    cell: dict[str, Any] = {"cell_type": "code", "source": source, "metadata": metadata, "id": identity}
    return cell | {"outputs": [], "execution_count": None}


_DURATION = r"\d+(\.\d+)? ?(ns|[µμu]s|ms|s|min)\b"

_WORKER = """\
def square(x):
    return x * x
"""

CORPUS = (
    Example(
        "both streams",
        (
            "import sys\nfor i in range(3):\n    print('out', i, flush=True)\n    print('err', i, file=sys.stderr, flush=True)",
            "print('no end', end='')",
            "sys.stdout.write('returned length\\n')",
            "import os; os.system('echo from a child'); os.write(1, b'raw descriptor\\n');",
        ),
    ),
    Example(
        "displays",
        (
            "from IPython.display import HTML, JSON, Latex, Markdown, SVG, display\ndisplay(HTML('<b>b</b>'), Markdown('*m*'))",
            "display(Latex('$x$'), JSON({'a': [1]}), {'text/plain': 'raw', 'x/y': 'z'}, raw=False)",
            "display({'text/plain': 'raw', 'application/x-own': 'z'}, raw=True, metadata={'k': 1})",
            "print('before')\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\nprint('after')\nHTML('last')",
        ),
    ),
    Example(
        "results",
        (
            "[1, 'two', 3.0, None]",
            "class Own:\n    def __repr__(self): return 'own'\n    def _repr_html_(self): return '<i>own</i>'\nOwn()",
            "{'b': 1, 'a': list(range(40))}",
            "1;",
            "_, __, Out[1]",
            "object()",
            "In[2]",
        ),
    ),
    Example(
        "tracebacks",
        (
            "def deep(n):\n    return 1 / n if n == 0 else deep(n - 1)",
            "deep(2)" + RAISES,
            "try:\n    {}['missing']\nexcept KeyError as error:\n    raise ValueError('wrapped') from error" + RAISES,
            "x = (" + RAISES,
            "import own_module; own_module.fail()" + RAISES,
            "raise ExceptionGroup('several', [ValueError('a'), TypeError('b')])" + RAISES,
            "undefined_name" + RAISES,
            "raise KeyboardInterrupt('asked')" + RAISES,
            "print('goes on')",
        ),
        {"own_module.py": "def fail():\n    raise RuntimeError('in a module')\n"},
    ),
    Example(
        "matplotlib figures",
        (
            "%matplotlib inline\nimport matplotlib.pyplot as plt",
            "fig, ax = plt.subplots(figsize=(2, 2))\nax.plot([1, 3, 2]); ax.set_title('t')",
            "plt.plot([1, 2]); print(plt.get_backend(), plt.rcParams['figure.dpi'])",
            "fig",
        ),
    ),
    Example("matplotlib without a magic", ("import matplotlib.pyplot as plt\nplt.bar([1, 2], [3, 4]); print(plt.get_backend())",)),
    Example(
        "pandas",
        (
            "import numpy as np, pandas as pd\nframe = pd.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': pd.to_datetime(['2024-01-01', None])})\nframe",
            "frame.style.set_uuid('u').highlight_max(subset=['a'])",
            "frame.info()",
            "pd.Series(np.arange(3.0), name='s').describe()",
            "pd.get_option('display.max_rows'), pd.get_option('display.width')",
        ),
    ),
    Example(
        "plotly",
        (
            "import plotly.graph_objects as go, plotly.io as pio\nfig = go.Figure(go.Bar(x=['a'], y=[1]))\nprint(pio.renderers.default)",
            "fig.to_dict()",
            "pio.renderers.default = 'plotly_mimetype'\nfig.show()",
        ),
        needs=("plotly",),
    ),
    Example(
        "progress bars",
        (
            "from tqdm import tqdm\nfor _ in tqdm(range(3), bar_format='{l_bar}{bar}| {n_fmt}/{total_fmt}', mininterval=0, miniters=1): pass",
        ),
    ),
    Example(
        "seeded numbers",
        (
            "import random, numpy as np\nrandom.seed(1); np.random.seed(2)\nprint(random.random(), np.random.rand(3), np.random.default_rng(3).normal(size=3))",
            "a = np.random.default_rng(0).normal(size=(300, 300))\nimport hashlib\nhashlib.sha256((a @ a).tobytes()).hexdigest(), float(np.linalg.svd(a)[1].sum())",
        ),
    ),
    Example(
        "files of the folder",
        (
            "import os, pathlib\nprint(os.getcwd(), os.environ.get('PWD') == os.getcwd())\nprint(pathlib.Path('data.txt').read_text())",
            "%pwd",
            "pathlib.Path('made.txt').write_text('made')\nos.chdir('/')\nos.getcwd()",
            "import __main__\nsorted(os.listdir('.')) == sorted(os.listdir('/'))",
        ),
        {"data.txt": "data"},
    ),
    Example(
        "environment variables",
        (
            "import os\nos.environ['OWN'] = 'set'\n%env OTHER=here\nos.environ['OWN'], os.getenv('CORPUS_GIVEN')",
            "!echo $OWN $OTHER $CORPUS_GIVEN",
            "private = ('NBSHIP_', 'COLUMNS', 'LINES', 'PYTEST_CURRENT_TEST')\nprint(sorted(k for k in os.environ if not k.startswith(private)))",
            "print({k: os.environ.get(k) for k in ('TERM', 'CLICOLOR', 'PAGER', 'GIT_PAGER', 'MPLBACKEND', 'FORCE_COLOR', 'OMP_NUM_THREADS')})",
        ),
    ),
    Example(
        "shell",
        (
            "!echo shell; echo err >&2; exit 3",
            "_exit_code",
            "lines = !printf 'a\\nb\\n'\nlines",
            "%%bash\necho in bash\necho err >&2\npwd -P > where.txt",
            "%%bash\nexit 4" + RAISES,
            "%%sh\necho $0 | xargs basename",
            "x = 'filled'\n!echo {x}",
        ),
    ),
    Example("times of cells", ("%%time\nprint('timed')\n7", "%time sum(range(10))"), scrub=(r"(CPU times|Wall time): .*",)),
    Example(
        "timeit",
        ("%timeit -n 5 -r 2 pass", "%%timeit -n 2 -r 2\nsum(range(10))"),
        scrub=(_DURATION, r"The slowest run took .*\n", r"\(mean.*"),
    ),
    Example(
        "await",
        (
            "import asyncio\nasync def later(x):\n    await asyncio.sleep(0.01)\n    return x\nawait later(3)",
            "await asyncio.gather(*[later(i) for i in range(3)])",
            "async def speak():\n    print('task')\ntask = asyncio.create_task(speak())\nawait task",
            "type(asyncio.get_running_loop()).__name__",
            "asyncio.run(later(1))" + RAISES,
            "async def each():\n    for i in range(2): yield await later(i)\nasync for x in each(): print('looped', x)",
        ),
    ),
    Example(
        "threads",
        (
            "import threading\ndef speak(n):\n    print('thread', n)\nthreads = [threading.Thread(target=speak, args=(n,)) for n in range(3)]\nfor t in threads: t.start(); t.join()",
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool: print(list(pool.map(lambda x: x * 2, range(4))))",
            "threading.main_thread().name, threading.current_thread() is threading.main_thread()",
            "late = threading.Timer(0.05, print, ['late']); late.start(); late.join()",
        ),
    ),
    Example(
        "processes",
        (
            "import multiprocessing as mp\nfrom square_worker import square\nprint(mp.get_start_method(allow_none=True))",
            "def double(x): return 2 * x\nwith mp.get_context('fork').Pool(1) as pool: print(pool.map(double, range(3)))",
            "with mp.get_context('spawn').Pool(1) as pool: print(pool.map(square, range(3)))",
            "with mp.get_context('forkserver').Pool(1) as pool: print(pool.map(square, range(3)))",
            "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.flags.safe_path, sys.stdin.isatty())'], capture_output=True, text=True))",
            "mp.current_process().name, mp.parent_process()",
        ),
        {"square_worker.py": _WORKER},
    ),
    Example(
        "joblib",
        ("from joblib import Parallel, delayed\nfrom square_worker import square\nParallel(n_jobs=2)(delayed(square)(i) for i in range(4))",),
        {"square_worker.py": _WORKER},
    ),
    Example("input refused", ("input('name? ')" + RAISES, "import getpass; getpass.getpass()" + RAISES)),
    Example(
        "warnings",
        (
            "import warnings\ndef old():\n    warnings.warn('old way', DeprecationWarning, stacklevel=2)\n    warnings.warn('careful', UserWarning)",
            "old(); old()",
            "for _ in range(3): warnings.warn('once', UserWarning)",
            "import own_module; own_module.old(); own_module.old()",
            "[(f[0], f[2].__name__) for f in warnings.filters]",
            "import sys; sys.warnoptions",
        ),
        {"own_module.py": "import warnings\ndef old():\n    warnings.warn('in a module', DeprecationWarning)\n"},
    ),
    Example(
        "logging",
        (
            "import logging\nlogging.warning('root')\nlogging.getLogger('a').error('a')\nlogging.info('hidden')",
            "logging.getLogger().handlers, logging.getLogger().level",
            "logging.getLogger().setLevel('INFO'); logging.info('shown')",
            "log = logging.getLogger('own'); log.addHandler(logging.StreamHandler()); log.info('twice')",
        ),
        scrub=(r" at 0x[0-9a-f]+",),
    ),
    Example(
        "where a notebook stands",
        (
            "import sys\nprint([p for p in sys.path])\nprint(__name__, '__file__' in globals(), sys.argv[0])",
            "import __main__; __main__.__dict__ is globals(), hasattr(__main__, '__file__'), __spec__, __package__",
            "sys.flags, sys.getrecursionlimit(), sys.getswitchinterval(), sys.dont_write_bytecode",
            "sys.executable, sys.prefix, sys.version_info, sys.platform, sys.exec_prefix",
            "import os, signal\nsignal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGPIPE), signal.getsignal(signal.SIGCHLD)",
            "os.getpgrp() == os.getpid(), os.nice(0), os.umask(0o022) == 0o022, sys.stdin.closed",
            "import gc, faulthandler, resource\ngc.isenabled(), gc.get_threshold(), faulthandler.is_enabled(), resource.getrlimit(resource.RLIMIT_NOFILE)",
            "sys.excepthook.__name__, sys.displayhook.__class__.__name__, sys.getprofile(), sys.gettrace()",
        ),
    ),
    Example(
        "the shell object",
        (
            "ip = get_ipython()\ntype(ip).__name__, ip.execution_count, sorted(ip.user_ns_hidden)[:3]",
            "%who",
            "x = 1\n%who_ls",
            "%history",
            "%lsmagic\nprint(len(get_ipython().magics_manager.magics['line']) > 80)",
            "%config Completer.use_jedi = False\nip.colors, ip.autocall, ip.ast_node_interactivity, ip.pdb",
            "?len",
            "%load_ext autoreload\n%autoreload 2",
            "%%capture caught\nprint('inside')",
            "caught.stdout, ip.kernel.implementation, ip.kernel.banner.splitlines()[0][:6]",
            "%%writefile written.txt\ncontent",
            "%run script.py",
            "from_script",
            "[name for name in dir() if not name.startswith('_')]",
        ),
        {"script.py": "from_script = 5\nprint('script', __name__)\n"},
    ),
    Example(
        "displays that change",
        (
            "from IPython.display import display, update_display, clear_output\nhandle = display('first', display_id='one')",
            "handle.update('second'); print('updated')",
            "for i in range(3):\n    clear_output(wait=True); print('step', i)",
            "print('gone'); display('gone too'); clear_output(); print('kept')",
            "display('x', display_id='two'); display('y', display_id='two'); update_display('z', display_id='two')",
            "print('waits'); clear_output(wait=True)",
        ),
    ),
    Example(
        "what is written at the end",
        (
            "import atexit, pathlib\natexit.register(lambda: pathlib.Path('atexit.txt').write_text('ran'))\nopen_file = open('open.txt', 'w'); open_file.write('not closed')",
            "class Leaves:\n    def __del__(self, write=pathlib.Path('deleted.txt').write_text): write('finalized')\nleaves = Leaves()",
            "import weakref\nweakref.finalize(Leaves, pathlib.Path('finalize.txt').write_text, 'finalized');",
            "import threading\nthreading.Thread(target=lambda: (threading.Event().wait(0.2), pathlib.Path('thread.txt').write_text('joined'))).start()",
        ),
    ),
    Example(
        "threads of libraries",
        (
            "import numpy, scipy.linalg, sklearn.cluster, threadpoolctl\nsorted((i['user_api'], i['internal_api'], i['num_threads'], i.get('threading_layer')) for i in threadpoolctl.threadpool_info())",
            "import os; os.cpu_count(), len(os.sched_getaffinity(0))",
        ),
    ),
    Example(
        "locale and encoding",
        (
            "import locale, sys\nlocale.getlocale(), locale.getpreferredencoding(), sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.stdout.encoding, sys.stderr.encoding",
            "print('äöü 日本 😀 \\x1b[31mred\\x1b[0m \\t tab \\x07')",
            "'é' 'é', 'e\\u0301'",
            "open('text.txt', 'w').write('ä'); open('text.txt', 'rb').read()",
            "sys.stdout.isatty(), sys.stdout.errors, sys.stdout.name, sys.stdout.newlines",
        ),
    ),
    Example("large output", ("print('x' * 3_000_000)\nfor i in range(2000): print(i)", "'y' * 100_000")),
    Example(
        "modules of the folder",
        (
            "import own_module\nown_module.ANSWER, own_module.__file__, own_module.__name__",
            "import broken_module" + RAISES,
            "import no_such_module" + RAISES,
            "import json\nhasattr(json, 'OWN')",
            "from package.part import PART\nPART",
        ),
        {
            "own_module.py": "ANSWER = 42\n",
            "broken_module.py": "raise RuntimeError('cannot be imported')\n",
            "json.py": "OWN = 'shadows the standard library?'\n",
            "package/part.py": "PART = 'part'\n",
        },
    ),
    Example(
        "a module that shadows an installed one",
        ("import tabulate\nprint(getattr(tabulate, 'OWN', 'installed'))", "import sklearn\nprint(getattr(sklearn, 'OWN', 'installed'))"),
        {"tabulate.py": "OWN = 'own'\n", "sklearn.py": "OWN = 'own'\n"},
        warm=False,
    ),
    Example(
        "a fitted model",
        (
            "import hashlib, numpy as np\nfrom sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_val_score\nX, y = load_iris(return_X_y=True)",
            "model = LogisticRegression(max_iter=500).fit(X, y)\nhashlib.sha256(model.coef_.tobytes()).hexdigest(), model.intercept_.tolist()",
            "forest = RandomForestClassifier(20, random_state=0, n_jobs=1).fit(X, y)\nhashlib.sha256(forest.predict_proba(X).tobytes()).hexdigest()",
            "cross_val_score(RandomForestClassifier(10, random_state=1), X, y, cv=3).tolist()",
            "print(model)",
        ),
    ),
)  # fmt: skip

WIDGETS = Example(
    "widgets",
    (
        "import ipywidgets as w\nfrom IPython.display import display\nout = w.Output()\nbox = w.VBox([w.IntSlider(value=3), out])\ndisplay(box)",
        "with out:\n    print('inside'); display('shown')",
        "box.children[0].value = 5; box.children[0].value",
    ),
    scrub=(r"(model_id\W+)?[0-9a-f]{32}",),
    needs=("ipywidgets",),
)
"""An `Output` widget: stock papermill waits for ever at it, more often than not."""
