"""Runs a notebook from the first cell to the last with Jupyter's own client.

usage: execute.py <notebook> <folder to run in> <executed notebook> <failed notebook> <html> <kernel's own output>

Prints one JSON line per event: {"cell": 3, "of": 30, "heading": "…"}, {"failed": 3, "heading": "…", "error": "…"},
{"stopped": 3}, {"unwritten": "…"} where the disk is full, or {"done": true}. SIGINT interrupts the cell under way, as JupyterLab's stop button does, and ends the run
after it; a second SIGINT ends it at once. When stdin ends, whoever started this is gone, and run and kernel end too.
"""

import asyncio
import contextlib
import errno
import json
import os
import signal
import sys
import threading

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

KERNEL = "tslab"


class Stopped(Exception):
    """The run was interrupted from outside."""


class Failed(Exception):
    """A cell failed."""


class DiskFull(Exception):
    """A file found no room."""


def tell(**event):
    print(json.dumps(event), flush=True)


def write_whole(path, text):
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.remove(beside)
        raise DiskFull(path) if error.errno in (errno.ENOSPC, errno.EDQUOT) else error


class Runner(NotebookClient):
    def start(self):
        self.interrupts = 0
        self.current = 0
        self.heading = ""
        self.code_cells = sum(cell.cell_type == "code" for cell in self.nb.cells)

    def on_signal(self):
        self.interrupts += 1
        if self.km is None:
            return
        if self.interrupts == 1:
            asyncio.ensure_future(self.km.interrupt_kernel())
        else:
            asyncio.ensure_future(self.km.shutdown_kernel(now=True))

    async def async_execute_cell(self, cell, cell_index, **options):
        # nbclient takes SIGINT for itself when it starts the kernel, and would end everything at once.
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self.on_signal)
        if self.interrupts:
            raise Stopped
        if cell.cell_type == "markdown":
            titles = [line.lstrip("# ") for line in cell.source.splitlines() if line.startswith("#")]
            self.heading = titles[-1] if titles else self.heading
        if cell.cell_type != "code":
            return await super().async_execute_cell(cell, cell_index, **options)
        self.current += 1
        tell(cell=self.current, of=self.code_cells, heading=self.heading)
        try:
            return await super().async_execute_cell(cell, cell_index, **options)
        except CellExecutionError as error:
            if self.interrupts:
                raise Stopped from error
            raise Failed(f"{error.ename}: {error.evalue}") from error
        except (DeadKernelError, RuntimeError) as error:
            if self.interrupts:
                raise Stopped from error
            raise Failed("The kernel died; memory may have run out. Try a smaller --batch-size or model.") from error


def end_with_parent(runner):
    sys.stdin.buffer.read()
    kernel = getattr(runner.km, "provisioner", None)
    if kernel is not None and kernel.pid:
        # It leads a group of its own, with all that it has started.
        os.killpg(kernel.pid, signal.SIGKILL)
    os._exit(1)


async def run(source, folder, kernel_output):
    notebook = nbformat.read(source, as_version=4)
    runner = Runner(
        notebook,
        kernel_name=KERNEL,
        timeout=None,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": folder}},
    )
    runner.start()
    threading.Thread(target=end_with_parent, args=[runner], daemon=True).start()
    failure = None
    try:
        with open(kernel_output, "w", encoding="utf-8") as native:
            await runner.async_execute(stdout=native, stderr=native)
        if runner.interrupts:
            raise Stopped
    except (Stopped, Failed) as error:
        failure = error
    return notebook, runner, failure


def main():
    source, folder, executed, failed, html, kernel_output = sys.argv[1:]
    notebook, runner, failure = asyncio.run(run(source, folder, kernel_output))
    if failure is not None:
        # Why it ended matters more than the notebook as far as it came.
        with contextlib.suppress(DiskFull):
            write_whole(failed, nbformat.writes(notebook) + "\n")
        if isinstance(failure, Stopped):
            tell(stopped=runner.current, heading=runner.heading)
            return 130
        tell(failed=runner.current, heading=runner.heading, error=str(failure))
        return 1
    from export import page

    try:
        write_whole(html, page(notebook))
        write_whole(executed, nbformat.writes(notebook) + "\n")
    except DiskFull as full:
        tell(unwritten=f"{full}: expected room on the disk for it, got a full one. Make room and go on.")
        return 1
    tell(done=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
