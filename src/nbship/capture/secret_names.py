"""Which names announce a secret: ``db_password`` and ``openaiApiKey`` do, ``max_tokens`` and ``primary_key`` do not."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["is_secret_name", "name_words", "secret_word"]

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRETS = frozenset(
    {
        *("password", "passwd", "pwd", "passphrase", "passcode", "secret", "secrets", "token", "dsn"),
        *("credential", "credentials", "creds", "auth", "authorization"),
        *("apikey", "accesskey", "privatekey", "secretkey", "accountkey", "authtoken", "accesstoken"),
    }
)
_PAIRS = frozenset(
    {
        *(
            (first, "key")
            for first in ("api", "access", "private", "account", "signing", "encryption", "ssh")
        ),
        *(
            (first, "key")
            for first in ("auth", "shared", "storage", "master", "service", "subscription", "license")
        ),
        *(
            (first, "pass")
            for first in ("db", "user", "smtp", "mysql", "pg", "ftp", "mail", "email", "redis", "admin")
        ),
        *(
            ("conn", "str"),
            ("conn", "string"),
            ("connection", "string"),
            ("connection", "str"),
            ("webhook", "url"),
        ),
    }
)
# A word of these after the secret one: the name is about the secret, and does not hold it.
_ABOUT = frozenset(
    {
        *("count", "counts", "length", "lengths", "len", "size", "sizes", "num", "limit", "max", "min", "n"),
        *(
            "type",
            "types",
            "pattern",
            "regex",
            "re",
            "id",
            "ids",
            "name",
            "names",
            "field",
            "column",
            "columns",
            "col",
        ),
        *(
            "index",
            "idx",
            "file",
            "path",
            "dir",
            "folder",
            "url",
            "uri",
            "endpoint",
            "env",
            "var",
            "variable",
        ),
        *(
            "expiry",
            "expires",
            "expiration",
            "ttl",
            "policy",
            "policies",
            "strength",
            "score",
            "required",
            "prompt",
        ),
        *(
            "label",
            "labels",
            "embedding",
            "embeddings",
            "classification",
            "classifier",
            "level",
            "list",
            "set",
            "map",
        ),
        *(
            "mask",
            "masks",
            "prob",
            "probs",
            "logits",
            "loss",
            "freq",
            "frequency",
            "features",
            "vectorizer",
            "filter",
        ),
        *(
            "position",
            "positions",
            "start",
            "end",
            "changed",
            "enabled",
            "disabled",
            "mode",
            "method",
            "provider",
        ),
        *(
            "backend",
            "scheme",
            "flow",
            "server",
            "host",
            "port",
            "domain",
            "error",
            "user",
            "username",
            "validator",
        ),
        *(
            "manager",
            "store",
            "scope",
            "scopes",
            "handler",
            "model",
            "budget",
            "usage",
            "cost",
            "rate",
            "per",
        ),
    }
)
_QUESTIONS = frozenset(
    {
        *("is", "has", "num", "n", "max", "min", "use", "no", "show", "len", "count", "avg", "mean", "needs"),
        *("require", "requires", "get", "check", "valid", "validate", "verify", "total", "unique"),
    }
)
# Tokens of language models rather than of services.
_LANGUAGE = frozenset(
    {
        *(
            "pad",
            "eos",
            "bos",
            "unk",
            "sep",
            "cls",
            "mask",
            "special",
            "stop",
            "start",
            "end",
            "next",
            "last",
        ),
        *(
            "first",
            "num",
            "n",
            "max",
            "min",
            "new",
            "image",
            "word",
            "sub",
            "subword",
            "prefix",
            "suffix",
            "per",
        ),
        *("current", "cur", "prev", "previous", "best", "rare", "common", "oov", "input", "output", "target"),
        *("decoder", "encoder", "vocab", "text", "audio", "class", "dist", "patch", "query", "separator"),
    }
)


def name_words(name: str) -> list[str]:
    """Split a name in snake, kebab, camel or upper case into lower-case words."""
    return [word.lower() for word in _WORDS.findall(name)]


@lru_cache(maxsize=4096)
def secret_word(name: str) -> str | None:
    """Return the word that makes the name one of a secret (``key`` for ``api_key``), else None."""
    words = name_words(name)
    if not words or (len(words) > 1 and words[0] in _QUESTIONS):
        return None
    for index, word in enumerate(words):
        previous = words[index - 1] if index else ""
        if word not in _SECRETS and (previous, word) not in _PAIRS:
            continue
        if word in ("token", "tokens") and previous in _LANGUAGE:
            continue
        after = words[index + 1 :]
        if (previous, word, after) == ("access", "key", ["id"]) or not _ABOUT.intersection(after):
            return word
    return None


def is_secret_name(name: str) -> bool:
    """Tell whether a variable, key or option of this name usually holds a secret."""
    return secret_word(name) is not None
