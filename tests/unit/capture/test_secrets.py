from __future__ import annotations

import ast
import base64
import os
import re
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest

from nbship.capture.secrets import Masker, is_secret_name

AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
JWT = ".".join(
    ("eyJ" + "hbGciOiJIUzI1NiJ9", "eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P")
)


def mask(text: str) -> str:
    return Masker().mask(text).text


@pytest.mark.parametrize(
    "name",
    [
        *(
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "passwd",
            "pwd",
            "passphrase",
            "secret",
            "client_secret",
            "token",
        ),
        *("HF_TOKEN", "accessToken", "reset_token", "api_key", "apikey", "API-KEY", "openaiApiKey", "APIKey"),
        *(
            "access_key",
            "AWS_ACCESS_KEY_ID",
            "aws_secret_access_key",
            "private_key",
            "credential",
            "credentials",
        ),
        *("auth", "auth_token", "conn_str", "connection_string", "dsn", "AccountKey", "db_pass", "password2"),
    ],
)
def test_names_of_secrets_are_told(name):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "author",
            "authors",
            "keyboard",
            "monkey",
            "key",
            "keys",
            "primary_key",
            "foreign_key",
            "passenger",
            "bypass",
        ),
        *(
            "tokens",
            "max_tokens",
            "max_token",
            "n_tokens",
            "tokenizer",
            "token_count",
            "token_pattern",
            "token_ids",
        ),
        *(
            "pad_token",
            "eos_token",
            "next_token",
            "password_length",
            "has_password",
            "secret_name",
            "compass",
            "pass",
        ),
        *(
            "secretary",
            "sort_key",
            "api",
            "x",
            "",
            "_",
            "passed",
            "n_passes",
            "token_type_ids",
            "auth_type",
            "connect",
        ),
    ],
)
def test_names_of_other_things_are_not(name):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("AKIA" + "IOSFODNN7EXAMPLE", "aws-access-key"),
        ("ghp_" + "a1B2" * 9, "github-token"),
        ("gho_" + "a1B2" * 9, "github-token"),
        ("ghs_" + "a1B2" * 9, "github-token"),
        ("github_pat_" + "11ABC_" + "d4" * 30, "github-token"),
        ("glpat-" + "x1Y2z3-4W5v6_7U8t9S0", "gitlab-token"),
        ("xoxb-" + "123456789012-abcdefABCDEF", "slack-token"),
        ("sk-" + "a1B2c3D4" * 6, "openai-key"),
        ("sk-proj-" + "a1B2-c3D4_" * 6, "openai-key"),
        ("sk-ant-" + "api03-" + "a1B2c3D4" * 6, "anthropic-key"),
        ("hf_" + "aBcDeFgHiJ" * 3 + "aBcD", "huggingface-token"),
        ("AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "google-key"),
        ("sk_live_" + "a1B2c3D4e5F6g7H8", "stripe-key"),
        ("npm_" + "a1B2" * 9, "npm-token"),
        ("pypi-" + "AgEIcHlwaS5vcmc" + "a1B2_" * 10, "pypi-token"),
        (JWT, "jwt"),
    ],
)
@pytest.mark.parametrize(
    "place", ["{}", "x = f('{}')", "- {}\n", '{{"v": "{}"}}', "'a\\n{}'", "see <{}>, end"]
)
def test_tokens_are_known_by_their_shape(secret, kind, place):
    masked = Masker().mask(place.format(secret))
    assert masked.text == place.format("***")
    assert masked.kinds == {kind: 1}


