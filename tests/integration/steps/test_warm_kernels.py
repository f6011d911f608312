"""Kernels of a fork server: like fresh ones in everything that a notebook can see, and gone when they should be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import psutil
import pytest

from nbship.pipeline.kernels.managers import prepare, servers
from warm_kernels import StepKernel, eventually, private_servers, step_kernel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")

SCIENCE = ("matplotlib.pyplot", "numpy", "sklearn.linear_model")

LOOK = """
import os, sys, json, resource, locale
status = open("/proc/self/status").read()
import time
print(json.dumps({
    "cwd": os.getcwd(), "path": sys.path, "flags": list(sys.flags), "options": sys._xoptions,
    "environment": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"},
    "parent": os.environ["JPY_PARENT_PID"] == str(os.getppid()),
    "umask": [line for line in status.splitlines() if line.startswith(("Umask", "Sig", "Shd"))],
    "argv": [sys.argv[0], sys.argv[1], *sys.argv[3:]], "orig": sys.orig_argv[:-2], "orig_file": sys.orig_argv[-2] == sys.argv[2],
    "main": sys.modules["__main__"].__dict__ is globals(), "name": __name__, "file": "__file__" in globals(),
    "limits": resource.getrlimit(resource.RLIMIT_NOFILE), "locale": locale.setlocale(locale.LC_ALL), "zone": time.tzname,
    "leader": os.getsid(0) == os.getpid(), "names": sorted(n for n in globals() if not n.startswith("_")),
    "excepthook": str(sys.exc_info()), "gc": __import__("gc").isenabled(), "tty": sys.stdin.read() if sys.stdin else "",
    "history": get_ipython().history_manager.hist_file, "recursion": sys.getrecursionlimit(),
    "executable": sys.executable, "prefix": sys.prefix, "argv0": sys.argv[0], "bytecode": sys.dont_write_bytecode,
}))
"""


@pytest.fixture(scope="module", autouse=True)
def _servers():
    with private_servers():
        yield


def both(cwd: Path, code: str, **options) -> tuple[object, object]:
    """Return what a warm and what a plain kernel answer."""
    answers = []
    for warm in (True, False):
        with step_kernel(cwd, warm=warm, **options) as kernel:
            assert kernel.provisioner.warm is warm, kernel.provisioner.reason
            answers.append(kernel.run(code).json())
    return answers[0], answers[1]


def test_a_warm_kernel_looks_like_a_plain_one(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM_OF_THE_TEST", "x")
    monkeypatch.setenv("NBSHIP_TEST_VALUE", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o027)
    try:
        warm, plain = both(tmp_path, LOOK)
    finally:
        os.umask(before)
    assert warm == plain


def test_environment_of_a_launch_replaces_all_of_the_server_s(tmp_path):
    environment = {**os.environ, "NBSHIP_ONE": "\udcff", "TERM": "dumb"}
    with step_kernel(tmp_path, environment=environment) as kernel:
        assert kernel.provisioner.warm
        assert kernel.run("import os; print(ascii(os.environ['NBSHIP_ONE']))").text.strip() == r"'\udcff'"
    with step_kernel(tmp_path) as kernel:
        assert kernel.run("import os; print('NBSHIP_ONE' in os.environ)").text.strip() == "False"


def test_resource_limits_are_those_of_the_launch(tmp_path):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 7, hard))
    try:
        warm, plain = both(
            tmp_path, "import json, resource; print(json.dumps(resource.getrlimit(resource.RLIMIT_NOFILE)))"
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert warm == plain == [soft - 7, hard]


def test_libraries_have_as_many_threads_as_in_a_plain_kernel(tmp_path):
    code = """
    import json, numpy, sklearn.linear_model, threadpoolctl
    x = numpy.random.rand(300, 300); (x @ x).sum()
    print(json.dumps(sorted([(i["user_api"], i["num_threads"], i["filepath"]) for i in threadpoolctl.threadpool_info()])))
    """
    warm, plain = both(tmp_path, textwrap.dedent(code), preload=SCIENCE)
    assert warm == plain
    assert warm


def test_nothing_of_one_kernel_is_left_in_the_next(tmp_path):
    with step_kernel(tmp_path, preload=SCIENCE) as kernel:
        kernel.run("import os, numpy; os.environ['LEFT'] = '1'; os.chdir('/'); numpy.left = 1; left = 1")
    with step_kernel(tmp_path, preload=SCIENCE) as kernel:
        look = "import os, numpy, json; print(json.dumps(['LEFT' in os.environ, os.getcwd(), hasattr(numpy, 'left'), 'left' in globals()]))"
        assert kernel.run(look).json() == [False, str(tmp_path), False, False]


def test_two_kernels_draw_different_random_numbers(tmp_path):
    draw = "import random, numpy, tempfile, json; print(json.dumps([random.random(), float(numpy.random.rand()), tempfile.mktemp()]))"
    draws = []
    for _ in range(2):
        with step_kernel(tmp_path, preload=("numpy", "numpy.random")) as kernel:
            draws.append(kernel.run(draw).json())
    assert all(one != other for one, other in zip(*draws, strict=True))


def test_two_kernels_draw_different_tensors(tmp_path):
    pytest.importorskip("torch")
    draw = "import torch, json; print(json.dumps([torch.initial_seed(), torch.rand(2).tolist()]))"
    draws = []
    for _ in range(2):
        with step_kernel(tmp_path, preload=("torch",)) as kernel:
            assert kernel.provisioner.warm, kernel.provisioner.reason
            draws.append(kernel.run(draw).json())
    assert all(one != other for one, other in zip(*draws, strict=True))


def test_functions_of_atexit_run_and_open_files_are_written(tmp_path):
    code = """
    import atexit, threading, time, builtins
    atexit.register(lambda: open('atexit', 'w').write('ran'))
    kept = open('kept', 'w'); kept.write('kept')
    builtins.hidden = open('hidden', 'w'); builtins.hidden.write('hidden')
    class Finalized:
        def __del__(self): open('finalized', 'w').write('ran')
    item = Finalized()
    def late():
        time.sleep(0.2); open('thread', 'w').write('ran')
    threading.Thread(target=late).start()
    """
    kernel = StepKernel(tmp_path)
    assert not kernel.run(textwrap.dedent(code)).error
    assert kernel.close() == 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "atexit": "ran",
        "finalized": "ran",
        "hidden": "hidden",
        "kept": "kept",
        "thread": "ran",
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [("import os; os._exit(7)", 7), ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9)],
)
def test_death_of_a_kernel_is_reported_with_its_code(tmp_path, code, expected):
    with step_kernel(tmp_path) as kernel:
        kernel.begin(code)
        assert kernel.wait() == expected


def test_interrupt_reaches_the_cell(tmp_path):
    with step_kernel(tmp_path) as kernel:

        def interrupt() -> None:
            assert eventually((tmp_path / "begun").exists)
            kernel.provisioner._lease.send_signal(signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        answer = kernel.run("open('begun', 'w').close(); import time; time.sleep(60)")
        thread.join()
        assert answer.error.startswith("KeyboardInterrupt")
        assert kernel.run("print('still here')").text.strip() == "still here"


def test_a_killed_client_takes_its_kernel_and_what_that_started_with_it(tmp_path):
    client = subprocess.Popen(
        [sys.executable, "-c", _CLIENT, str(tmp_path), str(Path(__file__).parents[2])],
        stdout=subprocess.PIPE,
        text=True,
    )
    with client:
        kernel, child = (int(pid) for pid in client.stdout.readline().split())
        client.kill()
    assert eventually(lambda: not psutil.pid_exists(kernel) and not psutil.pid_exists(child))


_CLIENT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from warm_kernels import StepKernel
kernel = StepKernel(Path(sys.argv[1]))
assert kernel.provisioner.warm
child = kernel.run("import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)").text.strip()
print(kernel.pid, child, flush=True)
kernel.run("import time; time.sleep(1000)")
"""


