"""From runs to images and services: started as jobs, followed, and what came of it."""

from __future__ import annotations

from nbship import service
from nbship.labserver.endpoint import EXECUTE, get, post
from nbship.labserver.place import Place
from nbship.labserver.shipping_jobs import package_work, serve_work, shipping_job, typed
from nbship.labserver.wire.jobs import JobJson, job_json
from nbship.labserver.wire.shipping import (
    ImagesJson,
    PackageBody,
    ServeBody,
    ShippingCommandJson,
    ShippingJobJson,
    ShippingMeansJson,
)
from nbship.model.codec import encode

__all__ = [
    "list_images",
    "package_command",
    "serve_command",
    "show_shipping_job",
    "show_shipping_means",
    "start_package",
    "start_serve",
]


@post("/jobs/package", EXECUTE)
def start_package(place: Place, body: PackageBody) -> JobJson:
    """Build an image of the model of a run."""
    return job_json(place.jobs.start(package_work(place, body)))


@post("/jobs/serve", EXECUTE)
def start_serve(place: Place, body: ServeBody) -> JobJson:
    """Start a server for the model of a run; it goes on when the job has ended."""
    return job_json(place.jobs.start(serve_work(place, body)))


@post("/shipping/package/command")
def package_command(place: Place, body: PackageBody) -> ShippingCommandJson:
    """Return the command that would build an image, or say why it cannot."""
    return {"command": typed(package_work(place, body))}


@post("/shipping/serve/command")
def serve_command(place: Place, body: ServeBody) -> ShippingCommandJson:
    """Return the command that would serve a run, or say why it cannot."""
    return {"command": typed(serve_work(place, body))}


@get("/shipping/jobs/{job}")
def show_shipping_job(place: Place, job: str) -> ShippingJobJson:
    """Return the stages of a job that packages or serves, and what it was asked for."""
    return shipping_job(place, job)


@get("/shipping/means")
def show_shipping_means(place: Place) -> ShippingMeansJson:
    """Return what this machine has for packaging and serving."""
    return {"means": encode(service.shipping_means(place.settings))}


@get("/shipping/images")
def list_images(place: Place) -> ImagesJson:
    """List the images that were packaged in this project, newest first."""
    from nbship.service.shipping.image_records import named_images  # noqa: PLC0415 - when it is wanted

    return {"images": [encode(record) for record in named_images(place.settings.home)]}
