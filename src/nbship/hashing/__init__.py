"""Values and files to content fingerprints. Nothing is imported to find out what a value is."""

from nbship.hashing.canonical import ALGORITHM
from nbship.hashing.dispatch import fingerprint
from nbship.hashing.files import digest_file
from nbship.hashing.kinds import is_dataset, type_name

__all__ = ["ALGORITHM", "digest_file", "fingerprint", "is_dataset", "type_name"]