def test_the_secret_half_of_an_aws_pair_is_hidden_beside_its_id():
    assert AWS_SECRET not in mask(f"client('s3', 'AKIAIOSFODNN7EXAMPLE', '{AWS_SECRET}')")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('password = "hunter2"', 'password = "***"'),
        ("password = 'it\\'s'  # why", "password = '***'  # why"),
        ('password: str = "x y"', 'password: str = "***"'),
        ('password = rb"abc"', 'password = rb"***"'),
        ('password = """a\nb"""', 'password = """***\n"""'),
        ('password = (\n    "abc"\n    "def"\n)', 'password = (\n    "***"\n    "***"\n)'),
        ('{"api_key": "abcd1234", "x": 1}', '{"api_key": "***", "x": 1}'),
        ("{'X-Api-Key': 'abcd1234'}", "{'X-Api-Key': '***'}"),
        ('login(token="abc123")', 'login(token="***")'),
        ('login(api_key=SecretStr("abc123"))', 'login(api_key=SecretStr("***"))'),
        ('os.environ["API_KEY"] = "abcd1"', 'os.environ["API_KEY"] = "***"'),
        ('os.getenv("API_KEY", "abcd1")', 'os.getenv("API_KEY", "***")'),
        ('if (token := "abc-123"): pass', 'if (token := "***"): pass'),
        ('requests.get(u, auth=("bob", "pw"))', 'requests.get(u, auth=("bob", "***"))'),
        ('h = {"Authorization": "Bearer abcdef"}', 'h = {"Authorization": "Bearer ***"}'),
        ("Authorization: Bearer abc123def", "Authorization: Bearer ***"),
        ("Authorization: Basic Ym9iOnB3", "Authorization: Basic ***"),
        ("postgresql://bob:s3cret@db:5432/x", "postgresql://bob:***@db:5432/x"),
        ("redis://:pw1@host", "redis://:***@host"),
        ("https://abcdefghij1234567890@host/x.git", "https://***@host/x.git"),
        ("https://hooks.slack.com/services/T0000/B0000/abcd1234", "https://hooks.slack.com/services/***"),
        ('"Server=x;User Id=sa;Password=abc;"', '"Server=x;User Id=sa;Password=***;"'),
        ("AccountName=n;AccountKey=abc12==;Suffix=z", "AccountName=n;AccountKey=***;Suffix=z"),
        ('connect("host=h password=abc1 dbname=d")', 'connect("host=h password=*** dbname=d")'),
        ("https://x.org/?token=abc123&page=2", "https://x.org/?token=***&page=2"),
        ("!tool --password abc123 -v", "!tool --password *** -v"),
        ("!tool --token=abc123", "!tool --token=***"),
        ("%env API_KEY=abc123", "%env API_KEY=***"),
        ("export SECRET=abcdef", "export SECRET=***"),
        ("# settings\nAPI_KEY=abc123\nDEBUG=1\n", "# settings\nAPI_KEY=***\nDEBUG=1\n"),
        ("db:\n  user: bob\n  password: hunter2\n", "db:\n  user: bob\n  password: ***\n"),
        (f"[default]\naws_secret_access_key = {AWS_SECRET}\n", "[default]\naws_secret_access_key = ***\n"),
        ('-password = "old1"\n+password = "new1"', '-password = "***"\n+password = "***"'),
        ('"source": "password = \\"hunter2\\"\\n"', '"source": "password = \\"***\\"\\n"'),
    ],
)
def test_values_of_secret_names_are_hidden(text, expected):
    assert mask(text) == expected


def test_private_keys_are_hidden_whole_with_their_lines_kept():
    body = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2] * 3)
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    for text in (
        f'k = """{pem}"""\nx = 1',
        "k = " + repr(pem),
        pem[:-60],
        "\n".join("+" + line for line in pem.split("\n")),
    ):
        masked = Masker().mask(text)
        assert "MII" not in masked.text
        assert masked.text.count("\n") == text.count("\n")
        assert masked.kinds == {"private-key": 1}
    ast.parse(mask(f'k = """{pem}"""'))


@pytest.mark.parametrize(
    "text",
    [
        'CountVectorizer(token_pattern=r"(?u)\\b\\w\\w+\\b", max_features=100)',
        "generate(max_tokens=100, stop_token='</s>', pad_token=\"[PAD]\")",
        "rows.sort(key='id'); d = dict(key='ab-12')",
        'df["password_length"] = df["password"].str.len()',
        'password = os.environ["X"]',
        "password = getpass()\ntoken = getpass('Token: ')",
        'api_key = os.getenv("API_KEY")',
        'token = config.get("token")',
        "login(password=password, token=config.token)",
        "password=None; api_key=True; secret=12345",
        "TOKEN=OTHER_TOKEN\nx = 1",
        "API_KEY=settings.API_KEY",
        "@dataclass\nclass A:\n    token: str\n    password: SecretStr = None",
        'headers = {"Authorization": f"Bearer {token}"}',
        'headers["Authorization"] = "Bearer {}".format(token)',
        'print("password:", x, "token=", y)',
        'for token in ["the", "cat"]:\n    if token == "the-1": pass',
        'token = "understanding"',
        "password: ${PASSWORD}\ntoken: <your token>\napi_key: {{ api_key }}",
        'author = "bob-1"; keyboard = "qwerty-1"; passenger = "id-1"',
        "commit 3f786850e387550fdaab836ed7e6dc881de23b1b",
        f"id = '{uuid.UUID(int=12345678901234567890)}'; sha256 = '{'ab01' * 16}'",
        "https://host:8080/path@2; user@host.org; git@github.com:a/b.git",
        "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END CERTIFICATE-----",
        're.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----")',
        "class='sk-toggleable__label sk-estimator-doc-link-2' id='sk-container-id-1'",
        "PWD=/root/work",
        '"password": "***"',
    ],
)
def test_ordinary_text_is_left_as_it_is(text):
    masked = Masker().mask(text)
    assert (masked.text, masked.kinds) == (text, {})