def test_a_client_that_leaves_without_a_word_ends_its_kernel(tmp_path):
    kernel = StepKernel(tmp_path)
    pid = kernel.pid
    kernel.provisioner._give_back()
    assert eventually(lambda: not psutil.pid_exists(pid))
    kernel.close()


def test_after_the_server_was_killed_the_next_launch_works(tmp_path):
    with step_kernel(tmp_path) as kernel:
        for server in servers():
            os.kill(server.pid, signal.SIGKILL)
        assert kernel.wait() == -9
    with step_kernel(tmp_path) as kernel:
        assert kernel.provisioner.warm
        assert kernel.run("print(1)").text == "1\n"


def test_process_pools_work_inside(tmp_path):
    code = """
    import json, multiprocessing, numpy, warnings
    from joblib import Parallel, delayed
    def square(x): return float((numpy.ones((200, 200)) @ numpy.ones((200, 200))).sum() * 0 + x * x)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        forked = pool.map(square, range(4))
    print(json.dumps([forked, Parallel(n_jobs=2)(delayed(square)(x) for x in range(4))]))
    """
    with step_kernel(tmp_path, preload=("joblib", "numpy")) as kernel:
        assert kernel.provisioner.warm
        assert kernel.run(textwrap.dedent(code)).json() == [[0, 1, 4, 9]] * 2


