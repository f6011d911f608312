"""The loop over a notebook's cells, on top of nbclient: outputs are merged and capped as they come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import zmq
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from nbship.pipeline.execution.output_budget import OutputBudget
from nbship.pipeline.kernels.ready import wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["StepClient"]

_ALIVE_SECONDS = 0.2
_UNBOUNDED = (
    "(lambda thread: thread.schedule(lambda: thread.socket.setsockopt("
    f"{int(zmq.SNDHWM)}, 0)))(get_ipython().kernel.iopub_thread)"
)
_NEVER_SECONDS = 10**8
"""For limits of nbclient that must not end a healthy cell: some 3 years."""


class StepClient(NotebookClient):  # type: ignore[misc]
    """Executes cells one by one in a kernel that somebody else starts and stops.

    Parameters
    ----------
    notebook
        An nbformat `NotebookNode`; cells are changed in place.
    manager
        Manager of a started kernel.
    on_output
        Called after each message that changed a cell's outputs, with the name and the text of a stream, both empty for
        another output, and by how many bytes the outputs grew, about.
    """

    def __init__(self, notebook: Any, manager: Any, on_output: Callable[[str, str, int], None]) -> None:
        super().__init__(
            nb=notebook,
            km=manager,
            timeout=None,
            iopub_timeout=_NEVER_SECONDS,  # a chatty cell may be minutes ahead of what was read of it
            raise_on_iopub_timeout=False,
            coalesce_streams=False,
            record_timing=False,
            skip_cells_with_tag="skip",
        )
        self.clear_before_next_output: bool = False
        self.last_error: dict[str, Any] | None = None
        self.budgets: dict[int, OutputBudget] = {}
        self._on_output = on_output

    async def connect(self, timeout_seconds: float) -> dict[str, Any]:
        """Open the channels and wait until the kernel answers on both; return its `kernel_info` reply.

        Raises
        ------
        RuntimeError
            When the kernel ends meanwhile, or does not answer in time.
        """
        self.kc = self.km.client()
        self.kc.start_channels()
        _look_after_sending(self.kc.shell_channel)
        self.kc.allow_stdin = False
        self.kc.iopub_channel.socket.setsockopt(zmq.RCVHWM, 0)  # see keep_every_output
        self.kc.hb_channel.unpause()
        self.reset_execution_trackers()
        return await wait_until_ready(self.kc, timeout_seconds)

    def keep_every_output(self) -> None:
        """Let a Python kernel hold back what is not read yet: by default its socket drops all beyond 1,000 messages."""
        self.kc.execute("", silent=True, store_history=False, user_expressions={"nbship": _UNBOUNDED})

    async def _take(self, channel: Any, timeout_seconds: float) -> dict[str, Any] | None:
        """Return the next message of a channel, None when none comes in time."""
        if not await channel.socket.poll(int(timeout_seconds * 1000)):
            return None
        message: dict[str, Any] = await channel.get_msg(timeout=timeout_seconds)
        return message

    async def evaluate(
        self, expression: str, timeout_seconds: float, hurried: Callable[[], bool] = lambda: False
    ) -> dict[str, Any] | None:
        """Evaluate an expression silently and return the JSON of its `Answer`; None when it failed or took too long.

        `hurried` says that nobody wants to wait any longer.
        """
        message_id = self.kc.execute(
            "", silent=True, store_history=False, user_expressions={"nbship": expression}, allow_stdin=False
        )
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while loop.time() < deadline and not hurried():
            await self._async_check_alive()
            message = await self._take(self.kc.shell_channel, _ALIVE_SECONDS)
            if message is not None and message["parent_header"].get("msg_id") == message_id:
                result = message["content"].get("user_expressions", {}).get("nbship", {})
                answer: dict[str, Any] | None = result.get("data", {}).get("application/json")
                self.last_error = None if answer is not None else result or message["content"]
                return answer
        return None

    def tell_identity(self, cell: Any, cell_id: str | None) -> None:
        """Send along with the next cell what a front end would: its id and tags."""
        session, plain = self.kc.session, type(self.kc.session).msg
        metadata = {"cellId": cell_id, "tags": list(cell.metadata.get("tags", ()))}

        def message(kind: str, *arguments: Any, **options: Any) -> Any:
            if kind == "execute_request":
                options["metadata"] = {**metadata, **(options.get("metadata") or {})}
            return plain(session, kind, *arguments, **options)

        session.msg = message

    async def _async_poll_kernel_alive(self) -> None:
        while True:
            await asyncio.sleep(_ALIVE_SECONDS)
            try:
                await self._async_check_alive()
            except DeadKernelError:
                self.task_poll_for_reply.cancel()
                return

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Add an output to the cell: text joins the stream before it, and what goes beyond the caps is left out."""
        if self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, cell_index)
        if self.clear_before_next_output:
            outs[:] = []
            self.clear_display_id_mapping(cell_index)
            self.clear_before_next_output = False
            self._begin_anew(cell_index)
        budget = self.budgets.setdefault(cell_index, OutputBudget())
        content, before = msg["content"], budget.kept
        if msg["msg_type"] == "stream":
            budget.add_stream(outs, content["name"], content["text"])
            self._on_output(content["name"], content["text"], budget.kept - before)
            return None
        if not budget.admits(outs, content):
            return None
        shown = super().output(outs, msg, display_id, cell_index)
        self._on_output("", "", budget.kept - before)
        return shown

    def clear_output(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Clear the cell's outputs, and count them from the beginning."""
        super().clear_output(outs, msg, cell_index)
        if not outs and not self.clear_before_next_output:
            self._begin_anew(cell_index)

    def _begin_anew(self, cell_index: int) -> None:
        gone = self.budgets.pop(cell_index, None)
        if gone is not None:
            self._on_output("", "", -gone.kept)


def _look_after_sending(channel: Any) -> None:
    """Let a channel look whether a message has come, after each that it sends.

    What nbclient sends for a widget while it waits for the reply to a cell goes around the asynchronous socket, and
    uses up the one sign that the reply is there: it would wait for ever.
    """
    plain = channel.send

    def send(message: dict[str, Any]) -> None:
        plain(message)
        channel.socket.get(zmq.EVENTS)  # wakes who waits, if there is something

    channel.send = send
