"""Images without an engine: layers, base images, manifests and archives, by the OCI's specifications."""

from nbship.packaging.oci.archive import write_archive, write_layout
from nbship.packaging.oci.base import BaseImage, BaseRegistry, absolute_base, is_on_disk, load_base
from nbship.packaging.oci.bytecode import has_bytecode
from nbship.packaging.oci.cache import Cache
from nbship.packaging.oci.image import Image, ImageConfig, assemble, serving_config
from nbship.packaging.oci.layers import bundle_layer, runtime_layer, wheel_layer
from nbship.packaging.oci.roots import unpack_root
from nbship.packaging.oci.runtime_files import runtime_files

__all__ = [
    "BaseImage",
    "BaseRegistry",
    "Cache",
    "Image",
    "ImageConfig",
    "absolute_base",
    "assemble",
    "bundle_layer",
    "has_bytecode",
    "is_on_disk",
    "load_base",
    "runtime_files",
    "runtime_layer",
    "serving_config",
    "unpack_root",
    "wheel_layer",
    "write_archive",
    "write_layout",
]