def test_figures_appear_as_in_a_plain_kernel(tmp_path):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nplt.title('t');"
    shown = []
    for warm in (True, False):
        with step_kernel(tmp_path, warm=warm, preload=SCIENCE) as kernel:
            answer = kernel.run(code)
            assert not answer.error
            backend = kernel.run("import matplotlib; print(matplotlib.get_backend())").text
            shown.append((backend, [sorted(data) for data in answer.data], answer.data[-1]["image/png"]))
    assert shown[0] == shown[1]


def test_arrow_computes_inside(tmp_path):
    pytest.importorskip("pyarrow")
    code = """
    import pyarrow, pyarrow.compute as pc, pandas
    for size in (10, 1_000_000) * 5:
        table = pyarrow.table({"a": range(size), "b": [str(i % 7) for i in range(size)]})
        print(table.group_by("b").aggregate([("a", "sum")]).num_rows, end=" ")
    """
    with step_kernel(tmp_path, preload=("pandas", "pyarrow")) as kernel:
        assert kernel.provisioner.warm, kernel.provisioner.reason
        assert kernel.run(textwrap.dedent(code)).text.split() == ["7"] * 10


def test_a_module_of_the_folder_comes_first_as_in_a_plain_kernel(tmp_path):
    (tmp_path / "joblib.py").write_text("mine = True")
    with step_kernel(tmp_path, preload=("joblib",)) as kernel:
        assert not kernel.provisioner.warm
        assert "joblib" in kernel.provisioner.reason
        assert kernel.run("import joblib; print(joblib.mine)").text.strip() == "True"


def test_a_folder_that_is_gone_fails_as_with_a_plain_kernel(tmp_path):
    with pytest.raises(FileNotFoundError):
        StepKernel(tmp_path / "gone")


def test_startup_files_see_folder_and_environment(tmp_path, monkeypatch):
    profile = tmp_path / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "00.py").write_text("import os; seen = [os.getcwd(), os.environ['NBSHIP_SEEN']]")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("NBSHIP_SEEN", "yes")
    warm, plain = both(tmp_path, "import json; print(json.dumps(seen))")
    assert warm == plain == [str(tmp_path), "yes"]


def test_twenty_kernels_leave_nothing_behind(tmp_path):
    def state() -> tuple[int, ...]:
        (server,) = servers()
        process = psutil.Process(server.pid)
        files = len(list(folder.rglob("*")))
        return (
            server.spares,
            len(process.children(recursive=True)),
            process.num_fds(),
            files,
            psutil.Process().num_fds(),
        )

    with private_servers() as folder:
        with step_kernel(tmp_path):
            pass
        assert eventually(lambda: state()[:2] == (1, 1))
        before = state()
        for _ in range(20):
            with step_kernel(tmp_path) as kernel:
                assert kernel.provisioner.warm, kernel.provisioner.reason
        assert eventually(lambda: state() == before), (before, state())


def test_several_threads_with_loops_of_their_own_run_kernels_at_once(tmp_path):
    prepare((), spares=3)
    answers = []

    def work(number: int) -> None:
        with step_kernel(tmp_path, spares=3) as kernel:
            answers.append((kernel.provisioner.warm, kernel.run(f"print({number})").text))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(True, f"{number}\n") for number in range(6)]