def test_the_display_of_an_estimator_is_left_as_it_is():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    html = make_pipeline(StandardScaler(), LogisticRegression())._repr_html_()
    assert mask(html) == html


def test_the_sources_of_scikit_learn_hold_no_secret():
    import sklearn

    files = sorted(Path(sklearn.__path__[0]).rglob("*.py"))[::6]
    alarms = {file.name: found for file in files if (found := Masker().mask(file.read_text("utf-8")).kinds)}
    assert len(files) > 50
    assert not alarms


def test_masked_source_is_still_python_with_the_same_lines():
    import pandas as pd

    masker = Masker()
    changed = 0
    for file in sorted((Path(pd.__path__[0]) / "io").rglob("*.py")):
        source = file.read_text("utf-8")
        masked = masker.mask(source)
        changed += bool(masked.kinds)
        assert masked.text.count("\n") == source.count("\n")
        ast.parse(masked.text)
    assert changed < 5


def test_masking_twice_changes_nothing_more():
    text = 'password = "hunter2"\nurl = "postgresql://bob:s3cret@db/x"\ntoken="abc-123"'
    once = mask(text)
    assert Masker().mask(once).kinds == {}
    assert mask(once) == once


def test_letters_that_grow_when_lowered_move_nothing():
    assert mask('İİİ\npassword = "hunter2"\nİ') == 'İİİ\npassword = "***"\nİ'


def test_learned_values_are_hidden_wherever_they_occur():
    masker = Masker()
    assert masker.learn("db_password", "correct-horse")
    assert masker.mask("it is correct-horse, or xcorrect-horsex").text == "it is ***, or x***x"
    assert masker.mask("it is correct-horse").kinds == {"learned": 1}
    assert masker.learn("credentials", {"token": "zebra99zebra"})
    assert masker.mask("zebra99zebra zebra99zebras").text == "*** zebra99zebras"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "short"),
        ("password", "Password"),
        ("secret", "default"),
        ("pwd", "/home/bob/work"),
        ("auth", "12345678"),
        ("token", None),
        ("token", 123456789),
        ("credentials", ["a"]),
        ("column", "correct-horse"),
    ],
)
def test_values_that_would_garble_other_text_are_not_learned(name, value):
    assert not Masker().learn(name, value)


def test_extra_values_are_hidden():
    assert Masker(["my.value"]).mask("a my.value myXvalue").text == "a *** myXvalue"


def test_json_is_masked_in_depth():
    kinds: Counter[str] = Counter()
    data = {
        "password": "hunter2",
        "n": 1,
        "rows": [{"api_key": "abcd", "password": None}, "postgresql://u:pw@h/d"],
        "pair": ("token", True),
    }
    assert Masker().mask_json(data, kinds) == {
        "password": "***",
        "n": 1,
        "rows": [{"api_key": "***", "password": None}, "postgresql://u:***@h/d"],
        "pair": ["token", True],
    }
    assert kinds == {"named": 2, "url-password": 1}


def test_in_output_a_line_of_settings_is_no_annotation():
    masker = Masker()
    assert masker.mask("password: hunter2", python=False).text == "password: ***"
    assert masker.mask("password: hunter2").text == "password: hunter2"  # as valid Python, it names a type


def seconds(text: str) -> float:
    """The CPU time of this thread, the best of three: a collection of garbage may fall into one."""
    return min(_seconds_once(text) for _ in range(3))


def _seconds_once(text: str) -> float:
    masker = Masker()
    start = time.thread_time()
    masker.mask(text)
    return time.thread_time() - start


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "password",
            "password=",
            'password="',
            "token: ",
            '"password": (',
            "eyJ",
            "eyJ-.",
            "sk-",
            "AKIA",
            "://a:",
        ),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "bearer ",
            "password='\\",
            "'''password='''",
            "a password: b1\n",
            " password=x",
        ),
        *(
            "password : a ",
            "--token ",
            "host=",
            "Authorization: ",
            "auth=(",
            "\\npassword",
            "key-",
            "xox",
            "getenv('token',",
        ),
    ],
)
def test_the_time_grows_with_the_length_and_no_faster(unit):
    small, large = unit * (20_000 // len(unit)), unit * (200_000 // len(unit))
    assert seconds(large) < 40 * max(
        seconds(small), 0.001
    )  # ten times as long; a square would take a hundred


def test_pictures_are_passed_over():
    picture = base64.b64encode(os.urandom(750_000)).decode()
    assert mask(picture) == picture
    assert not re.search(r"\*\*\*", mask("\n".join(re.findall(".{1,76}", picture))))
