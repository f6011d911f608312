import subprocess
import sys


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
