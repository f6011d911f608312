import json
import subprocess
import sys

from nbship.model.bundle import Bundle, InputPath
from nbship.serving.rehearsal import Stage, rehearse
from served_bundles import split, write_bundle


def test_hidden_libraries_are_not_found_and_others_are():
    code = (
        "from nbship.serving.hidden_imports import hide\n"
        "import importlib.metadata, importlib.util\n"
        "hide(['pandas'])\n"
        "import numpy\n"
        "assert importlib.util.find_spec('pandas') is None\n"
        "assert importlib.util.find_spec('orjson') is not None\n"
        "assert importlib.metadata.version('numpy') == numpy.__version__\n"
        "try:\n    import pandas.core\n"
        "except ModuleNotFoundError as error:\n    print('hidden', error.name)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout == "hidden pandas\n", done.stderr


def test_pickles_of_a_python_model_are_read_where_mlflow_is_not_installed(tmp_path):
    code = (
        "import pickle, sys\n"
        "from nbship.serving.hidden_imports import hide\n"
        "hide(['mlflow'])\n"
        "from nbship.serving.python_model import stand_in_for_mlflow\n"
        "assert stand_in_for_mlflow()\nassert not stand_in_for_mlflow()\n"
        "import mlflow.pyfunc\n"
        "cls = pickle.loads(b'cmlflow.pyfunc.model\\nPythonModel\\n.')\n"
        "assert cls is mlflow.pyfunc.PythonModel\n"
        "assert 'pandas' not in sys.modules\n"
        "print('read')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stdout == "read\n", done.stderr


def test_a_process_that_waited_finds_what_a_fresh_one_finds_and_is_left_where_it_does_not_fit(tmp_path):
    from sklearn.naive_bayes import GaussianNB

    write_bundle(tmp_path, GaussianNB())
    bundle = Bundle.from_dict(json.loads((tmp_path / "bundle.json").read_text()))
    body = json.dumps(split([5.1, 3.5, 1.4, 0.2])).encode()
    unfit = Stage.for_path(tmp_path, InputPath.FRAME)
    unfit.close()  # it would not answer any more
    fitting = Stage.for_path(tmp_path, InputPath.ARRAY)

    found = rehearse(tmp_path, bundle, [], body, fitting)

    assert found == rehearse(tmp_path, bundle, [], body, unfit)
    assert (found.answer, found.needs) == ([0], ())
    assert "pandas" not in found.imports
    fitting.close()
